"""Counting a term to its last day, with the explanation (TUO of Ley 27444, arts. 133–139).

Pure: no database, no present moment. Nothing here ends a duty: an act after the last day is late,
and is still owed (TUO 140.3).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from portal import clock
from portal.deadlines.calendar import SATURDAY, Calendar, DayKind
from portal.deadlines.rules import DeadlineRule, Unit
from portal.deadlines.steps import Step, StepKind, explain

END_OF_DAY = time(23, 59, 59)

_OFF = {
    DayKind.HOLIDAY: StepKind.HOLIDAY,
    DayKind.NON_WORKING: StepKind.NON_WORKING,
    DayKind.SUSPENSION: StepKind.SUSPENSION,
}


@dataclass(frozen=True, slots=True)
class Due:
    """When a term ends: the last instant (aware UTC), its day in Lima, and how it was counted.

    A day term ends with its day and shows the day only. `warning` is the last day by the shorter
    of two terms that the law gives.
    """

    at: datetime
    day: date
    steps: tuple[Step, ...]
    warning: date | None = None

    @property
    def explanation(self) -> str:
        """Return how it was counted, in the reader's language."""
        return explain(self.steps)

    def steps_as_json(self) -> list[dict[str, Any]]:
        """Return the steps as plain data."""
        return [step.as_json() for step in self.steps]


def due(rule: DeadlineRule, start: datetime, calendar: Calendar) -> Due:
    """Return when a term that starts at an instant (aware) ends.

    Day terms count from the day after the start in Lima (TUO 133). Business days leave out what
    the calendar leaves out; a month term whose last day is not a business day ends on the next one
    (TUO 134.2), or on the first business day of the following month where its month lacks that day
    (TUO 134.3). Calendar days may end on any day (TUO 139). Hours run on the clock.
    """
    if rule.unit is Unit.HOURS:
        return _hours(rule.length, start)
    first = clock.local(start).date()
    last, steps = _count(rule.unit, rule.length, first, calendar)
    if last > calendar.known_until:
        steps.append(Step(StepKind.CALENDAR_OPEN, last))
    warning = None
    if rule.warn_length is not None:
        warning, _steps = _count(rule.unit, rule.warn_length, first, calendar)
    at = datetime.combine(last, END_OF_DAY, clock.LIMA).astimezone(UTC)
    return Due(at, last, (Step(StepKind.START, first), *steps), warning)


def _hours(length: int, start: datetime) -> Due:
    at = (start + timedelta(hours=length)).astimezone(UTC)
    first, last = clock.local(start).date(), clock.local(at).date()
    steps = (
        Step(StepKind.START, first, at=start),
        Step(StepKind.LAST_HOUR, last, number=length, at=at),
    )
    return Due(at, last, steps)


def _count(unit: Unit, length: int, first: date, calendar: Calendar) -> tuple[date, list[Step]]:
    if unit is Unit.MONTHS:
        return _months(length, first, calendar)
    if length == 0:
        return first, [Step(StepKind.SAME_DAY, first)]
    if unit is Unit.CALENDAR_DAYS:
        last = first + timedelta(days=length)
        return last, [Step(StepKind.LAST_CALENDAR_DAY, last, number=length)]
    last = calendar.after(first, length)
    steps = _left_out(first, last, calendar)
    return last, [*steps, Step(StepKind.LAST_BUSINESS_DAY, last, number=length)]


def _months(length: int, first: date, calendar: Calendar) -> tuple[date, list[Step]]:
    year, month = divmod(first.year * 12 + first.month - 1 + length, 12)
    month += 1
    try:
        wanted = date(year, month, first.day)
    except ValueError:
        following = date(year + month // 12, month % 12 + 1, 1)
        last = calendar.business_day_from(following)
        return last, [
            Step(StepKind.NO_SUCH_DAY, date(year, month, 1), number=first.day),
            Step(StepKind.FIRST_OF_NEXT_MONTH, last),
        ]
    steps = [Step(StepKind.LAST_OF_MONTHS, wanted, number=length)]
    last = calendar.business_day_from(wanted)
    if last != wanted:
        steps += [
            Step(StepKind.NOT_BUSINESS, wanted),
            Step(StepKind.NEXT_BUSINESS_DAY, last),
        ]
    return last, steps


def _left_out(first: date, last: date, calendar: Calendar) -> list[Step]:
    """Return the days between that were not counted, except Saturdays and Sundays."""
    between = (first + timedelta(days=number) for number in range(1, (last - first).days))
    return [
        Step(_OFF[off.kind], day, name=off.norm or off.title)
        for day in between
        if day.weekday() < SATURDAY and (off := calendar.off.get(day))
    ]
