"""Terms across cases, and what a new non-working day does to them: shown first, told once."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import col

from portal import clock
from portal.actor import AgencyKind, Role, system_actor
from portal.agencies.models import Agency
from portal.cases.assignments import bar_person, put_assignment
from portal.cases.models import Case, Term
from portal.cases.terms import meet_term, start_term
from portal.db import Database, new_id
from portal.notifications.models import Notice
from portal.users.models import User
from tests.conftest import Statements
from tests.factories.agencies import make_agency, make_member
from tests.factories.care import new_case
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
RULE = "core.risk.evaluation"
# A Monday without holidays near it: the tests' present.
MONDAY = datetime(2026, 11, 9, 10, tzinfo=clock.LIMA)
DECREE = {"scope": "national", "kind": "non_working", "title": "Día no laborable"}
DECREE |= {"norm": "DS 150-2026-PCM", "first": "2026-11-10"}


@dataclass
class Office:
    """A UPE with two cases and a term on each, its people, and who keeps the calendars."""

    db: Database
    browser: NewBrowser
    users: dict[str, User]
    agency: Agency
    other: Agency
    codes: list[str]
    ids: list[UUID]
    ends: date

    def __getitem__(self, name: str) -> Browser:
        homes = {"other": self.other, "keeper": None}
        return self.browser().sign_in(self.users[name], homes.get(name, self.agency))

    def told(self) -> dict[str, list[str]]:
        """Return where the notices of a change of calendar lead, by person."""
        with self.db.read() as session:
            found = session.scalars(
                sa.select(Notice).where(col(Notice.origin).startswith("terms:"))
            ).all()
        names = {user.id: name for name, user in self.users.items()}
        told: dict[str, list[str]] = {}
        for notice in found:
            told.setdefault(names[notice.user_id], []).append(notice.url)
        return told

    def enter(self, **more: str) -> str:
        """Look at what a decree moves, enter it, and return what was shown."""
        page, given = "/admin/calendars/new", DECREE | more
        shown = self["keeper"].fill(page, given).text
        seen = re.search(r'name="seen" value="(\w+)"', shown)
        assert seen, shown
        assert self["keeper"].fill(page, given | {"seen": seen[1]}).status_code == 303
        return shown


@pytest.fixture
def office(app: Flask, db: Database, browser: NewBrowser) -> Office:
    with clock.at(MONDAY - timedelta(hours=1)), db.write() as session:
        agency = make_agency(session, "UPE-SM", name="UPE San Martín")
        other = make_agency(session, "DEM-LAM", AgencyKind.DEMUNA, "DEMUNA Lamas")
        users = {
            "head": make_member(session, agency, Role.COORDINATOR),
            "worker": make_member(session, agency, Role.CASEWORKER),
            "kin": make_member(session, agency, Role.COORDINATOR),
            "other": make_member(session, other, Role.COORDINATOR),
            "keeper": make_member(session, None, Role.PLATFORM_ADMIN),
        }
        codes, ids = [], []
        for age in (5, 9):
            codes.append(new_case(session, agency, age)[0])
            case = session.scalars(sa.select(Case).where(col(Case.code) == codes[-1])).one()
            ids.append(case.id)
            term = start_term(
                session,
                system_actor(agency.id),
                case.id,
                rule_code=RULE,
                starts_at=clock.now(),
                agency_id=agency.id,
            )
        put_assignment(session, case, agency.id, users["worker"].id)
        lead = system_actor(agency.id)
        for case_id in ids:
            bar_person(session, lead, case_id, user_id=users["kin"].id, reason="Es pariente")
        ends = term.due_on
        session.flush()
        session.expunge_all()
    return Office(db, browser, users, agency, other, codes, ids, ends)


@ON_BOTH
def test_a_decree_shows_what_moves_before_it_is_entered_and_tells_each_owner_once(
    office: Office,
) -> None:
    with clock.at(MONDAY):
        page = "/admin/calendars/new"
        shown = office["keeper"].fill(page, DECREE)
        assert shown.status_code == 200
        after = office.ends + timedelta(days=1 if office.ends.weekday() < 4 else 3)
        for words in (f"{office.ends:%d/%m/%Y}", f"{after:%d/%m/%Y}", "menos de 5", "UPE San"):
            assert words in shown.text
        assert all(code not in shown.text for code in office.codes)
        assert "DS 150" not in office["keeper"].get("/admin/calendars?year=2026").text
        assert office.told() == {}
        # What was looked at for other days enters nothing.
        seen = re.search(r'name="seen" value="(\w+)"', shown.text)
        assert seen
        later = office["keeper"].fill(page, DECREE | {"first": "2026-11-11", "seen": seen[1]})
        assert later.status_code == 200
        office.enter()
        assert office.told() == {
            "head": ["/terms?state=moved"],
            "worker": [f"/cases/{office.codes[1]}"],
        }
        text = office["head"].get("/terms?state=moved").text
        assert all(code in text for code in office.codes)
        assert re.search(rf"antes: \w+ {office.ends:%d/%m/%Y}", text)
        assert "DS 150-2026-PCM" in text
        mine = office["worker"].get("/terms?state=moved").text
        assert (office.codes[0] in mine, office.codes[1] in mine) == (False, True)
        for name in ("kin", "other"):
            assert all(code not in office[name].get("/terms?all=1").text for code in office.codes)


def test_a_day_that_moves_nothing_says_so(office: Office) -> None:
    with clock.at(MONDAY):
        assert "Ningún plazo en curso se mueve" in office.enter(first="2027-03-01")
        assert office.told() == {}


@ON_BOTH
def test_terms_are_listed_by_state_with_how_each_was_counted(office: Office) -> None:
    first = office.codes[0]
    with clock.at(MONDAY):
        head = office["head"]
        assert "No hay plazos vencidos" in head.get("/terms").text
        text = head.get("/terms?state=running").text
        assert all(code in text for code in office.codes)
        assert "día hábil" in text
    with clock.at(MONDAY + timedelta(days=60)):
        head = office["head"]
        assert office.codes[0] in head.get("/terms").text
        with office.db.write() as session:
            term = session.scalars(sa.select(Term).where(col(Term.case_id) == office.ids[0])).one()
            meet_term(session, system_actor(office.agency.id), term.id, late_reason="Llovió un mes")
        assert first not in head.get("/terms").text
        for url in ("/terms?state=met", f"/terms?case={first}"):
            text = head.get(url).text
            assert (first in text, office.codes[1] in text) == (True, False)
            assert "Llovió un mes" in text
        assert f"/terms?case={first}" in head.get(f"/cases/{first}").text


@ON_BOTH
def test_a_suspended_term_stands_still_and_its_days_are_not_counted(office: Office) -> None:
    code = office.codes[0]
    with office.db.read() as session:
        term_id = session.scalars(
            sa.select(col(Term.id)).where(col(Term.case_id) == office.ids[0])
        ).one()
    page = f"/cases/{code}/terms/{term_id}"
    with clock.at(MONDAY + timedelta(days=1)):
        head = office["head"]
        wrong = head.fill(f"{page}/suspend", {"basis": "", "reason": "Huelga"})
        assert (wrong.status_code, "Huelga" in wrong.text) == (422, True)
        given = {"basis": "RD 12-2026-UPE", "reason": "Inundación"}
        assert head.fill(f"{page}/suspend", given).status_code == 303
        assert code in head.get("/terms?state=suspended").text
        assert head.fill(f"{page}/meet", {}).status_code == 409
        assert "Reanudar" in head.get(f"/cases/{code}").text
        assert head.get(f"/cases/{code}/close").text.count("1 plazo corre") == 0
    with clock.at(MONDAY + timedelta(days=3)):
        head = office["head"]
        assert head.fill(f"/cases/{code}", to=f"{page}/resume").status_code == 303
        text = head.get("/terms?state=running").text
        with office.db.read() as session:
            moved = session.get_one(Term, term_id).due_on
        # Tuesday and Wednesday are not counted: two business days later.
        assert moved == office.ends + timedelta(days=2 if office.ends.weekday() < 3 else 4)
        assert "RD 12-2026-UPE" in text


@ON_BOTH
def test_the_page_is_walked_in_a_fixed_number_of_statements(
    office: Office, statements: Statements
) -> None:
    with clock.at(MONDAY):
        head, other, counts = office["head"], office["other"], []
        other.get("/terms")
        head.get("/terms?state=running")
        for many in (0, 60):
            with office.db.write() as session:
                values = session.scalars(sa.select(Term)).first()
                assert values is not None
                for number in range(many):
                    later = values.due_at + timedelta(minutes=number)
                    session.add(Term(**values.model_dump() | {"id": new_id(), "due_at": later}))
            other.get("/terms")
            statements.seen.clear()
            text = head.get("/terms?state=running").text
            counts.append(statements.count)
        assert counts[0] == counts[1]
        assert text.count("Cómo se contó") == 50
        following = text.split('class="pager"><a href="')[1].split('"')[0].replace("&amp;", "&")
        assert head.get(f"/terms{following}").text.count("Cómo se contó") == 12
