"""The demonstration served by its own process, and people in a real browser."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from portal.demo.people import PASSWORD

STARTED_WITHIN_S = 60
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 20_000


def portal(folder: Path, *arguments: str) -> list[str]:
    """Return the command line of the portal."""
    return [sys.executable, "-m", "portal", *arguments]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a portal whose data lie in a folder of the test's own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}
    return {**kept, "PORTAL_DATA_DIR": str(folder), "PORTAL_WEAK_HASH": "1"}


@dataclass(frozen=True)
class Site:
    """A demonstration that is being served: its address and its folder."""

    url: str
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the portal on this instance, as its operator would."""
        return subprocess.run(
            portal(self.folder, *arguments),
            env={**environment(self.folder), "PORTAL_MODE": "demo"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a demonstration just made; each site serves a copy."""
    folder = tmp_path_factory.mktemp("demonstration")
    made = subprocess.run(
        portal(folder, "demo", "--prepare"),
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return folder


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """Serve a demonstration's folder on loopback until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "served.log").open("w") as log:
        process = subprocess.Popen(
            portal(folder, "demo", "--port", str(port)),
            env=environment(folder),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", process)
            yield Site(f"http://127.0.0.1:{port}", folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until an address answers; fails where the process ended before."""
    until = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < until:
        assert process.poll() is None, "the portal ended before it served"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail("the portal did not answer")


@pytest.fixture(scope="module")
def site(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a site of the module's own."""
    folder = tmp_path_factory.mktemp("site") / "data"
    shutil.copytree(prepared, folder)
    with serving(folder) as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return Debian's Chromium; where CI runs, that it is missing is a failure."""
    path = shutil.which("chromium")
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
        """Sign an account in with the demonstration's password, in Spanish."""
        page = self.visitor(width, **options)
        page.goto("/login")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.click("main form button[type=submit] >> nth=0")
        page.wait_for_selector("nav.side", state="attached")
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
