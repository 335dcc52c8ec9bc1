"""Goal 12: a clock set an hour back, a day ahead or back again revives nobody and moves no term."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from portal import audit, clock
from portal.actor import system_actor
from portal.audit import chain
from portal.audit.models import AuditLink
from portal.cases.models import Term
from portal.db import new_id
from portal.doctor import of_clock
from portal.users.services import end_lapsed
from tests.security.ground import Ground, Measure
from tests.webclient import Browser

GOAL = "12 the clock"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ACCOUNT = "upe"


def terms(ground: Ground) -> list[tuple[Any, ...]]:
    """Return every term as it is kept."""
    with ground.db.read() as session:
        found = session.execute(sa.select(Term.__table__).order_by(col(Term.id)))
        return [tuple(row) for row in found]


def opens(browser: Browser, at: datetime) -> bool:
    """Tell whether a browser is still signed in at an hour."""
    with clock.at(at):
        return browser.get("/cases").status_code == 200


def revived(ground: Ground) -> list[str]:
    """Return which sign-in came back to life, in each way that a clock may jump."""
    now, found = clock.now(), []
    idle, jumps = ground.sign_in(ACCOUNT), ground.sign_in(ACCOUNT)
    settings = ground.settings
    if not opens(idle, now):
        found.append("the sign-in did not even hold before")
    if opens(jumps, now - HOUR):
        found.append("seen an hour later than now")
    if opens(idle, now + DAY):
        found.append("a day later")
    with clock.at(now + HOUR), ground.db.write() as session:
        end_lapsed(
            session,
            idle=timedelta(minutes=settings.idle_minutes),
            absolute=timedelta(hours=settings.absolute_hours),
        )
    if opens(idle, now):
        found.append("idled, then the clock was put back")
    return found


def out_of_order(ground: Ground, size: int) -> list[str]:
    """Write under a clock that jumps, linking at each step; return what lost its place."""
    written = []
    for number in range(size):
        shift = (-HOUR, timedelta(), DAY, -DAY)[number % 4]
        with clock.at(clock.now() + shift), ground.db.write() as session:
            written.append(audit.record(session, system_actor(), "test.act", new_id()).id)
        with ground.db.write() as session:
            audit.link_entries(session)
    with ground.db.read() as session:
        order = session.scalars(
            sa.select(col(AuditLink.entry_id))
            .where(col(AuditLink.entry_id).in_(written))
            .order_by(col(AuditLink.seq))
        ).all()
    faults = [] if list(order) == written else ["the trail lost its order"]
    return faults if chain.verify(ground.db) is None else [*faults, "the trail does not verify"]


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many entries are written under a jumping clock."""
    before = terms(ground)
    faults = revived(ground)
    faults += out_of_order(ground, size)
    with ground.db.read() as session, clock.at(clock.now() - HOUR):
        if not of_clock(session):
            faults.append("no warning that the clock stands before the trail")
    if terms(ground) != before:
        faults.append("a term moved")
    return Measure(
        GOAL,
        "0 revived, 0 terms moved, order kept, warning said",
        f"{len(faults)} faults in {size + 5} steps",
        not faults,
        tuple(faults),
    )
