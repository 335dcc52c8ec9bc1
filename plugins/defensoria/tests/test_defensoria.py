"""Monitoring: a visit's recommendation is answered by an agency that has the module off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from portal_defensoria.inputs import RecordVisit
from portal_defensoria.services import record_visit

from portal import clock
from portal.actor import AgencyKind, Role, system_actor
from portal.agencies.models import Agency
from portal.commitments.models import Commitment, CommitmentStatus, Source
from portal.db import Database, new_id
from portal.host import calling, services
from portal.personal import ErasurePlan
from tests.factories.agencies import make_agency, make_member
from tests.factories.care import new_case
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
FOUND = "Dos niños esperaron en la oficina"


@dataclass
class Office:
    """The Defensoría with its module, and the UPE without."""

    db: Database
    upe: Agency
    defensoria: Browser
    visited: Browser


@pytest.fixture
def office(app: Flask, db: Database, browser: NewBrowser) -> Office:
    services.admit(db, system_actor(), "defensoria")
    with db.write() as session:
        own = make_agency(session, "DP", AgencyKind.DEFENSORIA)
        upe = make_agency(session)
        services.enable(session, system_actor(), "defensoria", own.id)
        first = make_member(session, own, Role.COORDINATOR)
        second = make_member(session, upe, Role.COORDINATOR)
        session.expunge_all()
    return Office(db, upe, browser().sign_in(first, own), browser().sign_in(second, upe))


def record(office: Office, **changes: str) -> str:
    answer = office.defensoria.fill(
        "/p/defensoria/visits/new",
        {
            "visited_id": str(office.upe.id),
            "visited_on": clock.today().isoformat(),
            "kind": "unannounced",
            "found": FOUND,
            "recommendation": "Habilitar un ambiente de espera",
            "due_on": (clock.today() + timedelta(days=30)).isoformat(),
            **changes,
        },
    )
    return f"{answer.status_code} {answer.location or answer.text}"


def commitment(db: Database) -> Commitment:
    with db.read() as session:
        return session.scalars(sa.select(Commitment)).one()


@pytest.mark.slow
def test_the_agency_visited_answers_without_the_module(office: Office) -> None:
    assert record(office).startswith("303 /p/defensoria/visits/")
    owed = commitment(office.db)
    assert (owed.status, owed.source) == (CommitmentStatus.ACCEPTED, Source.RECOMMENDATION)
    assert "Habilitar un ambiente de espera" in office.visited.get("/").text
    assert office.visited.get("/p/defensoria/").status_code == 404
    url = f"/commitments/{owed.id}/done"
    done = office.visited.fill(url, {"words": "Ambiente habilitado", "document": "Oficio 3"})
    assert done.status_code == 303
    shown = office.defensoria.get("/p/defensoria/").text
    assert "Respondida" in shown
    verdict = office.defensoria.fill(
        f"/commitments/{owed.id}/verify", {"is_done": "1", "words": "Se constató"}
    )
    assert verdict.status_code == 303
    assert commitment(office.db).status is CommitmentStatus.VERIFIED


def test_what_was_found_is_encrypted_and_not_the_agencys_to_read(office: Office) -> None:
    visit = record(office).split(" ")[1]
    assert FOUND in office.defensoria.get(visit).text
    with office.db.read() as session:
        cell = session.execute(sa.text("SELECT found_sealed FROM defensoria_visit")).scalar_one()
    assert FOUND.encode() not in cell
    assert FOUND not in office.visited.get(f"/commitments/{commitment(office.db).id}").text


def test_what_was_found_on_a_case_goes_with_the_visits_own_key(office: Office) -> None:
    with office.db.write() as session:
        code, (child,) = new_case(session, office.upe, 9)
        given = RecordVisit(
            visited_id=office.upe.id,
            visited_on=clock.today(),
            found=FOUND,
            recommendation="Habilitar un ambiente de espera",
            due_on=clock.today() + timedelta(days=30),
            code=code,
        )
        other = make_agency(session, "DP-2", AgencyKind.DEFENSORIA)
        visit = record_visit(session, system_actor(other.id), given)
        plan = ErasurePlan(id=new_id(), person_id=child, reason="-")
        (told,) = calling.erase_person(session, child, plan, ["defensoria"])
        assert (told.erased, told.scopes, visit.found_sealed) == (1, frozenset([visit.id]), b"")


@pytest.mark.parametrize(
    "changes", [{"visited_on": "2071-01-01"}, {"code": "NO-2026-XXXX"}, {"recommendation": ""}]
)
def test_bad_input_is_refused(office: Office, changes: dict[str, str]) -> None:
    assert record(office, **changes).startswith("422")


def test_only_the_defensoria_may_have_it(office: Office) -> None:
    with office.db.write() as session, pytest.raises(Exception, match="not meant"):
        services.enable(session, system_actor(), "defensoria", office.upe.id)


def test_a_term_to_answer_that_no_calendar_holds_is_refused(office: Office) -> None:
    with office.db.write() as session:
        admin = make_member(session, None, Role.PLATFORM_ADMIN)
        session.expunge_all()
    keeper = Browser(office.defensoria.app, office.db).sign_in(admin, None)
    for days in ("0", "1" + "0" * 40):
        answer = keeper.fill("/admin/plugins/defensoria/settings", {"answer_days": days})
        assert answer.status_code == 422
    assert office.defensoria.get("/p/defensoria/visits/new").status_code == 200
