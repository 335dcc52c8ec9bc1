"""Words for calendars and terms, in the reader's language."""

from typing import Any

from portal.deadlines.calendar import DayKind
from portal.deadlines.models import Scope
from portal.deadlines.rules import CalendarKind, DeadlineRule, Reading, Unit
from portal.texts import _, _l, _n

SCOPE: dict[Scope, Any] = {
    Scope.NATIONAL: _l("The whole country"),
    Scope.REGIONAL: _l("A department"),
    Scope.PROVINCIAL: _l("A province"),
    Scope.JUDICIARY: _l("The Judiciary"),
    Scope.ENTITY: _l("One institution"),
}
KIND: dict[DayKind, Any] = {
    DayKind.HOLIDAY: _l("Holiday"),
    DayKind.NON_WORKING: _l("Non-working day"),
    DayKind.SUSPENSION: _l("Suspension of terms"),
}
CALENDAR: dict[CalendarKind, Any] = {
    CalendarKind.ADMINISTRATIVE: _l("the administration's calendar"),
    CalendarKind.JUDICIARY: _l("the Judiciary's calendar"),
}


def choices(words: dict[Any, Any]) -> list[tuple[str, str]]:
    """Return (value, word) pairs for a select."""
    return [(each.value, str(word)) for each, word in words.items()]


def length_of(term: DeadlineRule | Reading) -> str:
    """Return the length of a term in words: "5 business days"."""
    if term.unit is Unit.HOURS:
        return _n("%(num)s hour", "%(num)s hours", term.length)
    if term.unit is Unit.MONTHS:
        return _n("%(num)s month", "%(num)s months", term.length)
    if term.length == 0:
        return _("the same day")
    if term.unit is Unit.CALENDAR_DAYS:
        return _n("%(num)s calendar day", "%(num)s calendar days", term.length)
    return _n("%(num)s business day", "%(num)s business days", term.length)
