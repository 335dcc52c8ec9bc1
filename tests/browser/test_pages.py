"""Every page that each role reaches: accessible, no wider than the device, quiet in the console.

What the content policy refuses is an error of the console, so that no page causes a report.
"""

import re
import shutil
import time
from collections.abc import Callable, Container
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Response

from tests.browser.accessible import violations
from tests.browser.conftest import FLAGS
from tests.browser.encrypted import encrypted, make_certificate
from tests.browser.steps import SignIn
from tests.serving import Site

pytestmark = pytest.mark.browser

MOST_PAGES = 40
NARROWEST = 320
# One page of each kind is looked at: addresses that differ in their codes only are one kind.
CODE = re.compile(r"\d|^[A-Z-]+$")
ACCOUNTS = (
    "salud", "turno", "upe", "cuidado", "adminupe", "defensoria", "reniec", "demuna", "plataforma",
    "auditor", "datosupe", "inpe", "datosinpe",
)  # fmt: skip


def kind_of(url: str) -> str:
    """Return an address with whatever is peculiar to one record left out."""
    parts = urlsplit(url).path.strip("/").split("/")
    return "/".join("*" if CODE.search(part) else part for part in parts)


class Html(HTMLParser):
    """What a page says of itself before a browser has read it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.headings = 0
        self.refused: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link, a first heading, and what the content policy would refuse."""
        given = dict(attrs)
        self.headings += tag == "h1"
        href = given.get("href")
        if tag == "a" and href and "download" not in given:
            self.links.append(href)
        self.refused += [f"{tag} {name}" for name in given if name == "style" or name[:2] == "on"]
        if tag == "style" or (tag == "script" and "src" not in given and "type" not in given):
            self.refused.append(tag)


def own_pages(url: str, html: Html) -> list[str]:
    """Return the addresses that a page links to and that are the portal's own pages."""
    found = [urldefrag(urljoin(url, link)).url for link in html.links]
    own = urlsplit(url).netloc
    return [
        each
        for each in found
        if urlsplit(each).netloc == own and not urlsplit(each).path.endswith((".pdf", "/logout"))
    ]


def crawl(page: Page, looked: Container[str], look: Callable[[Page], None]) -> int:
    """Reach one page of each kind from home, breadth first; look at home and at what is new.

    What was looked at for an earlier account is read without opening it: its links are followed,
    and it holds what the browser would complain of as little.
    """
    waiting, known = ["/"], {""}
    seen = 0
    while waiting and seen < MOST_PAGES:
        url = waiting.pop(0)
        answer: Response | APIResponse | None = None
        if kind_of(url) in looked:
            answer = page.request.get(url)
        if answer is None or kind_of(answer.url) not in looked:
            answer = page.goto(url)
            look(page)
        assert answer is not None
        assert answer.status < 400, (answer.url, answer.status)
        html = Html(answer.text())
        assert (html.headings, html.refused) == (1, []), answer.url
        seen += 1
        for link in own_pages(answer.url, html):
            if kind_of(link) not in known:
                known.add(kind_of(link))
                waiting.append(link)
    return seen


def complaints_of(page: Page) -> list[str]:
    """Return what axe finds and what is not right about the page's frame."""
    said = [f"{page.url} {each}" for each in violations(page)]
    if page.locator("h1").count() != 1:
        said.append(f"{page.url} has {page.locator('h1').count()} first headings")
    if not page.title().strip(" ·Articula"):
        said.append(f"{page.url} has no title of its own")
    return said


def too_wide(page: Page) -> str | None:
    """Return a complaint where something makes the page scroll sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    width = page.evaluate("document.documentElement.clientWidth")
    return f"{page.url} is {wide} px wide on {width}" if wide > width else None


@pytest.fixture(scope="module")
def looked() -> set[str]:
    """Return the kinds of pages that were looked at already, for one account or another."""
    return set()


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_page_is_accessible_and_fits(people: SignIn, account: str, looked: set[str]) -> None:
    page = people(account)
    said: list[str] = []

    def look(opened: Page) -> None:
        # Home is another page for each account.
        if kind_of(opened.url):
            looked.add(kind_of(opened.url))
        said.extend(complaints_of(opened))
        opened.set_viewport_size({"width": 360, "height": 740})
        said.extend(complaints_of(opened))
        opened.set_viewport_size({"width": NARROWEST, "height": 740})
        complaint = too_wide(opened)
        if complaint:
            said.append(complaint)
        opened.set_viewport_size({"width": 1280, "height": 900})

    seen = crawl(page, looked, look)
    assert seen > 2
    assert not said, "\n".join(said)


REPORTED_WITHIN_S = 20
INJECT = """() => {
    const injected = document.createElement("script");
    injected.textContent = "1";
    document.head.append(injected);
}"""


def test_what_the_policy_refuses_is_reported_by_the_browser(
    chromium: Browser, site: Site, tmp_path: Path
) -> None:
    """Browsers report over HTTPS only, and the one without the frame of a window not at all."""
    whole = shutil.which("chromium")
    if whole is None:
        pytest.skip("only the browser with the frame of a window reports")
    certificate, pin = make_certificate(tmp_path)
    flags = [*FLAGS, "--short-reporting-delay", f"--ignore-certificate-errors-spki-list={pin}"]
    with encrypted(certificate, urlsplit(site.url).port or 0) as url:
        browser = chromium.browser_type.launch(executable_path=whole, args=flags)
        page = browser.new_page()
        page.goto(f"{url}/login")
        assert "content policy" not in site.log.read_text()
        page.evaluate(INJECT)
        until = time.monotonic() + REPORTED_WITHIN_S
        while "content policy" not in site.log.read_text() and time.monotonic() < until:
            page.wait_for_timeout(200)
        browser.close()
    said = [line for line in site.log.read_text().splitlines() if "content policy" in line]
    assert said == ["content policy: script-src-elem kept inline from /login"]
