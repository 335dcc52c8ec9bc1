"""The demonstration served by its own process, and people in a real browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from portal.demo.people import PASSWORD
from tests.browser.again import put_back
from tests.serving import DEMO, Operator, Site
from tests.webclient import HIDDEN, SAME_ORIGIN

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 20_000
# How slow a machine is fails no story: what is expected has as long as what is waited for.
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def served(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return the site that the stories of this process are told on, one module after another."""
    folder = tmp_path_factory.mktemp("site") / "data"
    shutil.copytree(prepared, folder)
    with Operator(folder, DEMO, is_forking=True).serving("demo") as serving:
        yield serving


@pytest.fixture(scope="module")
def site(served: Site, prepared: Path) -> Iterator[Site]:
    """Return a site as if it were the module's own: nothing is on it of the module before."""
    yield served
    put_back(served, prepared)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return Debian's Chromium, without the frame of a window where it is to be had.

    That it is missing is a failure where CI runs.
    """
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing: .ci/run installs it")
        pytest.skip("chromium is not installed here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class People:
    """Opens a browser for each account; at the end nothing may have gone wrong in any."""

    browser: Browser
    site: Site
    complaints: list[str]

    def sign_in(self, username: str, width: int = 1280, **options: object) -> Page:
        """Sign an account in with the demonstration's password, in Spanish; no page is open yet.

        The form is sent as the browser would, which `test_sign_in` has do it.
        """
        page = self.visitor(width, **options)
        marks = dict(HIDDEN.findall(page.request.get("/login").text()))
        given = {**marks, "username": username, "password": PASSWORD}
        answer = page.request.post("/login", form=given, headers=SAME_ORIGIN, max_redirects=0)
        assert (answer.status, answer.headers["location"]) == (303, "/")
        return page

    def visitor(self, width: int = 1280, **options: object) -> Page:
        """Return a page that nobody is signed in on."""
        context = self.browser.new_context(
            base_url=self.site.url,
            locale="es-PE",
            viewport={"width": width, "height": 900},
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)


@pytest.fixture
def people(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Return a maker of signed-in pages; errors in any console fail the test."""
    opened = People(chromium, site, [])
    yield opened.sign_in
    for context in chromium.contexts:
        context.close()
    assert opened.complaints == []


@pytest.fixture
def visitor(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Return a maker of pages on which nobody is signed in."""
    opened = People(chromium, site, [])
    yield opened.visitor
    for context in chromium.contexts:
        context.close()
    assert opened.complaints == []
