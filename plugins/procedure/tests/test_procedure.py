"""The preliminary assessment: its term runs from reception, recording it meets it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from portal_procedure.services import begin

from portal import clock, events
from portal.actor import Role, system_actor
from portal.cases.events import CaseOpened
from portal.cases.leading import change_lead
from portal.cases.models import Case, Priority, Situation, Term, TermStatus
from portal.cases.services import open_case
from portal.db import Database, new_id
from portal.host import services
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from tests.factories.agencies import make_agency, make_member
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]


@dataclass
class Opened:
    """A case that the UPE leads, received two days before it was taken up."""

    code: str
    person: Browser
    db: Database


@pytest.fixture
def opened(app: Flask, db: Database, browser: NewBrowser) -> Opened:
    with app.test_request_context():
        services.admit(db, system_actor(), "procedure")
    with db.write() as session:
        agency = make_agency(session)
        services.enable(session, system_actor(), "procedure", agency.id)
        user = make_member(session, agency, Role.COORDINATOR)
        child = register_person(session, system_actor(), PersonInput(estimated_age=9))
        case = open_case(
            session,
            system_actor(agency.id),
            lead_agency_id=agency.id,
            situation=Situation.UNPROTECTION,
            priority=Priority.HIGH,
            district="220501",
            summary="Solos esta noche",
            person_ids=[child.id],
            received_at=clock.now() - timedelta(days=10),
        )
        session.flush()
        code = case.code
    events.deliver(db, session)
    return Opened(code, browser().sign_in(user, agency), db)


def terms(db: Database) -> list[Term]:
    with db.read() as session:
        return list(session.scalars(sa.select(Term)))


def form(**changes: str) -> dict[str, str]:
    return {
        "level": "unprotection",
        "grounds": "neglect",
        "resolution": "R-12-2026",
        "resolved_on": clock.today().isoformat(),
        "opinion": "Fue escuchado; quiere estar con su hermano.",
        "late_reason": "Sin personal en la fecha",
        **changes,
    }


def test_the_term_runs_from_reception_and_explains_itself(opened: Opened) -> None:
    term = terms(opened.db)[0]
    assert term.rule_code == "procedure.assessment"
    assert term.starts_at < clock.now() - timedelta(days=9)
    page = opened.person.get(f"/cases/{opened.code}").text
    assert "DL 1297 art. 18" in page
    assert "Preliminary assessment" in page or "Valoración preliminar" in page


def test_heard_twice_it_starts_one_term(opened: Opened) -> None:
    with opened.db.write() as session:
        case = session.scalars(sa.select(Case)).one()
        begin(
            session,
            CaseOpened(case.id, case.lead_agency_id, None, case.received_at, "unprotection"),
        )
    assert len(terms(opened.db)) == 1


def test_it_follows_the_case_to_who_takes_charge(opened: Opened, browser: NewBrowser) -> None:
    """The term passes on by itself, is not begun again, and the new one records what it found."""
    with opened.db.write() as session:
        case = session.scalars(sa.select(Case)).one()
        former = case.lead_agency_id
        agency = make_agency(session, "UPE-MOY")
        services.enable(session, system_actor(), "procedure", agency.id)
        user = make_member(session, agency, Role.COORDINATOR)
        change_lead(
            session,
            system_actor(agency.id),
            case,
            agency_id=agency.id,
            legal_basis="DL 1297 art. 108",
            transfer_id=new_id(),
        )
        begin(session, CaseOpened(case.id, former, None, case.received_at, "unprotection"))
        session.flush()
        session.expunge_all()
    assert [(each.agency_id, each.status) for each in terms(opened.db)] == [
        (agency.id, TermStatus.RUNNING)
    ]
    url = f"/p/procedure/cases/{opened.code}/assess"
    assert opened.person.get(url).status_code in (403, 404)
    assert browser().sign_in(user, agency).fill(url, form()).status_code == 303
    assert terms(opened.db)[0].status is TermStatus.MET


def test_recording_it_meets_the_term_and_is_offered_no_more(opened: Opened) -> None:
    url = f"/p/procedure/cases/{opened.code}/assess"
    offered = f'<a class="btn small" href="{url}">'
    assert offered in opened.person.get(f"/cases/{opened.code}").text
    answer = opened.person.fill(url, form())
    assert answer.status_code == 303, answer.text
    term = terms(opened.db)[0]
    assert term.status is TermStatus.MET
    assert term.late_reason == "Sin personal en la fecha"
    shown = opened.person.get(f"/cases/{opened.code}").text
    assert ("R-12-2026" in shown, offered in shown, url in shown) == (True, False, True)
    # Its grounds and what the child said are read where they were written, and the read is noted.
    read = opened.person.get(url).text
    assert "Negligencia" in read
    assert "quiere estar con su hermano" in read
    assert 'name="opinion"' not in read
    with opened.db.read() as session:
        raw = session.execute(sa.text("SELECT opinion_sealed FROM procedure_assessment")).scalar()
        acts = session.scalars(sa.text("SELECT action FROM portal_audit_entry")).all()
    assert b"hermano" not in (raw or b"")
    assert acts.count("procedure.assessment.read") == 1


@pytest.mark.parametrize(
    "changes",
    [{"grounds": "poverty"}, {"late_reason": ""}, {"resolved_on": "2071-01-01"}, {"opinion": ""}],
)
def test_what_the_law_does_not_allow_is_refused(opened: Opened, changes: dict[str, str]) -> None:
    url = f"/p/procedure/cases/{opened.code}/assess"
    answer = opened.person.fill(url, form(**changes))
    assert answer.status_code == 422
    assert terms(opened.db)[0].status is TermStatus.RUNNING


def test_without_it_a_case_does_not_close(opened: Opened) -> None:
    answer = opened.person.fill(f"/cases/{opened.code}/close", {"explanation": "Retorno"})
    assert answer.status_code == 422
    assert "art. 18" in answer.text


def test_an_unknown_case_is_not_there(opened: Opened) -> None:
    assert opened.person.get("/p/procedure/cases/NO-2026-XXXX/assess").status_code == 404
