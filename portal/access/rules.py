"""Decisions about the roster without a database: telephones, gaps and weeks."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from portal import clock

Span = tuple[datetime, datetime]
SIGNS = re.compile(r"^[0-9 +().-]{6,24}$")
PERU = "51"


def telephone(text: str) -> str | None:
    """Return a telephone as people say it, or None where nobody could call it.

    Peruvian mobiles have nine digits from 9, fixed lines nine with 0 and the area's code, or the
    six or seven of the area itself; other countries begin with +.
    """
    if not SIGNS.match(text):
        return None
    digits = re.sub(r"\D", "", text)
    if text.lstrip().startswith("+"):
        if not digits.startswith(PERU):
            return f"+{digits}" if 8 <= len(digits) <= 15 else None
        digits = digits.removeprefix(PERU)
        if len(digits) == 8:
            digits = f"0{digits}"
    if len(digits) == 9 and digits[0] in "09":
        return f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    if len(digits) in (6, 7) and digits[0] not in "01":
        return f"{digits[:3]} {digits[3:]}"
    return None


def gaps(covered: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """Return the hours between two moments in which nobody is on duty, earliest first."""
    found, reached = [], start
    for begins, ends in sorted(covered):
        if begins >= end:
            break
        if begins > reached:
            found.append((reached, begins))
        reached = max(reached, ends)
    if reached < end:
        found.append((reached, end))
    return found


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def midnight(day: date) -> datetime:
    """Return the first moment of a day in Lima."""
    return datetime.combine(day, time(), tzinfo=clock.LIMA)


def hours_on(span: Span, day: date) -> str:
    """Return the hours of a span that fall on a day in Lima, as `08:00–24:00`."""
    begin, end = midnight(day), midnight(day + timedelta(days=1))
    first = f"{clock.local(max(span[0], begin)):%H:%M}"
    last = "24:00" if span[1] >= end else f"{clock.local(span[1]):%H:%M}"
    return f"{first}–{last}"
