"""Calendars kept, and doubtful terms read; running terms hear of it by an event."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.deadlines import rules
from portal.deadlines.calendar import DayKind
from portal.deadlines.events import CalendarChanged, RuleChanged
from portal.deadlines.holidays import national_holidays
from portal.deadlines.inputs import AddDays, ChooseReading
from portal.deadlines.models import CalendarDay, Scope, TermReading
from portal.deadlines.queries import find_reading, forget_loaded, get_day
from portal.errors import Conflict, Invalid, Problem
from portal.texts import _l

YEARS_AHEAD = 3


def add_days(session: Session, actor: Actor, given: AddDays) -> list[CalendarDay]:
    """Enter days that a service does not count; running terms are counted anew.

    Raises Invalid where one of the days is entered already for the same scope.
    """
    must_be_new(session, given)
    entered = [
        CalendarDay(
            day=day,
            scope=given.scope,
            key=given.key,
            kind=given.kind,
            title=given.title,
            norm=given.norm,
            counts_as_business=given.counts_as_business,
            entered_by=actor.user_id,
            entered_at=clock.now(),
        )
        for day in given.days
    ]
    _enter(session, actor, entered)
    return entered


def must_be_new(session: Session, given: AddDays) -> None:
    """Raise Invalid where one of the days is entered already for the same scope."""
    taken = session.scalars(
        sa.select(col(CalendarDay.day)).where(
            col(CalendarDay.day).in_(given.days),
            col(CalendarDay.scope) == given.scope,
            col(CalendarDay.key) == given.key,
            col(CalendarDay.withdrawn_at).is_(None),
        )
    ).all()
    if taken:
        day = f"{min(taken):%d/%m/%Y}"
        raise Invalid(Problem("first", _l("%(day)s is entered already for this scope.", day=day)))


def _enter(session: Session, actor: Actor, entered: list[CalendarDay]) -> None:
    session.add_all(entered)
    session.flush()
    forget_loaded(session)
    first, last = entered[0], entered[-1]
    audit.record(
        session,
        actor,
        "deadlines.calendar.add",
        first.id,
        first=first.day.isoformat(),
        last=last.day.isoformat(),
        scope=first.scope.value,
        key=first.key,
    )
    events.record(session, CalendarChanged(first.day, last.day, first.scope.value, first.key))


def to_withdraw(session: Session, day_id: UUID) -> CalendarDay:
    """Return a day that stands; the form that takes it back asks this first."""
    day = get_day(session, day_id)
    if day.withdrawn_at is not None:
        raise Conflict(_l("This day was withdrawn already."))
    return day


def withdraw_day(session: Session, actor: Actor, day_id: UUID, *, reason: str) -> CalendarDay:
    """Take back a day that was entered by mistake; it counts again from now on.

    Raises Conflict where it was withdrawn already.
    """
    day = to_withdraw(session, day_id)
    day.withdrawn_at, day.withdrawn_by = clock.now(), actor.user_id
    day.withdrawal_reason = reason
    session.flush()
    forget_loaded(session)
    audit.record(session, actor, "deadlines.calendar.withdraw", day.id, reason=reason)
    events.record(session, CalendarChanged(day.day, day.day, day.scope.value, day.key))
    return day


def extend_holidays(session: Session, actor: Actor, *, through: int | None = None) -> list[date]:
    """Enter the national holidays of the years to come that are missing; return the new days.

    Terms reach up to 36 months ahead, so three years are kept entered. Years that hold any
    national holiday are left as people corrected them.
    """
    last = through or clock.today().year + YEARS_AHEAD
    known = session.scalars(
        sa.select(col(CalendarDay.day)).where(
            col(CalendarDay.scope) == Scope.NATIONAL, col(CalendarDay.kind) == DayKind.HOLIDAY
        )
    ).all()
    years = {day.year for day in known}
    missing = [year for year in range(clock.today().year, last + 1) if year not in years]
    entered = [
        CalendarDay(
            day=each.day,
            scope=Scope.NATIONAL,
            kind=each.kind,
            title=each.title,
            norm=each.norm,
            entered_by=actor.user_id,
            entered_at=clock.now(),
        )
        for year in missing
        for each in national_holidays(year)
    ]
    if entered:
        _enter(session, actor, entered)
    return [each.day for each in entered]


def choose_reading(session: Session, actor: Actor, code: str, given: ChooseReading) -> str:
    """Decide how the instance reads a doubtful term; running terms are counted anew.

    `given.choice` is the number of one of the rule's readings, nought for as it is written. Raises
    NotFound for an unknown rule and Invalid for a reading that the rule does not offer.
    """
    rule = rules.get(code)
    if given.choice > len(rule.readings):
        raise Invalid(Problem("choice", _l("Choose one from the list.")))
    decided = find_reading(session, code)
    if decided is not None:
        session.delete(decided)
        session.flush()
    if given.choice:
        reading = rule.readings[given.choice - 1]
        session.add(
            TermReading(
                rule_code=code,
                length=reading.length,
                unit=reading.unit,
                basis=given.basis,
                decided_by=actor.user_id,
                decided_at=clock.now(),
            )
        )
    session.flush()
    audit.record(
        session,
        actor,
        "deadlines.term.decide",
        None,
        reason=given.basis,
        rule=code,
        choice=given.choice,
    )
    events.record(session, RuleChanged(code))
    return code
