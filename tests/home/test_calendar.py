"""A person's terms in another program's calendar: what it says, to whom, and when it ends."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from portal import clock
from portal.access.models import Membership
from portal.actor import Role, system_actor
from portal.agencies.models import Agency
from portal.audit.models import AuditEntry
from portal.cases.models import Case, Term
from portal.cases.terms import start_term
from portal.db import Database, new_id
from portal.users.models import CalendarKey, User
from portal.users.services import end_sign_ins
from tests.factories.agencies import make_agency, make_member
from tests.factories.care import new_case
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
DAY = re.compile(r"DTSTART;VALUE=DATE:(\d{8})")


@dataclass
class Office:
    """A UPE with one term that runs, its coordinator, and a program of calendars."""

    db: Database
    browser: NewBrowser
    agency: Agency
    user: User
    code: str
    due_on: date

    def address(self) -> str:
        """Make an address for the calendar as its owner; returns its path."""
        answer = self.inside().fill("/me/calendar")
        found = re.search(r"(/calendar/[\w-]{43}\.ics)", answer.text)
        assert found, answer.text
        return found[1]

    def inside(self) -> Browser:
        """Return the coordinator's browser."""
        return self.browser().sign_in(self.user, self.agency)

    def days(self, path: str) -> list[str]:
        """Return the days that a program of calendars reads, which is signed in nowhere."""
        answer = self.browser().get(path)
        assert answer.status_code == 200
        return DAY.findall(answer.text)

    def status(self, path: str) -> int:
        """Return how an address answers a program of calendars."""
        return self.browser().get(path).status_code


@pytest.fixture
def office(db: Database, browser: NewBrowser) -> Office:
    with db.write() as session:
        agency = make_agency(session)
        user = make_member(session, agency, Role.COORDINATOR)
        code, _children = new_case(session, agency, 7)
        case = session.scalars(sa.select(Case)).one()
        term = start_term(
            session,
            system_actor(agency.id),
            case.id,
            rule_code="core.risk.evaluation",
            starts_at=clock.now(),
            agency_id=agency.id,
        )
        due_on = term.due_on
        session.flush()
        session.expunge_all()
    return Office(db, browser, agency, user, code, due_on)


def test_it_says_on_which_days_and_nothing_else(office: Office) -> None:
    text = office.browser().get(office.address()).text
    assert DAY.findall(text) == [f"{office.due_on:%Y%m%d}"]
    assert set(re.findall(r"SUMMARY:(.*)\r\n", text)) == {"plazo en Articula"}
    assert [
        said for said in (office.code, office.agency.name, "Cedro", "Tangara") if said in text
    ] == []


@ON_BOTH
def test_whoever_may_not_see_the_case_reads_no_day(office: Office) -> None:
    path = office.address()
    with office.db.write() as session:
        session.execute(sa.update(Membership).values(role=Role.VIEWER))
        session.execute(sa.update(Case).values(lead_agency_id=make_agency(session, "OTHER").id))
    assert office.days(path) == []


def test_who_left_reads_no_day_and_a_closed_account_nothing(office: Office) -> None:
    path = office.address()
    with office.db.write() as session:
        session.execute(sa.update(Membership).values(until=clock.now()))
    assert office.days(path) == []
    with office.db.write() as session:
        session.execute(sa.update(User).values(disabled_at=clock.now()))
    assert office.status(path) == 404


@ON_BOTH
def test_a_new_address_ends_the_one_before(office: Office) -> None:
    first = office.address()
    second = office.address()
    assert (office.status(first), office.status(second)) == (404, 200)


@ON_BOTH
def test_its_owner_ends_it(office: Office) -> None:
    path, mine = office.address(), office.inside()
    assert mine.fill("/me", to="/me/calendar/end").status_code == 303
    assert office.status(path) == 404
    with office.db.read() as session:
        acts = session.scalars(
            sa.select(col(AuditEntry.action)).where(
                col(AuditEntry.action).startswith("users.calendar")
            )
        ).all()
    assert sorted(acts) == ["users.calendar.end", "users.calendar.make"]


def test_it_ends_when_all_sign_ins_of_the_person_are_ended(office: Office) -> None:
    path = office.address()
    with office.db.write() as session:
        end_sign_ins(session, system_actor(), office.user.id)
    assert office.status(path) == 404


def test_the_database_cannot_give_the_address_back(office: Office) -> None:
    token = office.address().removeprefix("/calendar/").removesuffix(".ics")
    with office.db.read() as session:
        key = session.scalars(sa.select(CalendarKey)).one()
    assert token not in (key.token_hash, str(key.id))
    assert office.inside().get("/me/calendar").text.find(token) == -1


def test_a_wrong_address_is_not_there(office: Office) -> None:
    for wrong in ("x", "A" * 43, "ñ" * 43):
        assert office.status(f"/calendar/{wrong}.ics") == 404


def test_its_owner_sees_when_it_was_read(office: Office) -> None:
    path, now = office.address(), clock.now()
    office.status(path)
    with clock.at(now + timedelta(minutes=5)):
        office.status(path)
    with office.db.read() as session:
        key = session.scalars(sa.select(CalendarKey)).one()
    assert key.read_at is not None
    assert key.read_at - now < timedelta(minutes=1)


def test_reading_takes_as_many_statements_however_many_terms(
    office: Office, statements: object
) -> None:
    path = office.address()
    seen: list[str] = statements.seen  # type: ignore[attr-defined]
    office.status(path)
    seen.clear()
    office.status(path)
    few = len(seen)
    with office.db.write() as session:
        term = session.scalars(sa.select(Term)).one()
        for number in range(20):
            values = term.model_dump() | {"id": new_id(), "due_on": term.due_on + timedelta(number)}
            session.add(Term(**values))
    seen.clear()
    assert len(office.days(path)) == 20
    assert len(seen) == few
