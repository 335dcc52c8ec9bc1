"""A person's terms as a calendar that other programs read (RFC 5545): days, and nothing else.

What leaves the portal says "plazo en Articula" on a day: no case, no institution, no child, not
even how many (SECURITY 5.8).
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from portal import clock
from portal.actor import Actor
from portal.texts import _

DaysOf = Callable[[Session, Actor, date], Collection[date]]
AHEAD, BEHIND = timedelta(days=366), timedelta(days=31)
LINE_BYTES = 75

_sources: dict[str, DaysOf] = {}


def add_days(name: str, ask: DaysOf) -> None:
    """Register a context's days; the factory enters every context's `due_days`."""
    _sources[name] = ask


def days_of(session: Session, actor: Actor) -> set[date]:
    """Return the days of a year ahead, and of a month back, on which something is due."""
    today = clock.today()
    until = today + AHEAD
    found = {day for ask in _sources.values() for day in ask(session, actor, until)}
    return {day for day in found if day >= today - BEHIND}


def as_calendar(owner: UUID, days: Collection[date], at: datetime) -> str:
    """Return days as a calendar made at a moment; each keeps its mark, so that none doubles."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Articula//Articula//ES",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Articula",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    for day in sorted(days):
        lines += _event(owner, day, at)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(owner: UUID, day: date, at: datetime) -> list[str]:
    mark = hashlib.sha256(f"{owner}{day}".encode()).hexdigest()[:32]
    return [
        "BEGIN:VEVENT",
        f"UID:{mark}@articula",
        f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        "SUMMARY:" + _("term in Articula"),
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _folded(line: str) -> Iterator[str]:
    """Cut a line into pieces of at most 75 bytes, between characters (RFC 5545, 3.1)."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > LINE_BYTES:
            yield piece
            piece = " "
        piece += letter
    yield piece
