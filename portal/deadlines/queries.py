"""Calendars of a service, loaded once a session, and rules as the instance reads them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.models import Agency
from portal.db import rows
from portal.deadlines import rules
from portal.deadlines.calendar import Calendar, DayKind, OffDay
from portal.deadlines.models import CalendarDay, Scope, TermReading
from portal.deadlines.rules import CalendarKind, DeadlineRule, Reading
from portal.errors import NotFound

LOADED = "calendars"
NARROWNESS = {scope: number for number, scope in enumerate(Scope)}


@dataclass(frozen=True, slots=True)
class EnteredDay:
    """A day as entered, with what decides whether it applies."""

    day: date
    scope: Scope
    key: str
    kind: DayKind
    title: str
    norm: str
    counts_as_business: bool

    @property
    def always_off(self) -> bool:
        """Tell whether no narrower scope can make it count: a national holiday."""
        return self.scope is Scope.NATIONAL and self.kind is DayKind.HOLIDAY


@dataclass(frozen=True, slots=True)
class Service:
    """Whose calendar is asked for: where it sits, which agencies' own days apply, which kind."""

    district: str
    agencies: frozenset[str]
    kind: CalendarKind

    def heeds(self, entered: EnteredDay) -> bool:
        """Tell whether a day concerns this service."""
        if entered.scope is Scope.JUDICIARY:
            own = self.kind is CalendarKind.JUDICIARY
            return own and entered.key in ("", self.district[:2])
        return {
            Scope.NATIONAL: True,
            Scope.REGIONAL: bool(entered.key) and entered.key == self.district[:2],
            Scope.PROVINCIAL: bool(entered.key) and entered.key == self.district[:4],
            Scope.ENTITY: entered.key in self.agencies,
        }[entered.scope]


def calendar_for(
    session: Session,
    where: Agency | str | None = None,
    kind: CalendarKind | DeadlineRule = CalendarKind.ADMINISTRATIVE,
) -> Calendar:
    """Return the calendar of an agency, or of a district (INEI code), of one kind or for a rule.

    An agency heeds the country's days, its region's and province's, its own and those of the
    agency that it is a unit of; a court's besides the Judiciary's. The days are read once a
    session.
    """
    service = _service(where, kind.calendar if isinstance(kind, DeadlineRule) else kind)
    loaded: dict[Service, Calendar] = session.info.setdefault(LOADED, {})
    if service not in loaded:
        loaded[service] = compose(service, entered_days(session))
    return loaded[service]


def _service(where: Agency | str | None, kind: CalendarKind) -> Service:
    if isinstance(where, Agency):
        own = frozenset(str(each) for each in (where.id, where.parent_id) if each)
        return Service(where.district or "", own, kind)
    return Service(where or "", frozenset(), kind)


def entered_days(session: Session) -> list[EnteredDay]:
    """Return the days that hold, read once a session."""
    if "calendar_days" not in session.info:
        statement = sa.select(
            col(CalendarDay.day),
            col(CalendarDay.scope),
            col(CalendarDay.key),
            col(CalendarDay.kind),
            col(CalendarDay.title),
            col(CalendarDay.norm),
            col(CalendarDay.counts_as_business),
        ).where(col(CalendarDay.withdrawn_at).is_(None))
        session.info["calendar_days"] = [EnteredDay(*row) for row in rows(session, statement)]
    days: list[EnteredDay] = session.info["calendar_days"]
    return days


def forget_loaded(session: Session) -> None:
    """Forget the calendars of a session in which one was just changed."""
    session.info.pop(LOADED, None)
    session.info.pop("calendar_days", None)


def compose(service: Service, entered: Collection[EnteredDay]) -> Calendar:
    """Return the calendar of a service; the narrowest scope decides on a day. Pure."""
    by_day: dict[date, list[EnteredDay]] = defaultdict(list)
    for each in entered:
        if service.heeds(each):
            by_day[each.day].append(each)
    deciding = (
        max(found, key=lambda each: (each.always_off, NARROWNESS[each.scope]))
        for found in by_day.values()
    )
    off = [
        OffDay(each.day, each.kind, each.title, each.norm)
        for each in deciding
        if not each.counts_as_business
    ]
    return Calendar.of(off, known_until=known_until(entered))


def known_until(entered: Collection[EnteredDay]) -> date:
    """Return the end of the last year whose national holidays were entered."""
    years = {each.day.year for each in entered if each.always_off}
    return date(max(years), 12, 31) if years else date.min


def rule_in_force(session: Session, code: str, on: date | None = None) -> DeadlineRule:
    """Return a rule as the instance reads it; raises NotFound for an unknown one.

    Only a rule that the law leaves open is read otherwise than it is written.
    """
    rule = rules.get(code, on)
    return as_decided(rule, find_reading(session, code)) if rule.readings else rule


def as_decided(rule: DeadlineRule, decided: TermReading | None) -> DeadlineRule:
    """Return a rule as decided, where it offers that reading; else as it is written."""
    choice = choice_of(rule, decided)
    return rule.read_as(rule.readings[choice - 1]) if choice else rule


def choice_of(rule: DeadlineRule, decided: TermReading | None) -> int:
    """Return the number of the reading decided upon; nought for the rule as it is written."""
    if decided is None:
        return 0
    chosen = Reading(length=decided.length, unit=decided.unit)
    return rule.readings.index(chosen) + 1 if chosen in rule.readings else 0


def find_reading(session: Session, code: str) -> TermReading | None:
    """Return how the instance decided to read a term, or None where it reads it as written."""
    return session.scalar(sa.select(TermReading).where(col(TermReading.rule_code) == code))


def list_readings(session: Session) -> dict[str, TermReading]:
    """Return every such decision by the rule's code."""
    return {each.rule_code: each for each in session.scalars(sa.select(TermReading))}


def get_day(session: Session, day_id: UUID) -> CalendarDay:
    """Return an entered day, withdrawn or not; raises NotFound."""
    day = session.get(CalendarDay, day_id)
    if day is None:
        raise NotFound
    return day


def list_days(session: Session, year: int, scope: Scope | None = None) -> list[CalendarDay]:
    """Return the days entered for a year, withdrawn ones too, in order."""
    statement = (
        sa.select(CalendarDay)
        .where(col(CalendarDay.day).between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(col(CalendarDay.day), col(CalendarDay.scope), col(CalendarDay.key))
    )
    if scope is not None:
        statement = statement.where(col(CalendarDay.scope) == scope)
    return list(session.scalars(statement))


def list_years(session: Session) -> list[int]:
    """Return the years for which days are entered."""
    bounds = sa.select(sa.func.min(CalendarDay.day), sa.func.max(CalendarDay.day))
    first, last = session.execute(bounds).one()
    return list(range(first.year, last.year + 1)) if first else []
