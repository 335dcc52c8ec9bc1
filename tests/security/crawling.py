"""Walking the portal as a person does: every link and every form that a page offers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.webclient import Browser

LEAVES = ("/logout", "/me/acting", "/me/sign-ins", "/static/")
MOST_OF_A_RULE = 12


@dataclass
class Sent:
    """A form that a page offers: where it goes, what stands in its fields, which are chosen."""

    method: str
    action: str
    page: str
    fields: dict[str, str] = field(default_factory=dict)
    chosen: set[str] = field(default_factory=set)

    @property
    def typed(self) -> list[str]:
        """Return the names of the fields in which a person writes."""
        return [name for name in self.own if name not in self.chosen]

    @property
    def own(self) -> list[str]:
        """Return the fields that a person fills in."""
        return [name for name in self.fields if not name.startswith("_")]


@dataclass
class Page:
    """A page that answered: its address, its answer, what it links to and what it asks."""

    url: str
    answer: TestResponse
    links: list[str]
    forms: list[Sent]


class _Reader(HTMLParser):
    """Collects links, forms and what their fields hold."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.links: list[str] = []
        self.forms: list[Sent] = []
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(_path(self.url, given["href"]))
        elif tag == "form":
            action = _path(self.url, given.get("action") or self.url)
            self.forms.append(Sent(given.get("method", "get").lower(), action, self.url))
        elif tag in ("input", "textarea", "select", "button") and self.forms:
            self._take(tag, given)
        elif tag == "option" and self.select and self.forms:
            self._choose(given)

    def _take(self, tag: str, given: dict[str, str]) -> None:
        name, fields = given.get("name", ""), self.forms[-1].fields
        self.select = name if tag == "select" else ""
        if not name:
            return
        if tag == "select" or given.get("type") in ("radio", "checkbox", "hidden"):
            self.forms[-1].chosen.add(name)
        if given.get("type") in ("radio", "checkbox"):
            fields.setdefault(name, given.get("value", "1"))
        else:
            fields[name] = given.get("value", "")

    def _choose(self, given: dict[str, str]) -> None:
        fields = self.forms[-1].fields
        if not fields.get(self.select) or "selected" in given:
            fields[self.select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""


def _path(base: str, link: str) -> str:
    """Return a link as a path of this portal, or an empty text where it leads elsewhere."""
    joined = urldefrag(urljoin(f"http://localhost{base}", link)).url
    parts = urlsplit(joined)
    if parts.netloc != "localhost" or parts.scheme != "http":
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def read(url: str, answer: TestResponse) -> Page:
    """Return what an answer links to and asks."""
    reader = _Reader(url)
    if answer.mimetype == "text/html":
        reader.feed(answer.text)
    return Page(url, answer, [link for link in reader.links if link], reader.forms)


def rule_of(browser: Browser, url: str, method: str = "GET") -> Rule | None:
    """Return the rule that an address matches, or None."""
    adapter = browser.app.url_map.bind("localhost")
    try:
        rule, _arguments = adapter.match(urlsplit(url).path, method=method, return_rule=True)
    except Exception:
        return None
    return rule


def walk(
    browser: Browser, *, start: str = "/", most: int = 400, each: int = MOST_OF_A_RULE
) -> Iterator[Page]:
    """Open every page that can be reached by links, at most some of each rule."""
    seen, waiting, counts = {start}, [start], dict[str, int]()
    while waiting and most:
        url = waiting.pop(0)
        most -= 1
        found = read(url, browser.get(url))
        yield found
        offered = [*found.links, *(form.action for form in found.forms if form.method == "get")]
        for link in offered:
            if link in seen or link.startswith(LEAVES):
                continue
            seen.add(link)
            rule = rule_of(browser, link)
            if rule is None:
                continue
            counts[rule.rule] = counts.get(rule.rule, 0) + 1
            if counts[rule.rule] <= each:
                waiting.append(link)


KEYS = re.compile(r'(name="_key" value=")[^"]*')


def without_keys(text: str) -> str:
    """Return a page without the random marks of its forms."""
    return KEYS.sub(r"\1", text)
