"""What every story in the browser does: press, follow, look until the worker has done its part."""

import re
import time
from collections.abc import Callable

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect
from sqlmodel import col

from portal import clock
from portal.db import Database
from portal.events.models import Task
from tests.serving import Site

SignIn = Callable[..., Page]
PHONE = 360
# The worker looks every minute at what is due; the machine that runs this may be slow.
LOOKS_WITHIN_S = 100
LOOKS_EVERY_MS = 300


def press(page: Page, name: str) -> None:
    """Press the button of the page's content that says so."""
    page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    """Follow the link of the page's content that says so."""
    page.locator("main").get_by_role("link", name=name, exact=True).first.click()


def look_until(page: Page, url: str, wanted: Callable[[Page], Locator]) -> Locator:
    """Open a page until what the worker brings stands on it; return that."""
    until = time.monotonic() + LOOKS_WITHIN_S
    page.goto(url)
    while not wanted(page).count() and time.monotonic() < until:
        page.wait_for_timeout(LOOKS_EVERY_MS)
        page.goto(url)
    expect(wanted(page).first).to_be_visible()
    return wanted(page).first


def notice(page: Page, text: str) -> Locator:
    """Look at one's notices until one says so; return it."""
    return look_until(page, "/notices", lambda each: each.get_by_text(text))


def hasten(site: Site, work: str) -> None:
    """Let the worker's next turn at a periodic work come at once."""
    db = Database(f"sqlite:///{site.folder / 'portal.db'}")
    with db.write() as session:
        waits = sa.and_(col(Task.name) == work, col(Task.done_at).is_(None))
        session.execute(sa.update(Task).where(waits).values(due_at=clock.now()))
    db.dispose()
