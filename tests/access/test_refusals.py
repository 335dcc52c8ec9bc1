"""A refusal says whom to ask in one's own agency, and nothing of what was asked for."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from portal import clock
from portal.access.models import Membership
from portal.actor import AgencyKind, Role
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseAssignment, Entry
from portal.db import Database
from portal.users.models import User
from tests.factories.agencies import make_agency, make_member
from tests.factories.care import new_case
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]


class Office:
    """A UPE with a coordinator, a caseworker on a case, and a colleague who is not."""

    def __init__(self, db: Database, browser: NewBrowser) -> None:
        self.db, self.browser = db, browser
        with db.write() as session:
            self.upe = make_agency(session, "UPE-SM", name="UPE San Martín")
            self.other = make_agency(session, "DEM-LAM", AgencyKind.DEMUNA, "DEMUNA Lamas")
            self.users = {
                "coordinator": make_member(session, self.upe, Role.COORDINATOR, name="Elena Caoba"),
                "worker": make_member(session, self.upe, Role.CASEWORKER, name="Marco Lupuna"),
                "colleague": make_member(session, self.upe, Role.CASEWORKER, name="Rosa Quinilla"),
                "strange": make_member(session, self.other, Role.COORDINATOR, name="Raúl Catahua"),
            }
            self.code = new_case(session, self.upe, 5)[0]
            case_id = session.scalars(sa.select(col(Case.id))).one()
            session.add(
                CaseAssignment(
                    case_id=case_id,
                    agency_id=self.upe.id,
                    user_id=self.users["worker"].id,
                    since=clock.now(),
                )
            )
            session.flush()
            session.expunge_all()

    def at(self, name: str, agency: Agency | None = None) -> Browser:
        own = self.other if name == "strange" else self.upe
        return self.browser().sign_in(self.users[name], agency or own)

    def end_roles(self, name: str, agency: Agency | None = None) -> None:
        statement = sa.update(Membership).where(col(Membership.user_id) == self.users[name].id)
        if agency is not None:
            statement = statement.where(col(Membership.agency_id) == agency.id)
        with self.db.write() as session:
            session.execute(statement.values(until=clock.now()))

    def give(self, name: str, agency: Agency, role: Role, days: int = 0) -> None:
        with self.db.write() as session:
            session.add(
                Membership(
                    user_id=self.users[name].id,
                    agency_id=agency.id,
                    role=role,
                    since=clock.now() + timedelta(days=days),
                )
            )


@pytest.fixture
def office(db: Database, browser: NewBrowser) -> Office:
    return Office(db, browser)


def test_a_colleague_is_told_the_coordinators_and_not_whether_the_case_exists(
    office: Office,
) -> None:
    colleague = office.at("colleague")
    hidden = colleague.get(f"/cases/{office.code}")
    absent = colleague.get("/cases/UPE-SM-2026-ZZZZ")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert "Elena Caoba" in hidden.text
    assert hidden.text == absent.text


def test_another_agency_is_told_its_own_coordinators_only(office: Office) -> None:
    answer = office.at("strange").get(f"/cases/{office.code}")
    assert answer.status_code == 404
    assert "Raúl Catahua" in answer.text
    assert "Elena Caoba" not in answer.text
    assert "UPE San Martín" not in answer.text


def test_where_nobody_coordinates_the_administrators_are_named(office: Office) -> None:
    with office.db.write() as session:
        make_member(session, office.upe, Role.AGENCY_ADMIN, name="Iván Huayruro")
    office.end_roles("coordinator")
    assert "Iván Huayruro" in office.at("colleague").get(f"/cases/{office.code}").text


def test_a_role_taken_away_in_the_middle_of_a_form_keeps_the_text_and_refuses_the_act(
    office: Office,
) -> None:
    worker, url = office.at("worker"), f"/cases/{office.code}/entries/new"
    sent = {
        **worker.marks(url),
        "kind": "note",
        "circle": "team",
        "text": "La abuela vive en Lamas",
        "happened_at": clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M"),
    }
    office.end_roles("worker")
    answer = worker.post(url, sent)
    assert answer.status_code == 404
    assert "Elena Caoba" in answer.text
    assert "UPE San Martín" in answer.text
    assert "borrador" in answer.text
    with office.db.read() as session:
        written = session.scalars(sa.select(col(Entry.text))).all()
    assert "La abuela vive en Lamas" not in written
    office.give("worker", office.upe, Role.CASEWORKER)
    assert "La abuela vive en Lamas" in worker.get(url).text


def test_who_holds_no_role_any_more_still_reads_for_whom(office: Office) -> None:
    worker = office.at("worker")
    office.end_roles("worker")
    home = worker.get("/")
    assert home.status_code == 200
    assert "UPE San Martín" in home.text
    assert 'href="/me/acting"' in home.text
    assert office.code not in home.text


def test_the_switch_shows_what_is_held_to_come_and_ended(office: Office) -> None:
    office.give("worker", office.other, Role.COORDINATOR, days=3)
    worker = office.at("worker")
    page = worker.get("/me/acting").text
    assert "DEMUNA Lamas" in page
    assert f'name="agency_id" value="{office.other.id}"' not in page
    early = worker.post(
        "/me/acting", {"agency_id": str(office.other.id), "_agency": str(office.upe.id)}
    )
    assert early.status_code == 404
    with clock.at(clock.now() + timedelta(days=4)):
        later = office.at("worker")
        assert f'name="agency_id" value="{office.other.id}"' in later.get("/me/acting").text
        moved = later.post(
            "/me/acting", {"agency_id": str(office.other.id), "_agency": str(office.upe.id)}
        )
        assert moved.status_code == 303
        assert "DEMUNA Lamas" in later.get("/").text
        office.end_roles("worker", office.other)
        assert later.get("/cases").status_code == 404
        assert f'name="agency_id" value="{office.upe.id}"' in later.get("/me/acting").text


def test_a_form_opened_for_one_agency_is_not_sent_for_another(office: Office) -> None:
    office.give("worker", office.other, Role.CASEWORKER)
    worker, url = office.at("worker"), f"/cases/{office.code}/entries/new"
    marks = worker.marks(url)
    worker.post("/me/acting", {"agency_id": str(office.other.id), "_agency": str(office.upe.id)})
    answer = worker.post(url, {**marks, "kind": "note", "circle": "team", "text": "Otra ventana"})
    assert answer.status_code in (404, 409)
    with office.db.read() as session:
        assert "Otra ventana" not in session.scalars(sa.select(col(Entry.text))).all()


def test_a_suspended_account_reads_no_page_at_all(office: Office) -> None:
    worker = office.at("worker")
    with office.db.write() as session:
        session.get_one(User, office.users["worker"].id).disabled_at = clock.now()
    assert worker.get("/").status_code == 302
