"""How a term was counted: steps as data, and the sentence made of them for the reader."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import flask_babel
from babel.dates import format_date, format_datetime, format_skeleton

from portal import clock
from portal.texts import _, _n


class StepKind(StrEnum):
    """What a step says."""

    START = "start"
    HOLIDAY = "holiday"
    NON_WORKING = "non_working"
    SUSPENSION = "suspension"
    NO_SUCH_DAY = "no_such_day"
    NOT_BUSINESS = "not_business"
    SAME_DAY = "same_day"
    LAST_BUSINESS_DAY = "last_business_day"
    LAST_CALENDAR_DAY = "last_calendar_day"
    LAST_OF_MONTHS = "last_of_months"
    NEXT_BUSINESS_DAY = "next_business_day"
    FIRST_OF_NEXT_MONTH = "first_of_next_month"
    LAST_HOUR = "last_hour"
    CALENDAR_OPEN = "calendar_open"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the count: what, on which day, with a number, a norm or an instant (aware)."""

    kind: StepKind
    day: date
    number: int = 0
    name: str = ""
    at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the step as plain data, for a column or a payload."""
        plain: dict[str, Any] = {"kind": self.kind.value, "day": self.day.isoformat()}
        if self.number:
            plain["number"] = self.number
        if self.name:
            plain["name"] = self.name
        if self.at:
            plain["at"] = self.at.isoformat()
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Step":
        """Return the step that plain data hold."""
        return cls(
            StepKind(plain["kind"]),
            date.fromisoformat(plain["day"]),
            plain.get("number", 0),
            plain.get("name", ""),
            datetime.fromisoformat(plain["at"]) if "at" in plain else None,
        )


def explain(steps: Iterable[Step | Mapping[str, Any]]) -> str:
    """Return the count as one sentence in the reader's language.

    "mié 24/6 inicia; lun 29/6 feriado; 5.º día hábil: jue 2/7". The year stands where it is not
    the year of the start.
    """
    read = [step if isinstance(step, Step) else Step.from_json(step) for step in steps]
    if not read:
        return ""
    year = read[0].day.year
    return "; ".join(_SAY[step.kind](step, year) for step in read)


def _locale() -> Any:
    return flask_babel.get_locale() or "en"


def _day(step: Step, year: int) -> str:
    pattern = "EEE d/M" if step.day.year == year else "EEE d/M/y"
    return format_date(step.day, pattern, locale=_locale())


def _moment(step: Step, year: int) -> str:
    if step.at is None:
        return _day(step, year)
    pattern = "EEE d/M HH:mm" if step.day.year == year else "EEE d/M/y HH:mm"
    return format_datetime(clock.local(step.at), pattern, tzinfo=clock.LIMA, locale=_locale())


def _start(step: Step, year: int) -> str:
    return _("%(day)s starts", day=_moment(step, year))


def _holiday(step: Step, year: int) -> str:
    return _("%(day)s holiday", day=_day(step, year))


def _non_working(step: Step, year: int) -> str:
    return _("%(day)s non-working day (%(name)s)", day=_day(step, year), name=step.name)


def _suspension(step: Step, year: int) -> str:
    return _("%(day)s terms suspended (%(name)s)", day=_day(step, year), name=step.name)


def _no_such_day(step: Step, _year: int) -> str:
    month = format_skeleton("yMMMM", step.day, locale=_locale())
    return _("%(month)s has no day %(number)s", month=month, number=step.number)


def _not_business(_step: Step, _year: int) -> str:
    return _("that day is not a business day")


def _same_day(step: Step, year: int) -> str:
    return _("the same day: %(day)s", day=_day(step, year))


def _last_business_day(step: Step, year: int) -> str:
    return _("business day %(number)s: %(day)s", number=step.number, day=_day(step, year))


def _last_calendar_day(step: Step, year: int) -> str:
    return _("calendar day %(number)s: %(day)s", number=step.number, day=_day(step, year))


def _last_of_months(step: Step, year: int) -> str:
    return _n(
        "%(num)s month: %(day)s", "%(num)s months: %(day)s", step.number, day=_day(step, year)
    )


def _next_business_day(step: Step, year: int) -> str:
    return _("next business day: %(day)s", day=_day(step, year))


def _first_of_next_month(step: Step, year: int) -> str:
    return _("first business day of the following month: %(day)s", day=_day(step, year))


def _last_hour(step: Step, year: int) -> str:
    return _n(
        "%(num)s hour on the clock: %(moment)s",
        "%(num)s hours on the clock: %(moment)s",
        step.number,
        moment=_moment(step, year),
    )


def _calendar_open(step: Step, _year: int) -> str:
    return _(
        "the holidays of %(year)s are not entered yet, the day may move", year=str(step.day.year)
    )


_SAY: dict[StepKind, Callable[[Step, int], str]] = {
    StepKind.START: _start,
    StepKind.HOLIDAY: _holiday,
    StepKind.NON_WORKING: _non_working,
    StepKind.SUSPENSION: _suspension,
    StepKind.NO_SUCH_DAY: _no_such_day,
    StepKind.NOT_BUSINESS: _not_business,
    StepKind.SAME_DAY: _same_day,
    StepKind.LAST_BUSINESS_DAY: _last_business_day,
    StepKind.LAST_CALENDAR_DAY: _last_calendar_day,
    StepKind.LAST_OF_MONTHS: _last_of_months,
    StepKind.NEXT_BUSINESS_DAY: _next_business_day,
    StepKind.FIRST_OF_NEXT_MONTH: _first_of_next_month,
    StepKind.LAST_HOUR: _last_hour,
    StepKind.CALENDAR_OPEN: _calendar_open,
}
