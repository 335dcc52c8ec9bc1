"""What every story in the browser does: press, follow, look until the worker has done its part."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect
from sqlmodel import col

from portal import clock
from portal.db import Database, WritingSession
from portal.events.models import Task
from tests.serving import Site

SignIn = Callable[..., Page]
PHONE = 360
SOON_S = 20
# The worker looks every minute at what is due; the machine that runs this may be slow.
A_MINUTE_S = 90
LOOKS_EVERY_MS = 300


def press(page: Page, name: str) -> None:
    """Press the button of the page's content that says so."""
    page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    """Follow the link of the page's content that says so."""
    page.locator("main").get_by_role("link", name=name, exact=True).first.click()


def look_until(
    page: Page, url: str, wanted: Callable[[Page], Locator], *, within_s: int = SOON_S
) -> Locator:
    """Open a page until what the worker brings stands on it; return that."""
    until = time.monotonic() + within_s
    page.goto(url)
    while not wanted(page).count() and time.monotonic() < until:
        page.wait_for_timeout(LOOKS_EVERY_MS)
        page.goto(url)
    expect(wanted(page).first).to_be_visible()
    return wanted(page).first


def notice(page: Page, text: str, *, within_s: int = SOON_S) -> Locator:
    """Look at one's notices until one says so; return it."""
    return look_until(page, "/notices", lambda each: each.get_by_text(text), within_s=within_s)


@contextmanager
def writing(site: Site) -> Iterator[WritingSession]:
    """Write into the database of a site for a block, as days that pass or other people would."""
    db = Database(f"sqlite:///{site.folder / 'portal.db'}")
    with db.write() as session:
        yield session
    db.dispose()


def hasten(site: Site, work: str) -> None:
    """Let the worker's next turn at a periodic work come at once."""
    with writing(site) as session:
        waits = sa.and_(col(Task.name) == work, col(Task.done_at).is_(None))
        session.execute(sa.update(Task).where(waits).values(due_at=clock.now()))
