"""Who carries how much, many cases passed on in one act, the order of a day and its digest."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col

from portal import clock
from portal.access.models import Membership
from portal.actor import Role, system_actor
from portal.agencies.models import Agency
from portal.audit.models import AuditEntry
from portal.cases.assignments import bar_person, put_assignment
from portal.cases.models import Case, CaseAssignment, Level
from portal.cases.parties import add_party
from portal.cases.terms import start_term
from portal.db import Database
from portal.events import settle
from portal.events.models import Task
from portal.home.digest import JOB, plan_day
from portal.notifications.models import Notice
from portal.users.models import User
from tests.conftest import Statements
from tests.factories.agencies import make_agency, make_member
from tests.factories.care import new_case
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
MONDAY = datetime(2026, 11, 9, 10, tzinfo=clock.LIMA)
HOLIDAY = datetime(2026, 12, 8, 10, tzinfo=clock.LIMA)


@dataclass
class Office:
    """A UPE whose cases are Ana's, but one of nobody; Bruno has none."""

    app: Flask
    db: Database
    browser: NewBrowser
    agency: Agency
    users: dict[str, User]
    cases: dict[str, Case]

    def at(self, name: str) -> Browser:
        """Return a browser in which a person just signed in."""
        return self.browser().sign_in(self.users[name], self.agency)

    def pass_on(self, from_name: str, to_name: str, *codes: str, **more: object) -> int:
        """Pass cases on, as the coordinator does on the page; returns the answer's status."""
        path = str(self.users[from_name].id) if from_name else "nobody"
        given = {
            "case_ids": [str(self.cases[code].id) for code in codes],
            "to_id": str(self.users[to_name].id),
            **more,
        }
        self.answer = self.at("head").fill(f"/load/{path}", given)
        return self.answer.status_code

    def carried(self, session: Session, name: str) -> set[str]:
        """Return which cases a person carries."""
        ids = session.scalars(
            sa.select(col(CaseAssignment.case_id)).where(
                col(CaseAssignment.user_id) == self.users[name].id,
                col(CaseAssignment.until).is_(None),
            )
        ).all()
        return {key for key, case in self.cases.items() if case.id in ids}

    def told(self, session: Session, name: str, origin: str) -> list[Notice]:
        """Return what a person was told of one kind."""
        mine = sa.and_(
            col(Notice.user_id) == self.users[name].id, col(Notice.origin).startswith(origin)
        )
        return list(session.scalars(sa.select(Notice).where(mine)))

    def wait(self) -> None:
        """Let the worker do all that is due."""
        with self.app.app_context():
            settle(self.db)


@pytest.fixture
def office(app: Flask, db: Database, browser: NewBrowser) -> Office:
    with clock.at(MONDAY - timedelta(hours=2)), db.write() as session:
        agency = make_agency(session, "UPE-SM", name="UPE San Martín")
        users = {
            "head": make_member(session, agency, Role.COORDINATOR, name="Jefa"),
            "ana": make_member(session, agency, Role.CASEWORKER, name="Ana"),
            "bruno": make_member(session, agency, Role.CASEWORKER, name="Bruno"),
            "guest": make_member(session, agency, Role.VIEWER, name="Visita"),
        }
        cases = {}
        for key, age in (("one", 5), ("two", 9), ("free", 12)):
            code, _children = new_case(session, agency, age)
            cases[key] = session.scalars(sa.select(Case).where(col(Case.code) == code)).one()
            if key != "free":
                put_assignment(session, cases[key], agency.id, users["ana"].id)
        start_term(
            session,
            system_actor(agency.id),
            cases["one"].id,
            rule_code="core.risk.evaluation",
            starts_at=clock.now(),
            agency_id=agency.id,
        )
        bar_person(
            session,
            system_actor(agency.id),
            cases["two"].id,
            user_id=users["bruno"].id,
            reason="Es pariente",
        )
        session.flush()
        session.expunge_all()
    return Office(app, db, browser, agency, users, cases)


@ON_BOTH
def test_many_cases_are_passed_on_in_one_act_and_each_person_is_told_once(office: Office) -> None:
    with clock.at(MONDAY):
        ana = office.users["ana"].id
        text = office.at("head").get("/load").text
        assert text.index("Sin persona asignada") < text.index("Ana") < text.index("Bruno")
        assert f'href="/load/{ana}"' in text
        assert office.pass_on("ana", "head", "one", "two", reason="Vacaciones") == 303
        with office.db.read() as session:
            assert office.carried(session, "head") == {"one", "two"}
            assert office.carried(session, "ana") == set()
            for name in ("head", "ana"):
                (notice,) = office.told(session, name, "passed:")
                assert notice.facts == {"count": "2"}
                assert office.told(session, name, "assigned:") == []
            acts = session.scalars(
                sa.select(AuditEntry).where(col(AuditEntry.action) == "cases.case.pass_on")
            ).all()
            assert len(acts) == 1
        assert office.at("ana").get(f"/cases/{office.cases['one'].code}").status_code == 404
        assert office.pass_on("", "bruno", "free") == 303
        with office.db.read() as session:
            assert office.carried(session, "bruno") == {"free"}


