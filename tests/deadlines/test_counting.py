"""Counting terms: every line of DOMAIN 11, hours, edges, and properties."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.deadlines import (
    Calendar,
    DayKind,
    DeadlineRule,
    Due,
    OffDay,
    StepKind,
    Unit,
    due,
)
from portal.deadlines.holidays import national_calendar

NATIONAL = national_calendar(2025, 2028)


def rule(
    length: int, unit: Unit = Unit.BUSINESS_DAYS, warn_length: int | None = None
) -> DeadlineRule:
    return DeadlineRule(
        code="core.test",
        title="",
        starts_on="",
        length=length,
        unit=unit,
        act_owed="",
        source="TUO 134",
        warn_length=warn_length,
    )


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=clock.LIMA)


def last(length: int, unit: Unit, start: date, calendar: Calendar = NATIONAL) -> Due:
    return due(rule(length, unit), noon(start), calendar)


WORKED = [
    (date(2026, 5, 11), 5, Unit.BUSINESS_DAYS, date(2026, 5, 18)),
    (date(2026, 6, 24), 5, Unit.BUSINESS_DAYS, date(2026, 7, 2)),
    (date(2026, 7, 20), 5, Unit.BUSINESS_DAYS, date(2026, 7, 30)),
    (date(2026, 7, 20), 10, Unit.BUSINESS_DAYS, date(2026, 8, 7)),
    (date(2026, 12, 4), 3, Unit.BUSINESS_DAYS, date(2026, 12, 11)),
    (date(2027, 3, 24), 1, Unit.BUSINESS_DAYS, date(2027, 3, 29)),
    (date(2026, 12, 23), 20, Unit.BUSINESS_DAYS, date(2027, 1, 22)),
    (date(2026, 5, 11), 9, Unit.MONTHS, date(2027, 2, 11)),
    (date(2026, 5, 31), 9, Unit.MONTHS, date(2027, 3, 1)),
    (date(2026, 5, 11), 18, Unit.MONTHS, date(2027, 11, 11)),
    (date(2026, 6, 25), 18, Unit.MONTHS, date(2027, 12, 27)),
]


@pytest.mark.parametrize(("start", "length", "unit", "expires"), WORKED)
def test_worked_examples(start: date, length: int, unit: Unit, expires: date) -> None:
    assert last(length, unit, start).day == expires


def test_a_notice_on_a_holiday_or_weekend_counts_from_the_next_business_day() -> None:
    assert last(1, Unit.BUSINESS_DAYS, date(2026, 6, 29)).day == date(2026, 6, 30)
    assert last(1, Unit.BUSINESS_DAYS, date(2026, 5, 16)).day == date(2026, 5, 18)


def test_calendar_days_may_end_on_any_day() -> None:
    assert last(5, Unit.CALENDAR_DAYS, date(2026, 6, 24)).day == date(2026, 6, 29)
    assert last(0, Unit.CALENDAR_DAYS, date(2026, 6, 28)).day == date(2026, 6, 28)


def test_hours_run_on_the_clock_through_weekend_and_holiday() -> None:
    start = datetime(2026, 6, 27, 22, 30, tzinfo=clock.LIMA)
    found = due(rule(24, Unit.HOURS), start, NATIONAL)
    assert found.at == datetime(2026, 6, 28, 22, 30, tzinfo=clock.LIMA)
    assert found.at.tzinfo is UTC
    assert due(rule(72, Unit.HOURS), start, NATIONAL).day == date(2026, 6, 30)


def test_the_day_is_the_day_in_lima() -> None:
    late_on_tuesday = datetime(2026, 5, 13, 3, 0, tzinfo=UTC)
    found = due(rule(1), late_on_tuesday, NATIONAL)
    assert found.day == date(2026, 5, 13)
    assert found.at == datetime(2026, 5, 13, 23, 59, 59, tzinfo=clock.LIMA)
    midnight_by_utc = due(rule(1, Unit.HOURS), late_on_tuesday, NATIONAL)
    assert midnight_by_utc.day == date(2026, 5, 12)


def test_a_contradictory_law_warns_on_the_shorter_and_expires_on_the_longer() -> None:
    found = due(rule(5, warn_length=3), noon(date(2026, 5, 11)), NATIONAL)
    assert (found.warning, found.day) == (date(2026, 5, 14), date(2026, 5, 18))
    assert last(5, Unit.BUSINESS_DAYS, date(2026, 5, 11)).warning is None


def test_added_days_move_the_last_day_and_are_named() -> None:
    extra = OffDay(date(2026, 5, 15), DayKind.NON_WORKING, "Puente", "DS 1-2026-PCM")
    calendar = Calendar.of([*NATIONAL.off.values(), extra])
    found = last(5, Unit.BUSINESS_DAYS, date(2026, 5, 11), calendar)
    assert found.day == date(2026, 5, 19)
    named = [(step.kind, step.day, step.name) for step in found.steps[1:-1]]
    assert named == [(StepKind.NON_WORKING, date(2026, 5, 15), "DS 1-2026-PCM")]


def test_a_holiday_on_a_weekend_is_not_named() -> None:
    kinds = [step.kind for step in last(5, Unit.BUSINESS_DAYS, date(2026, 10, 28)).steps]
    assert kinds == [StepKind.START, StepKind.LAST_BUSINESS_DAY]


def test_beyond_the_entered_holidays_the_count_says_so() -> None:
    found = last(18, Unit.MONTHS, date(2027, 12, 1))
    assert found.steps[-1].kind is StepKind.CALENDAR_OPEN
    assert last(9, Unit.MONTHS, date(2027, 12, 1)).steps[-1].kind is not StepKind.CALENDAR_OPEN


days = st.dates(date(2025, 1, 1), date(2027, 6, 30))
day_units = st.sampled_from([Unit.BUSINESS_DAYS, Unit.CALENDAR_DAYS, Unit.MONTHS])
units = st.sampled_from(list(Unit))
lengths = st.integers(0, 40)
instants = st.builds(
    lambda day, minutes: (
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    days,
    st.integers(0, 24 * 60 - 1),
)
calendars = st.sets(st.dates(date(2025, 1, 1), date(2030, 1, 1)), max_size=60).map(
    lambda chosen: Calendar.of(
        [*NATIONAL.off.values(), *(OffDay(day, DayKind.NON_WORKING, "x") for day in chosen)]
    )
)


@given(instants, units, lengths, calendars)
def test_no_term_ends_before_it_starts(
    start: datetime, unit: Unit, length: int, calendar: Calendar
) -> None:
    assert due(rule(length, unit), start, calendar).at >= start


@given(instants, instants, units, lengths, calendars)
def test_a_later_start_never_ends_earlier(
    one: datetime, other: datetime, unit: Unit, length: int, calendar: Calendar
) -> None:
    first, second = sorted((one, other))
    assert (
        due(rule(length, unit), first, calendar).at <= due(rule(length, unit), second, calendar).at
    )


@given(days, units, lengths, lengths, calendars)
def test_a_longer_term_never_ends_earlier(
    start: date, unit: Unit, one: int, other: int, calendar: Calendar
) -> None:
    short, long = sorted((one, other))
    assert last(short, unit, start, calendar).at <= last(long, unit, start, calendar).at


@given(days, lengths.filter(bool), calendars)
def test_business_terms_end_on_a_business_day_and_count_right(
    start: date, length: int, calendar: Calendar
) -> None:
    end = last(length, Unit.BUSINESS_DAYS, start, calendar).day
    assert calendar.is_business(end)
    between = [start + timedelta(days=number) for number in range(1, (end - start).days + 1)]
    assert sum(calendar.is_business(day) for day in between) == length


@given(days, st.integers(1, 36), calendars)
def test_month_terms_end_on_the_date_or_the_first_business_day_after(
    start: date, length: int, calendar: Calendar
) -> None:
    end = last(length, Unit.MONTHS, start, calendar).day
    year, month = divmod(start.year * 12 + start.month - 1 + length, 12)
    try:
        earliest = date(year, month + 1, start.day)
    except ValueError:
        earliest = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    assert end == calendar.business_day_from(earliest)


@given(days, day_units, lengths, st.dates(date(2025, 1, 1), date(2030, 1, 1)))
def test_one_more_free_day_never_ends_earlier(
    start: date, unit: Unit, length: int, free: date
) -> None:
    more = Calendar.of([*NATIONAL.off.values(), OffDay(free, DayKind.NON_WORKING, "x")])
    assert last(length, unit, start, more).day >= last(length, unit, start).day
