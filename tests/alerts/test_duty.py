"""The duty to report: each kind of sender's term, counted from when it knew (DOMAIN 2.3)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import col

from portal import clock
from portal.actor import AgencyKind, Role, system_actor
from portal.agencies.models import Agency, Coverage
from portal.alerts.duty import CUSTODIANS, STREET_PROGRAMMES, TERMS, Duty, duties, term_of
from portal.alerts.models import Alert
from portal.db import Database, new_id
from portal.deadlines import rules
from portal.deadlines.inputs import ChooseReading
from portal.deadlines.services import choose_reading
from tests.conftest import Statements
from tests.factories.agencies import make_agency, make_member, put_on_duty
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

ALERT = {
    "children-0-given_names": "Gallito",
    "district": "220501",
    "where": "Detrás del mercado",
    "what_happens": "Nadie lo recoge del colegio",
    "situation": "undecided",
    "telephone": "942 000 300",
}
# Friday 27 November 2026, 15:00 in Lima; Monday follows, and Tuesday 8 December is a holiday.
FRIDAY = datetime(2026, 11, 27, 15, tzinfo=clock.LIMA)


@dataclass
class Row:
    """What the count needs of an alert."""

    sender_id: UUID
    learned_at: datetime | None
    sent_at: datetime | None
    signs: list[str] = field(default_factory=list)
    is_here: bool = False
    id: UUID = field(default_factory=new_id)


def duty_of(db: Database, kind: AgencyKind, sent_at: datetime, **more: object) -> Duty:
    with db.write() as session:
        agency = make_agency(session, f"X{new_id().hex[-8:]}", kind)
        row = Row(agency.id, FRIDAY, sent_at, **more)  # type: ignore[arg-type]
        return duties(session, [row])[row.id]


def test_every_term_is_owed_by_the_kinds_that_it_is_counted_for() -> None:
    for kind, code in TERMS.items():
        assert kind in rules.get(code).owed_by
    assert rules.get("core.report.street").owed_by == set(STREET_PROGRAMMES)
    assert rules.get("core.report.custody").owed_by == set(CUSTODIANS)


@pytest.mark.parametrize(
    ("kind", "signs", "is_here", "code"),
    [
        (AgencyKind.EDUCATION, [], False, "core.report.school"),
        (AgencyKind.HEALTH, [], True, "core.report.health"),
        (AgencyKind.DEMUNA, [], False, "core.report.demuna"),
        (AgencyKind.PROSECUTOR, [], False, "core.report.prosecutor"),
        (AgencyKind.INABIF, ["street"], False, "core.report.street"),
        (AgencyKind.INABIF, ["orphan"], False, ""),
        (AgencyKind.PRISON, ["injuries"], True, "core.report.custody"),
        (AgencyKind.PRISON, ["injuries"], False, ""),
        (AgencyKind.PRISON, ["parent_in_prison"], True, ""),
        (AgencyKind.POLICE, ["injuries"], True, ""),
    ],
)
def test_the_kind_of_the_sender_gives_the_term(
    kind: AgencyKind, signs: list[str], is_here: bool, code: str
) -> None:
    assert term_of(kind, signs, is_here=is_here) == code


@ON_BOTH
def test_a_school_has_until_the_end_of_the_next_business_day(app: Flask, db: Database) -> None:
    with app.test_request_context():
        monday = FRIDAY + timedelta(days=3)
        within = duty_of(db, AgencyKind.EDUCATION, monday.replace(hour=23))
        assert not within.is_late
        assert within.end == "lun 30/11/2026"
        late = duty_of(db, AgencyKind.EDUCATION, monday + timedelta(days=1))
        assert late.is_late
        assert "1 día de retraso" in late.said
        assert "R 23.5" in late.explanation
        assert "lun 30/11" in late.explanation


@ON_BOTH
def test_a_health_facility_has_24_hours_or_the_same_day(app: Flask, db: Database) -> None:
    with app.test_request_context():
        next_day = FRIDAY + timedelta(hours=23)
        assert not duty_of(db, AgencyKind.HEALTH, next_day).is_late
        late = duty_of(db, AgencyKind.HEALTH, FRIDAY + timedelta(hours=26))
        assert "2 horas de retraso" in late.said
        assert late.end.endswith("15:00")
        with db.write() as session:
            given = ChooseReading(choice=1, basis="Informe 7")
            choose_reading(session, system_actor(), "core.report.health", given)
        assert duty_of(db, AgencyKind.HEALTH, next_day).is_late


@ON_BOTH
def test_who_has_no_term_owes_it_at_once(app: Flask, db: Database) -> None:
    with app.test_request_context():
        found = duty_of(db, AgencyKind.POLICE, FRIDAY + timedelta(hours=5))
        assert (found.is_late, found.source) == (False, "DL 1297 art. 17; R 23.1")
        assert "5 horas después" in found.said
        assert "de inmediato" in found.explanation


@dataclass
class Office:
    """A school's office that sends and the UPE that receives."""

    db: Database
    school: Browser
    duty: Browser

    def send(self, **more: str) -> str:
        answer = self.school.fill("/alerts/new", {**ALERT, **more})
        assert answer.status_code == 303, answer.text
        return answer.location.removesuffix("/sent")

    def learned(self) -> list[datetime | None]:
        with self.db.read() as session:
            return list(session.scalars(sa.select(col(Alert.learned_at))))


