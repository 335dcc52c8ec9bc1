"""Goal 1: every route and field is sent what nobody means well; nothing fails, nothing echoes."""

import inspect
import logging
import re
import secrets
import sys
from html.parser import HTMLParser
from itertools import cycle
from typing import Any
from urllib.parse import quote_from_bytes, urlencode, urlsplit

from werkzeug.test import TestResponse

from tests.security.crawling import Sent, rule_of, walk
from tests.security.ground import Ground, Measure
from tests.security.strings import MARK, PRODUCT, STRINGS
from tests.webclient import SAME_ORIGIN, Browser

GOAL = "1 hostile input"
ROUNDS = 2
MOST, EACH = 120, 3
ARGUMENT = re.compile(r"(?:args|values|choose)[^\n\"']*[\"'](\w+)[\"']")
PART = re.compile(r"<[^>]+>")
IDENTIFIER = re.compile(r"<uuid:[^>]+>")
NOWHERE = "01a20a25-76c7-71ba-82a7-fa585f65fe25"
# Addresses that take identifiers only, and those no page of which shows a form, share the texts:
# the router refuses the first alike, and of the others nobody knows the fields.
SHARED = 8
# One text of so many is sent in a field by itself.
ALONE = 4
REPEATED = re.compile(r"^(\w+)-\d+-(\w+)$")
# What leaves the account another one, or the ground poorer, once it is accepted.
SIGNS_ANEW = ("/staff-session", "/lock", "/logout", "/me/acting", "/me/password")
ENDS = re.compile(
    r"/(off|end|end-all|suspend|leave|move|close|archive|withdraw|cancel|retire|discharge)\b"
)
HEADERS = (
    "Accept-Language",
    "Cookie",
    "Host",
    "Origin",
    "Referer",
    "Sec-Fetch-Site",
    "User-Agent",
    "X-Forwarded-For",
)
FORM = "application/x-www-form-urlencoded"


class _Markup(HTMLParser):
    """Finds markup that only a text of ours could have put into a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if MARK in tag:
            self.found = f"<{tag}>"
        for name, value in attrs:
            starts = (value or "").strip().lower()
            led = name in ("href", "src", "action", "formaction") and MARK in starts
            if name.startswith("on") or (led and starts.startswith(("javascript:", "data:", "//"))):
                self.found = f"{name}={value}"


def echo_in(answer: TestResponse) -> str:
    """Return what of a hostile text took effect in an answer; empty where nothing did."""
    if "X-Injected" in answer.headers or f"{MARK}=1" in answer.headers.get("Set-Cookie", ""):
        return "a header was injected"
    location = answer.headers.get("Location", "")
    if urlsplit(location).netloc not in ("", "localhost"):
        return f"leads to {location[:60]}"
    body = answer.get_data()
    if PRODUCT.encode() in body:
        return "a template was evaluated"
    if MARK.encode() not in body or answer.mimetype != "text/html":
        return ""
    parser = _Markup()
    parser.feed(answer.get_data(as_text=True))
    return parser.found


class _Heard(logging.Handler):
    """Keeps what the portal last said of a failure, for the report."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        self.last = f"{type(error).__name__}: {str(error)[:120]} at {where}"


