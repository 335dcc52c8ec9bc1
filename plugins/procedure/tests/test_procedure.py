"""The preliminary assessment: its term runs from reception, recording it meets it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from portal_procedure.services import begin, begin_again, let_stand

from portal import clock, events
from portal.actor import Role, system_actor
from portal.cases.events import CaseOpened, CaseReopened
from portal.cases.leading import change_lead
from portal.cases.models import REOPENED, Case, Priority, Situation, Term, TermStatus
from portal.cases.services import open_case, reopen_case
from portal.cases.stages import DECLARED
from portal.copies.court import note_declaration
from portal.copies.inputs import NoteDeclaration
from portal.db import Database, new_id
from portal.host import services
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from portal.sdk import get_case_view
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


def reopen(opened: Opened, *, by_mistake: bool = False) -> None:
    """Close the case with its resolution, and take it up again."""
    with opened.db.write() as session:
        case = session.scalars(sa.select(Case)).one()
        case.close(at=clock.now())
        session.flush()
        lead = system_actor(case.lead_agency_id)
        reopen_case(session, lead, case.id, reason="Hechos nuevos", by_mistake=by_mistake)
    events.deliver(opened.db, session)


def test_a_reopened_case_is_assessed_again_in_a_term_of_its_own(opened: Opened) -> None:
    url = f"/p/procedure/cases/{opened.code}/assess"
    assert opened.person.fill(url, form()).status_code == 303
    reopen(opened)
    assert [each.status for each in terms(opened.db)] == [TermStatus.MET, TermStatus.RUNNING]
    panel = opened.person.get(f"/cases/{opened.code}").text
    assert "Se reabrió el caso: corresponde otra valoración" in panel
    refused = opened.person.fill(f"/cases/{opened.code}/close", {"explanation": "Retorno"})
    assert "art. 18" in refused.text
    again = opened.person.fill(url, form(resolution="R-90-2026", level="risk", late_reason=""))
    assert again.status_code == 303, again.text
    assert [each.status for each in terms(opened.db)] == [TermStatus.MET, TermStatus.MET]
    read = opened.person.get(url).text
    assert read.index("R-90-2026") < read.index("Anterior: resolución R-12-2026")
    assert 'name="opinion"' not in read
    assert opened.person.fill(url, form()).status_code == 409
    with opened.db.read() as session:
        case = session.scalars(sa.select(Case)).one()
        made = session.execute(
            sa.text("SELECT number, resolution FROM procedure_assessment ORDER BY number")
        ).all()
    assert case.stage == "Risk procedure: evaluation"
    assert [tuple(row) for row in made] == [(1, "R-12-2026"), (2, "R-90-2026")]


def test_of_a_case_closed_by_mistake_the_assessment_stands(opened: Opened) -> None:
    url = f"/p/procedure/cases/{opened.code}/assess"
    assert opened.person.fill(url, form()).status_code == 303
    reopen(opened, by_mistake=True)
    assert [each.status for each in terms(opened.db)] == [TermStatus.MET]
    assert "corresponde otra valoración" not in opened.person.get(f"/cases/{opened.code}").text
    assert opened.person.fill(url, form()).status_code == 409


def test_heard_twice_a_reopening_starts_one_term(opened: Opened) -> None:
    assert opened.person.fill(f"/p/procedure/cases/{opened.code}/assess", form()).location
    reopen(opened)
    with opened.db.write() as session:
        case = session.scalars(sa.select(Case)).one()
        begin_again(session, CaseReopened(case.id))
    assert len(terms(opened.db)) == 2


def test_where_nothing_is_new_the_earlier_assessment_stands(opened: Opened) -> None:
    url = f"/p/procedure/cases/{opened.code}/assess"
    stands = f"{url}/stands"
    assert opened.person.fill(url, form()).status_code == 303
    assert opened.person.get(stands).status_code == 409
    reopen(opened)
    assert stands in opened.person.get(url).text
    assert opened.person.fill(stands, {"reason": ""}).status_code == 422
    assert opened.person.fill(stands, {"reason": "Se concluyó por error"}).status_code == 303
    assert terms(opened.db)[1].status is TermStatus.CANCELLED
    shown = opened.person.get(url).text
    assert 'name="opinion"' not in shown
    assert "Anterior" not in shown
    timeline = opened.person.get(f"/cases/{opened.code}").text
    assert "Se mantiene la valoración preliminar anterior: resolución R-12-2026" in timeline


def declare(opened: Opened) -> None:
    """Declare provisional unprotection today."""
    declared = {"resolution": "R-1-2026", "declared_on": clock.today().isoformat()}
    with opened.db.write() as session:
        case = session.scalars(sa.select(Case)).one()
        lead = system_actor(case.lead_agency_id)
        note_declaration(session, lead, case.code, NoteDeclaration.model_validate(declared))


def stage(opened: Opened) -> str:
    with opened.db.read() as session:
        return session.scalars(sa.select(Case)).one().stage


def test_assessed_after_the_declaration_the_stage_stays_further(opened: Opened) -> None:
    """The urgent route declares provisional unprotection at once (DL 1297 art. 45)."""
    declare(opened)
    url = f"/p/procedure/cases/{opened.code}/assess"
    assert opened.person.fill(url, form()).status_code == 303
    assert stage(opened) == DECLARED
    reopen(opened)
    assert stage(opened) == REOPENED


@pytest.mark.parametrize("since", [False, True])
def test_only_what_was_declared_since_the_reopening_is_further_than_what_stands(
    opened: Opened, since: bool
) -> None:
    assert opened.person.fill(f"/p/procedure/cases/{opened.code}/assess", form()).status_code == 303
    if not since:
        declare(opened)
    with clock.at(clock.now() + timedelta(days=3)):
        reopen(opened)
        if since:
            declare(opened)
        with opened.db.write() as session:
            case = session.scalars(sa.select(Case)).one()
            lead = system_actor(case.lead_agency_id)
            let_stand(session, lead, get_case_view(session, lead, case.id), "Nada es nuevo")
    expected = DECLARED if since else "Unprotection procedure: evaluation"
    assert stage(opened) == expected
