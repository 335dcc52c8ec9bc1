"""Goal 3: what is not there and what is not yours answer alike: status, length, headers, time."""

import statistics
import time
from uuid import UUID

from werkzeug.test import TestResponse

from portal.db import new_id
from tests.security.crawling import rule_of, walk, without_keys
from tests.security.ground import Ground, Measure
from tests.webclient import Browser

GOAL = "3 absent = invisible"
STRANGER = "ajena-worker"
INSIDERS = ("upe", "turno", "defensoria", "alcaldia", "reniec", "salud")
SMALL = ("upe", "turno", "defensoria")
AGAIN = 3
TIMED_PAGES = 60
MOST_RATIO = 1.2


def hidden(ground: Ground, most: int) -> dict[str, list[str]]:
    """Return addresses that insiders open and the stranger does not, by rule."""
    stranger, found = ground.browser(STRANGER), dict[str, list[str]]()
    for insider in SMALL if ground.is_small else INSIDERS:
        for page in walk(ground.browser(insider), most=most, each=5):
            rule = rule_of(stranger, page.url)
            if rule is None or not rule.arguments or page.answer.status_code != 200:
                continue
            url = page.url.split("?")[0]
            if url not in found.get(rule.rule, []) and stranger.get(url).status_code == 404:
                found.setdefault(rule.rule, []).append(url)
    return found


def absent_like(url: str) -> str:
    """Return an address of the same form that names nothing."""
    return "/".join(_absent(part) for part in url.split("/"))


def _absent(part: str) -> str:
    try:
        UUID(part)
    except ValueError:
        return part[:-4] + "ZZZZ" if part.count("-") >= 2 else part
    return str(new_id())


def differences(one: TestResponse, two: TestResponse) -> list[str]:
    """Return in what two answers differ."""
    found = []
    if one.status_code != two.status_code:
        found.append(f"status {one.status_code} and {two.status_code}")
    first, second = without_keys(one.text), without_keys(two.text)
    if len(first) != len(second) or first != second:
        found.append("body")
    if sorted(one.headers.items()) != sorted(two.headers.items()):
        found.append("headers")
    return found


def timed(browser: Browser, url: str) -> float:
    """Return the seconds that an answer takes."""
    started = time.perf_counter()
    browser.client.get(url)
    return time.perf_counter() - started


def ratio(browser: Browser, url: str, pairs: int) -> float:
    """Return the median time of a hidden record over that of an absent one, or its inverse."""
    there: list[float] = []
    nowhere: list[float] = []
    for number in range(pairs):
        absent = absent_like(url)
        order = ((there, url), (nowhere, absent))
        for times, asked in order if number % 2 else reversed(order):
            times.append(timed(browser, asked))
    one, two = statistics.median(there), statistics.median(nowhere)
    return max(one, two) / min(one, two)


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal without timings; `size` is how many addresses of a rule are compared."""
    stranger, faults, count = ground.browser(STRANGER), [], 0
    for rule, urls in hidden(ground, 30 * size).items():
        for url in urls[:size]:
            count += 1
            pair = (stranger.get(url), stranger.get(absent_like(url)))
            faults += [f"{rule}: {each}" for each in differences(*pair)]
    return Measure(
        GOAL,
        "status, length, headers and page equal",
        f"{len(faults)} of {count} pairs differ",
        not faults and count > 0,
        tuple(dict.fromkeys(faults)),
    )


def check_time(ground: Ground, *, size: int) -> Measure:
    """Measure the time; `size` is how many pairs of each rule are timed."""
    stranger, worst, where = ground.browser(STRANGER), 1.0, ""
    short = [each for each in hidden(ground, TIMED_PAGES).items() if each[0].count("<") == 1]
    for rule, urls in [each for each in short if each[0].endswith(">")]:
        # What a busy machine adds comes and goes; a difference of ours stays.
        found = ratio(stranger, urls[0], size)
        for _time in range(AGAIN):
            if found > MOST_RATIO:
                found = min(found, ratio(stranger, urls[0], size))
        if found > worst:
            worst, where = found, rule
    return Measure(
        "3 absent = invisible: time",
        f"median ratio ≤ {MOST_RATIO} over {size} pairs of each kind",
        f"at most {worst:.2f}",
        worst <= MOST_RATIO,
        (where,),
    )