def test_all_of_them_or_none(office: Office) -> None:
    with clock.at(MONDAY):
        assert office.pass_on("ana", "bruno", "one", "two", reason="Reparto") == 422
        assert f"no puede estar en {office.cases['two'].code}" in office.answer.text
        assert 'value="Reparto"' in office.answer.text
        assert office.answer.text.count(" checked") == 2
        assert office.pass_on("ana", "guest", "one") == 422
        assert office.pass_on("ana", "ana", "one") == 422
        assert office.pass_on("ana", "head") == 422
        assert office.pass_on("ana", "head", "one", "free") == 409
        assert office.pass_on("bruno", "head", "one") == 409
        with office.db.read() as session:
            assert office.carried(session, "ana") == {"one", "two"}


def test_only_a_coordinator_sees_the_load_and_as_many_statements_for_many(
    office: Office, statements: Statements
) -> None:
    with clock.at(MONDAY):
        for name in ("ana", "guest"):
            for path in ("/load", "/load/nobody"):
                assert office.at(name).get(path).status_code == 404
        head, counts = office.at("head"), []
        head.get("/load")
        for many in (0, 5):
            with office.db.write() as session:
                for _each in range(many):
                    new_case(session, office.agency, 7)
                    make_member(session, office.agency, Role.CASEWORKER)
            head.get("/load")
            statements.seen.clear()
            head.get("/load")
            counts.append(statements.count)
        assert counts[0] == counts[1]
        assert head.get(f"/load/{office.agency.id}").status_code == 404


def test_the_next_term_is_kept_from_an_institution_that_reads_no_terms(office: Office) -> None:
    case = office.cases["one"]
    with clock.at(MONDAY), office.db.write() as session:
        health = make_agency(session, "SAL", name="Centro de Salud")
        doctor = make_member(session, health, Role.COORDINATOR)
        lead = system_actor(office.agency.id)
        add_party(
            session, lead, case.id, agency_id=health.id, level=Level.INFORMED, legal_basis="R 23"
        )
        session.flush()
        session.expunge_all()
    with clock.at(MONDAY):
        assert "próximo plazo" in office.at("head").get(f"/load/{office.users['ana'].id}").text
        page = office.browser().sign_in(doctor, health).get("/load/nobody").text
        assert case.code in page
        assert "próximo plazo" not in page


@ON_BOTH
def test_a_digest_comes_once_on_business_days_and_says_what_others_let_pass(
    office: Office,
) -> None:
    early = MONDAY.replace(hour=6) + timedelta(days=28)
    with clock.at(early):
        office.wait()
        with office.db.read() as session:
            assert office.told(session, "ana", "day:") == []
    with clock.at(early + timedelta(hours=2)):
        office.wait()
        with office.db.write() as session:
            assert plan_day(session) == 0
        office.wait()
        with office.db.read() as session:
            (own,) = office.told(session, "ana", "day:")
            assert (own.facts["late"], own.url) == ("1", "/")
            assert office.told(session, "bruno", "day:") == []
            (passed,) = office.told(session, "head", "let_pass:")
            assert (passed.facts, passed.url) == ({"count": "1"}, "/load")
            assert office.told(session, "ana", "let_pass:") == []
        assert "otras personas dejaron pasar" in office.at("head").get("/notices").text
    with clock.at(HOLIDAY):
        office.wait()
        with office.db.read() as session:
            assert len(office.told(session, "ana", "day:")) == 1
    with clock.at(HOLIDAY + timedelta(days=2)):
        office.wait()
        with office.db.read() as session:
            assert len(office.told(session, "ana", "day:")) == 2


@ON_BOTH
def test_who_left_before_the_digest_is_told_nothing(office: Office) -> None:
    with clock.at(MONDAY + timedelta(days=28)):
        with office.db.write() as session:
            assert plan_day(session) == 3
            assert len(session.scalars(sa.select(Task).where(col(Task.name) == JOB)).all()) == 3
            session.execute(sa.update(Membership).values(until=clock.now()))
        with clock.at(clock.now() + timedelta(minutes=1)):
            office.wait()
        with office.db.read() as session:
            assert session.scalars(sa.select(Notice).where(col(Notice.url) == "/")).all() == []