class Attack:
    """A run of hostile requests, and what went wrong."""

    def __init__(self, ground: Ground, strings: dict[str, bytes]) -> None:
        self.ground, self.strings = ground, strings
        self.count, self.failed, self.echoed = 0, 0, 0
        self.faults: list[str] = []
        self.forms_done: set[tuple[str, str]] = set()
        self.pages: dict[str, tuple[str, str]] = {}
        self.arguments: dict[str, set[str]] = {}
        self.heard = _Heard()
        log = logging.getLogger("portal")
        log.addHandler(self.heard)
        log.propagate = False

    def send(self, browser: Browser, method: str, url: str, **options: Any) -> TestResponse:
        """Send one request and look at its answer."""
        headers = {**SAME_ORIGIN, **options.pop("headers", {})}
        answer = browser.client.open(url, method=method, headers=headers, **options)
        self.count += 1
        if answer.status_code >= 500:
            self.failed += 1
            self.note(f"{method} {urlsplit(url).path[:90]}: {self.heard.last}")
        if said := echo_in(answer):
            self.echoed += 1
            self.note(f"{method} {url[:90]}: {said}")
        return answer

    def note(self, fault: str) -> None:
        """Keep a fault, and tell it at once: a run that is ended loses none."""
        if fault not in self.faults:
            self.tell(fault)
        self.faults.append(fault)

    def tell(self, what: str) -> None:
        """Say how far the run has come."""
        kind = self.ground.db.url.get_backend_name()
        sys.stderr.write(f"{kind}, {self.count:,} requests: {what}\n")

    def explore(self, *, most: int) -> list[tuple[str, Sent]]:
        """Walk as every account; return the forms not sent yet, and keep a page of each rule."""
        found: dict[tuple[str, str], tuple[str, Sent]] = {}
        for account in self.ground.accounts():
            browser = self.ground.browser(account)
            for page in walk(browser, most=most, each=EACH):
                rule = rule_of(browser, page.url)
                if rule is not None:
                    self.pages.setdefault(rule.rule, (account, page.url))
                for link in [page.url, *page.links]:
                    self._note_arguments(browser, link)
                for form in page.forms:
                    to = rule_of(browser, form.action, form.method.upper())
                    if to is None:
                        continue
                    if form.method == "get":
                        self.arguments.setdefault(to.rule, set()).update(form.own)
                        continue
                    known = found.get((form.method, to.rule))
                    if known is None or len(known[1].fields) < len(form.fields):
                        found[form.method, to.rule] = (account, form)
        fresh = {key: value for key, value in found.items() if key not in self.forms_done}
        self.forms_done |= fresh.keys()
        return sorted(fresh.values(), key=lambda each: bool(ENDS.search(each[1].action)))

    def _note_arguments(self, browser: Browser, link: str) -> None:
        query = urlsplit(link).query
        rule = rule_of(browser, link) if query else None
        if rule is not None:
            names = {pair.split("=")[0] for pair in query.split("&")}
            self.arguments.setdefault(rule.rule, set()).update(names)

    def form(self, account: str, form: Sent) -> None:
        """Send a form with each text in each field, the others as they stand or with it.

        Where one writes, each field meets each text while its neighbours have another one, and some
        of the texts alone, which what is wrong beside it cannot hide. What is chosen from a list
        takes no text at all: these fields are sent all at once, and with them the further rows of a
        list, whose first is tried by itself.
        """
        alone: dict[str, str] = {}
        for name in form.typed:
            alone.setdefault(REPEATED.sub(r"\1-\2", name), name)
        typed, texts = list(alone.values()), list(self.strings.values())
        others = [name for name in form.own if name not in typed]
        others += ["_version"] if "_version" in form.fields else []
        for turn in range(len(texts)):
            around = texts[turn:] + texts[:turn]
            self._send(account, form, dict(zip(typed, cycle(around), strict=False)))
            self._send(account, form, dict.fromkeys(others, texts[turn]))
        if len(typed) > 1:
            for place, name in enumerate(typed):
                for text in texts[place % ALONE :: ALONE]:
                    self._send(account, form, {name: text})

    def _send(self, account: str, form: Sent, hostile: dict[str, bytes]) -> None:
        """Send a form with some of its fields hostile; nothing where there is no such field."""
        if not hostile:
            return
        browser = self.ground.browser(account)
        sent: dict[str, Any] = {**form.fields, "_key": secrets.token_hex(8), **hostile}
        answer = self.send(browser, "POST", form.action, data=urlencode(sent), content_type=FORM)
        if answer.status_code == 303:
            self._after(account, form, answer)

    def _after(self, account: str, form: Sent, answer: TestResponse) -> None:
        """Take up a form again that was accepted: signed out or a new version of its record."""
        if "/login" in (answer.location or "") or form.action.startswith(SIGNS_ANEW):
            self.ground.browsers.pop(account, None)
            return
        if "_version" in form.fields:
            form.fields.update(self.ground.browser(account).marks(form.page))

    def sign_in_anew(self) -> list[str]:
        """Let everybody sign in again, who idled meanwhile; return their names."""
        self.ground.browsers.clear()
        return self.ground.accounts()


