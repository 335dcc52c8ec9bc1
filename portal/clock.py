"""The only source of "now", and the time zone in which people and the law count days.

Instants are aware datetimes in UTC; days are dates in America/Lima.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LIMA = ZoneInfo("America/Lima")

_shift: ContextVar[timedelta] = ContextVar("clock_shift", default=timedelta())
_is_unread: ContextVar[bool] = ContextVar("clock_is_unread", default=False)


def now() -> datetime:
    """Return the present instant in UTC, to the second's fraction."""
    if _is_unread.get():
        raise RuntimeError("what is kept for other moments may not hold this one")
    return _on_the_wall() + _shift.get()


def _on_the_wall() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """Return the present day in Lima."""
    return now().astimezone(LIMA).date()


def local(instant: datetime) -> datetime:
    """Return an instant as the wall clock in Lima shows it."""
    return instant.astimezone(LIMA)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let the work inside happen as if it were `instant`; only the demonstration and tests may.

    The clock goes on running from there, and only for the current thread.
    """
    token = _shift.set(instant - _on_the_wall())
    try:
        yield
    finally:
        _shift.reset(token)


@contextmanager
def unread() -> Iterator[None]:
    """Refuse to tell the time inside: what is made there is kept for other moments."""
    token = _is_unread.set(True)
    try:
        yield
    finally:
        _is_unread.reset(token)
