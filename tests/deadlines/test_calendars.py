"""Calendars in the database: what is entered, for whom it counts, and what follows a change."""

from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import col

from portal import clock
from portal.actor import AgencyKind, system_actor
from portal.agencies.models import Agency
from portal.audit.models import AuditEntry
from portal.db import Database, WritingSession, migrations
from portal.deadlines import CalendarKind, DayKind, Unit, due, rules
from portal.deadlines.events import CalendarChanged, RuleChanged
from portal.deadlines.holidays import NORM, national_holidays
from portal.deadlines.inputs import AddDays, ChooseReading
from portal.deadlines.models import CalendarDay, Scope, TermReading
from portal.deadlines.queries import (
    calendar_for,
    find_reading,
    list_days,
    list_years,
    rule_in_force,
)
from portal.deadlines.services import add_days, choose_reading, extend_holidays, withdraw_day
from portal.errors import Conflict, Invalid, NotFound
from portal.events import Event
from portal.events.bus import revive
from portal.events.models import Task
from tests.factories.agencies import make_agency

SYSTEM = system_actor()
SEATS = ("220901", "220501", "150101")
FRIDAY = date(2026, 5, 15)
DECREE: dict[str, Any] = {
    "title": "Día no laborable",
    "norm": "DS 1-2026-PCM",
    "kind": DayKind.NON_WORKING,
}


def enter(session: WritingSession, scope: Scope, day: date = FRIDAY, **more: Any) -> CalendarDay:
    return add_days(session, SYSTEM, AddDays(**{"first": day, "scope": scope, **DECREE, **more}))[0]


def recorded(session: WritingSession, kind: type[Event]) -> list[Event]:
    tasks = session.scalars(sa.select(Task).where(col(Task.name) == kind.__name__)).all()
    return [revive(task.name, task.payload) for task in tasks]


@pytest.fixture
def lamas(session: WritingSession) -> Agency:
    return make_agency(session, "DEM-LAM", AgencyKind.DEMUNA, district="220501")


def test_the_migration_enters_the_national_holidays(session: WritingSession) -> None:
    for year in (2025, 2026, 2027, 2028):
        entered = [(each.day, each.title, each.norm) for each in list_days(session, year)]
        assert entered == [(each.day, each.title, NORM) for each in national_holidays(year)]
    assert list_years(session) == [2025, 2026, 2027, 2028]


def test_the_seeded_calendar_counts_the_worked_example(
    session: WritingSession, lamas: Agency
) -> None:
    rule = rules.get("core.unprotection.evaluation")
    start = datetime(2026, 6, 24, 9, tzinfo=clock.LIMA)
    found = due(rule, start, calendar_for(session, lamas, rule))
    assert found.day == date(2026, 7, 2)
    assert calendar_for(session, "220501").known_until == date(2028, 12, 31)


@pytest.mark.parametrize(
    ("scope", "more", "tarapoto", "lamas", "lima"),
    [
        (Scope.NATIONAL, {}, False, False, False),
        (Scope.REGIONAL, {"department": "22"}, False, False, True),
        (Scope.PROVINCIAL, {"province": "2205"}, True, False, True),
        (Scope.JUDICIARY, {}, True, True, True),
    ],
)
def test_a_day_concerns_its_place_only(
    session: WritingSession,
    scope: Scope,
    more: dict[str, Any],
    tarapoto: bool,
    lamas: bool,
    lima: bool,
) -> None:
    enter(session, scope, **more)
    found = [calendar_for(session, each).is_business(FRIDAY) for each in SEATS]
    assert found == [tarapoto, lamas, lima]


def test_the_judiciary_has_its_own_days(session: WritingSession) -> None:
    enter(session, Scope.JUDICIARY, kind=DayKind.SUSPENSION)
    enter(session, Scope.JUDICIARY, date(2026, 5, 14), department="22", kind=DayKind.SUSPENSION)
    in_tarapoto = calendar_for(session, "220901", CalendarKind.JUDICIARY)
    in_lima = calendar_for(session, "150101", CalendarKind.JUDICIARY)
    assert not in_tarapoto.is_business(FRIDAY)
    assert not in_lima.is_business(FRIDAY)
    assert not in_tarapoto.is_business(date(2026, 5, 14))
    assert in_lima.is_business(date(2026, 5, 14))
    assert not in_lima.is_business(date(2026, 7, 28))