def attack(ground: Ground, strings: dict[str, bytes], *, most_pages: int) -> Attack:
    """Send every text to every form, argument, path and header; then look at every page again."""
    run = Attack(ground, strings)
    for turn in range(ROUNDS):
        # The first walk sees most; the other looks for what the forms before have made.
        for account, form in run.explore(most=most_pages // (turn + 1)):
            run.form(account, form)
    for send in (_arguments, _paths, _unseen, _headers, _documents):
        run.tell(f"now {send.__name__.strip('_')}")
        send(run)
    run.tell("now every page again")
    for account in ground.accounts():
        for page in walk(ground.sign_in(account), most=most_pages, each=EACH):
            run.count += 1
            if page.answer.status_code >= 500 or echo_in(page.answer):
                said = echo_in(page.answer) or run.heard.last
                run.note(f"afterwards {page.url}: {said}")
                run.echoed += 1
    return run


def _arguments(run: Attack) -> None:
    """Send each text as each argument that a page reads from its address."""
    run.sign_in_anew()
    for rule, (account, url) in run.pages.items():
        browser = run.ground.browser(account)
        endpoint = next(
            each.endpoint
            for each in run.ground.app.url_map.iter_rules()
            if each.rule == rule and "GET" in (each.methods or ())
        )
        module = inspect.getmodule(inspect.unwrap(run.ground.app.view_functions[endpoint]))
        named = set(ARGUMENT.findall(inspect.getsource(module))) if module else set()
        view = inspect.getsource(inspect.unwrap(run.ground.app.view_functions[endpoint]))
        names = run.arguments.get(rule, set()) | {name for name in named if f'"{name}"' in view}
        for name in sorted(names):
            for text in run.strings.values():
                query = urlencode({name: text})
                if len(query) < 60_000:
                    run.send(browser, "GET", f"{urlsplit(url).path}?{query}")


def _paths(run: Attack) -> None:
    """Send each text as the parts of an address that take one.

    Where there is none but identifiers, some of the texts are sent in their place.
    """
    anybody = run.sign_in_anew()[0]
    rules = {each.rule for each in run.ground.app.url_map.iter_rules() if each.arguments}
    for number, rule in enumerate(sorted(rules)):
        browser = run.ground.browser(run.pages.get(rule, (anybody, ""))[0])
        address, texts = IDENTIFIER.sub(NOWHERE, rule), list(run.strings.values())
        if not PART.search(address):
            address, texts = rule, texts[number % SHARED :: SHARED]
        for text in texts:
            part = quote_from_bytes(text[:2000], safe="")
            run.send(browser, "GET", PART.sub(lambda _found, part=part: part, address))  # type: ignore[misc]


def _unseen(run: Attack) -> None:
    """Send each text to the addresses that take a form which no page showed, as one after another.

    All of the names that forms have in common carry it, for the institution that is acted for.
    """
    people = cycle([(name, run.ground.account(name)[1]) for name in run.sign_in_anew()])
    done = {rule for _method, rule in run.forms_done}
    rules = {
        each.rule for each in run.ground.app.url_map.iter_rules() if "POST" in (each.methods or ())
    }
    for number, rule in enumerate(sorted(rules - done)):
        url = PART.sub(NOWHERE, rule)
        texts = list(run.strings.values())[number % SHARED :: SHARED]
        for text in texts if not url.startswith(SIGNS_ANEW) else ():
            name, agency = next(people)
            names = ("_path", "username", "password", "next", "reason", "_add")
            sent = {**dict.fromkeys(names, text), "_agency": agency.id if agency else ""}
            browser = run.ground.browser(name)
            run.send(browser, "POST", url, data=urlencode(sent), content_type=FORM)


def _headers(run: Attack) -> None:
    """Send each text as each header that something reads."""
    for name in HEADERS:
        for text in run.strings.values():
            value = text[:4000].decode("latin-1").translate({10: " ", 13: " ", 0: " "})
            run.send(run.ground.anybody(), "GET", "/login", headers={name: value})


def _documents(run: Attack) -> None:
    """Send each text as a body of another kind than a form's."""
    browser = run.ground.browser(run.sign_in_anew()[0])
    kinds = ("application/json", "multipart/form-data; boundary=x", "text/xml", "")
    for rule in {each.rule for each in run.ground.app.url_map.iter_rules() if not each.arguments}:
        for number, text in enumerate(run.strings.values()):
            if len(text) < 60_000 and number % 6 == 0 and not rule.startswith("/logout"):
                kind = kinds[number // 6 % len(kinds)]
                run.send(browser, "POST", rule, data=text, content_type=kind)


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many of the texts are sent (all: 60 and more)."""
    chosen = dict(list(STRINGS.items())[:: max(1, len(STRINGS) // size)])
    run = attack(ground, chosen, most_pages=MOST if size >= len(STRINGS) else 6)
    return Measure(
        GOAL,
        "20,000 requests, 0 failures, 0 echoes" if size >= len(STRINGS) else "0 failures, 0 echoes",
        f"{run.count:,} requests, {run.failed} failures, {run.echoed} echoes",
        not run.faults and (size < len(STRINGS) or run.count >= 20_000),
        tuple(dict.fromkeys(run.faults)),
    )