@pytest.fixture
def office(db: Database, browser: Callable[[], Browser]) -> Office:
    with db.write() as session:
        upe = make_agency(session, "UPE-SM", AgencyKind.UPE, "UPE de prueba")
        school: Agency = make_agency(session, "IE", AgencyKind.EDUCATION, "Colegio de prueba")
        session.add(Coverage(agency_id=upe.id, province="2205", since=clock.today()))
        sender = make_member(session, school, Role.CASEWORKER)
        officer = make_member(session, upe, Role.DUTY_OFFICER)
        put_on_duty(session, upe, officer)
        session.flush()
        session.expunge_all()
    return Office(db, browser().sign_in(sender, school), browser().sign_in(officer, upe))


def typed(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%dT%H:%M}"


@ON_BOTH
def test_the_form_asks_when_the_sender_knew_and_begins_with_now(office: Office) -> None:
    now = clock.now()
    shown = office.school.get("/alerts/new").text
    assert any(f'value="{typed(now + timedelta(minutes=late))}"' in shown for late in (0, 1))
    future = typed(now + timedelta(hours=2))
    answer = office.school.fill("/alerts/new", {**ALERT, "learned_at": future})
    assert answer.status_code == 422
    assert "Esa fecha es futura." in answer.text
    assert f'value="{future}"' in answer.text
    assert "Detrás del mercado" in answer.text
    called = office.school.fill("/alerts/new", {**ALERT, "telephone": "llámeme"})
    assert called.status_code == 422
    assert "Escriba un número de teléfono" in called.text
    for wrong in ("mañana", "9999-12-31T23:59", "0001-01-01T00"):
        answer = office.school.fill("/alerts/new", {**ALERT, "learned_at": wrong})
        assert answer.status_code == 422, wrong
    assert office.learned() == []


@ON_BOTH
def test_the_authority_is_chosen_where_it_is_shown_to_whom_it_goes(office: Office) -> None:
    assert 'name="authority_id"' not in office.school.get("/alerts/new").text
    seen = office.school.fill("/alerts/new", {**ALERT, "_look": "1"}).text
    assert 'name="authority_id"' in seen
    unknown = office.school.fill("/alerts/new", {**ALERT, "district": "220701"})
    assert unknown.status_code == 422
    assert 'name="authority_id"' in unknown.text


@ON_BOTH
def test_the_form_has_twelve_fields_at_most(office: Office) -> None:
    form = office.school.get("/alerts/new").text
    named = re.findall(r'<(?:input|select|textarea)[^>]*\bname="([a-z]\w*)', form)
    fields = {name.partition("-")[0] for name in named if not name.startswith("_")}
    assert "learned_at" in fields
    assert len(fields - {"agency_id", "counted"}) <= 12, fields


@ON_BOTH
def test_list_and_page_show_the_age_against_the_term_to_both_sides(office: Office) -> None:
    address = office.send(learned_at=typed(clock.now() - timedelta(days=9)))
    office.send()
    for person, box in ((office.school, "out"), (office.duty, "in")):
        listed = person.get(f"/alerts?box={box}").text
        assert listed.count("de retraso") == 1
        assert listed.count("El plazo para comunicarla") == 1
        page = person.get(address).text
        assert "de retraso" in page
        assert "R 23.5" in page
    assert office.learned().count(None) == 1


@ON_BOTH
def test_the_list_asks_as_much_for_many_alerts_as_for_one(
    office: Office, statements: Statements
) -> None:
    office.duty.get("/alerts")
    counts = []
    for number in (1, 3):
        for _each in range(number):
            office.send(learned_at=typed(clock.now() - timedelta(days=2)))
        statements.seen.clear()
        office.duty.get("/alerts")
        counts.append(statements.count)
    assert counts[0] == counts[1]