def test_an_agencys_own_day_is_its_units_too(session: WritingSession, lamas: Agency) -> None:
    unit = make_agency(session, "DEM-LAM-1", AgencyKind.DEMUNA, district="220501")
    unit.parent_id = lamas.id
    other = make_agency(session, "DEM-RIO", AgencyKind.DEMUNA, district="220501")
    session.flush()
    enter(session, Scope.ENTITY, agency_id=lamas.id)
    assert not calendar_for(session, lamas).is_business(FRIDAY)
    assert not calendar_for(session, unit).is_business(FRIDAY)
    assert calendar_for(session, other).is_business(FRIDAY)


def test_an_agency_without_a_seat_heeds_the_country(session: WritingSession) -> None:
    agency = make_agency(session, "NAC", AgencyKind.CIVIL_REGISTRY)
    agency.district = None
    enter(session, Scope.REGIONAL, department="22")
    assert calendar_for(session, agency).is_business(FRIDAY)
    assert not calendar_for(session, agency).is_business(date(2026, 7, 28))


def test_the_narrowest_scope_decides_except_over_a_holiday(
    session: WritingSession, lamas: Agency
) -> None:
    enter(session, Scope.NATIONAL)
    enter(session, Scope.ENTITY, agency_id=lamas.id, counts_as_business=True)
    holiday = date(2026, 7, 28)
    enter(session, Scope.ENTITY, holiday, agency_id=lamas.id, counts_as_business=True)
    assert calendar_for(session, lamas).is_business(FRIDAY)
    assert not calendar_for(session, "220501").is_business(FRIDAY)
    assert not calendar_for(session, lamas).is_business(holiday)


def test_a_compensated_day_that_the_service_works_counts(session: WritingSession) -> None:
    enter(session, Scope.NATIONAL, counts_as_business=True)
    assert calendar_for(session, "220501").is_business(FRIDAY)


def test_adding_days_is_told_and_recorded(session: WritingSession) -> None:
    days = add_days(
        session,
        SYSTEM,
        AddDays(
            first=date(2026, 5, 13), last=FRIDAY, scope=Scope.PROVINCIAL, province="2205", **DECREE
        ),
    )
    assert [day.day.day for day in days] == [13, 14, 15]
    assert recorded(session, CalendarChanged) == [
        CalendarChanged(date(2026, 5, 13), FRIDAY, "provincial", "2205")
    ]
    entry = session.scalars(
        sa.select(AuditEntry).where(col(AuditEntry.action) == "deadlines.calendar.add")
    ).one()
    assert '"key":"2205"' in entry.facts


def test_a_change_is_seen_at_once_in_the_same_session(session: WritingSession) -> None:
    assert calendar_for(session, "220501").is_business(FRIDAY)
    day = enter(session, Scope.NATIONAL)
    assert not calendar_for(session, "220501").is_business(FRIDAY)
    withdraw_day(session, SYSTEM, day.id, reason="El decreto fue derogado")
    assert calendar_for(session, "220501").is_business(FRIDAY)
    assert len(recorded(session, CalendarChanged)) == 2


def test_days_are_read_once_a_session(db: Database, statements: Any) -> None:
    with db.read() as session:
        calendar_for(session, "220501")
        before = statements.count
        calendar_for(session, "220501")
        calendar_for(session, "150101", CalendarKind.JUDICIARY)
        assert statements.count == before


def test_a_day_is_entered_once_for_a_scope(session: WritingSession) -> None:
    day = enter(session, Scope.NATIONAL)
    with pytest.raises(Invalid):
        enter(session, Scope.NATIONAL)
    with pytest.raises(Invalid):
        enter(session, Scope.NATIONAL, date(2026, 5, 14), last=date(2026, 5, 18))
    enter(session, Scope.REGIONAL, department="22")
    withdraw_day(session, SYSTEM, day.id, reason="Error de registro")
    enter(session, Scope.NATIONAL)


