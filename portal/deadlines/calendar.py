"""A calendar as a value: which days are not business days, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

SATURDAY = 5


class DayKind(StrEnum):
    """Why a day is not counted: feriado, día no laborable, suspensión de plazos."""

    HOLIDAY = "holiday"
    NON_WORKING = "non_working"
    SUSPENSION = "suspension"


@dataclass(frozen=True, slots=True)
class OffDay:
    """A day on which terms in business days do not run, with the norm that says so."""

    day: date
    kind: DayKind
    title: str
    norm: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that one service does not count, beside Saturdays and Sundays (TUO 134.1).

    `known_until` is the last day for which holidays were entered: beyond it a computed day may
    still move, and the explanation of the term says so.
    """

    off: Mapping[date, OffDay] = field(default_factory=dict)
    known_until: date = date.max

    @classmethod
    def of(cls, days: Iterable[OffDay], *, known_until: date = date.max) -> "Calendar":
        """Return the calendar that leaves out these days."""
        return cls({each.day: each for each in days}, known_until)

    def without(self, days: Iterable[OffDay]) -> "Calendar":
        """Return the calendar that leaves out further days."""
        return Calendar({**self.off, **{each.day: each for each in days}}, self.known_until)

    def is_business(self, day: date) -> bool:
        """Tell whether a day counts."""
        return day.weekday() < SATURDAY and day not in self.off

    def business_day_from(self, day: date) -> date:
        """Return the day itself where it counts, else the next that does (TUO 134.2)."""
        while not self.is_business(day):
            day += timedelta(days=1)
        return day

    def after(self, day: date, count: int) -> date:
        """Return the business day number `count` after a day, which itself is not counted.

        Nought gives the day itself.
        """
        for _number in range(count):
            day = self.business_day_from(day + timedelta(days=1))
        return day
