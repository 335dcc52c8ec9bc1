"""Goal 20: every page has its headers, no private page may be kept, no host outside is asked."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from tests.security.crawling import walk
from tests.security.ground import Ground, Measure
from tests.webclient import SAME_ORIGIN

GOAL = "20 headers, caches, outside hosts"
# Written here a second time, on purpose: what the code says of itself proves nothing.
EXPECTED = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "report-to policy"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What somebody filed is handed out, never shown: it may load, run and send nothing at all.
FILED = EXPECTED | {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'"
}
FILES = ("application/pdf", "image/")
LOADS = {"src", "srcset", "action", "formaction", "poster", "data"}


class _Hosts(HTMLParser):
    """Finds what a page would load or send elsewhere, and code that stands in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _value in attrs}
        if tag == "style" or (tag == "script" and "src" not in names) or "style" in names:
            self.found.append(f"inline {tag}")
        for name, value in attrs:
            loads = name in LOADS or (name == "href" and tag in ("link", "base"))
            if name.startswith("on") or (loads and urlsplit(value or "").netloc):
                self.found.append(f"{tag} {name}={value}")


def wrong_with(answer: TestResponse) -> list[str]:
    """Return what an answer's headers lack, and what its page has that it must not."""
    is_file = (answer.mimetype or "").startswith(FILES)
    filed = is_file and answer.request.path.startswith("/documents/")
    expected = FILED if filed else EXPECTED
    found = [name for name, value in expected.items() if answer.headers.get(name) != value]
    if "Permissions-Policy" not in answer.headers:
        found.append("Permissions-Policy")
    if "no-store" not in answer.headers.get("Cache-Control", ""):
        found.append("may be kept")
    found += [name for name in ("ETag", "Last-Modified") if name in answer.headers]
    if "Cookie" not in answer.headers.get("Vary", ""):
        found.append("does not vary by cookie")
    if answer.mimetype == "text/html":
        parser = _Hosts()
        parser.feed(answer.get_data(as_text=True))
        found += parser.found
    return found


def others(ground: Ground) -> list[tuple[str, TestResponse]]:
    """Return answers that no walk meets: refusals, redirects, probes, over TLS."""
    client, secure = ground.anybody().client, {"base_url": "https://localhost"}
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/login", {}),
        ("GET", "/cases", {}),
        ("GET", "/nowhere", {}),
        ("GET", "/healthz", {}),
        ("GET", "/readyz", {}),
        ("POST", "/login", {"headers": {"Sec-Fetch-Site": "cross-site"}}),
        ("POST", "/login", {"headers": SAME_ORIGIN}),
        ("POST", "/login", {"headers": SAME_ORIGIN, "data": b"x" * 2_100_000}),
        ("DELETE", "/login", {"headers": SAME_ORIGIN}),
        ("OPTIONS", "/login", {}),
        ("HEAD", "/login", {}),
        ("GET", "/login", secure),
    ]
    return [(f"{m} {url}", client.open(url, method=m, **options)) for m, url, options in asked]


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many pages each account opens at most."""
    answers = others(ground)
    for account in ground.accounts():
        pages = walk(ground.browser(account), most=size, each=4)
        answers += [(f"{account} {page.url}", page.answer) for page in pages]
    faults = [f"{name}: {fault}" for name, answer in answers for fault in wrong_with(answer)]
    if "Strict-Transport-Security" not in dict(answers)["GET /login"].headers:
        faults.append("no HSTS over TLS")
    pages_seen = sum(answer.mimetype == "text/html" for _name, answer in answers)
    return Measure(
        GOAL,
        "100 % of pages; 0 without no-store; 0 outside hosts",
        f"{len({fault.split(':')[0] for fault in faults})} of {pages_seen:,} pages at fault",
        not faults,
        tuple(re.sub(r"\s+", " ", fault) for fault in dict.fromkeys(faults)),
    )