def test_a_withdrawn_day_stays_with_its_reason(session: WritingSession) -> None:
    day = enter(session, Scope.NATIONAL)
    withdraw_day(session, SYSTEM, day.id, reason="Error de registro")
    shown = [each for each in list_days(session, 2026) if each.withdrawn_at]
    assert [each.withdrawal_reason for each in shown] == ["Error de registro"]
    with pytest.raises(Conflict):
        withdraw_day(session, SYSTEM, day.id, reason="Error de registro")


def test_lists_are_narrowed_by_scope(session: WritingSession) -> None:
    enter(session, Scope.REGIONAL, department="22")
    assert [each.key for each in list_days(session, 2026, Scope.REGIONAL)] == ["22"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"scope": "regional"}, "department"),
        ({"scope": "provincial", "department": "22"}, "province"),
        ({"scope": "provincial", "province": "22"}, "province"),
        ({"scope": "regional", "department": "99"}, "department"),
        ({"scope": "entity"}, "agency_id"),
        ({"last": "2026-05-14"}, "last"),
        ({"last": "2026-12-31"}, "last"),
        ({"first": "1926-05-15"}, "first"),
        ({"norm": "DS"}, "norm"),
        ({"title": ""}, "title"),
        ({"scope": "village"}, "scope"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(more: dict[str, str], field: str) -> None:
    given: dict[str, Any] = {"first": FRIDAY, "scope": "national", **DECREE, **more}
    with pytest.raises(ValidationError) as refused:
        AddDays(**given)
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_the_coming_years_are_entered_once(session: WritingSession) -> None:
    with clock.at(datetime(2027, 2, 1, tzinfo=clock.LIMA)):
        added = extend_holidays(session, SYSTEM)
        assert {day.year for day in added} == {2029, 2030}
        assert len(added) == 32
        assert extend_holidays(session, SYSTEM) == []
    assert calendar_for(session).known_until == date(2030, 12, 31)
    assert len(recorded(session, CalendarChanged)) == 1


def test_a_doubtful_term_is_read_as_decided(session: WritingSession) -> None:
    code = "core.urgent.edict"
    assert rule_in_force(session, code).unit is Unit.BUSINESS_DAYS
    choice = ChooseReading(choice=1, basis="Informe 12-2026-MIMP")
    choose_reading(session, SYSTEM, code, choice)
    assert rule_in_force(session, code).unit is Unit.CALENDAR_DAYS
    choose_reading(session, SYSTEM, code, choice)
    choose_reading(session, SYSTEM, code, ChooseReading(choice=0, basis="Informe 13-2026-MIMP"))
    assert rule_in_force(session, code).unit is Unit.BUSINESS_DAYS
    assert find_reading(session, code) is None
    assert recorded(session, RuleChanged) == [RuleChanged(code)] * 3


def test_a_term_that_the_law_settles_is_not_a_choice(session: WritingSession) -> None:
    with pytest.raises(Invalid):
        choose_reading(
            session, SYSTEM, "core.risk.evaluation", ChooseReading(choice=1, basis="Informe 1")
        )
    with pytest.raises(NotFound):
        choose_reading(session, SYSTEM, "core.none", ChooseReading(choice=0, basis="Informe 1"))
    session.add(
        TermReading(
            rule_code="core.risk.evaluation",
            length=1,
            unit=Unit.HOURS,
            basis="-",
            decided_at=clock.now(),
        )
    )
    session.flush()
    assert rule_in_force(session, "core.risk.evaluation").length == 5


@pytest.mark.slow
def test_the_migration_goes_down_and_up_with_rows(db: Database) -> None:
    with db.write() as session:
        enter(session, Scope.NATIONAL)
        choose_reading(
            session, SYSTEM, "core.urgent.edict", ChooseReading(choice=1, basis="Informe 1")
        )
    migrations.downgrade(db, to="0003_forms")
    migrations.upgrade(db)
    migrations.check(db)
    with db.read() as session:
        assert len(list_days(session, 2026)) == 16
