"""The watch: a curious colleague is told the same night, and so is the privacy officer."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from portal import audit, clock
from portal.access.models import Membership
from portal.actor import Role, system_actor
from portal.agencies.models import Agency
from portal.audit.models import AuditEntry
from portal.cases.models import BarKind, CaseBar, CaseChild, Level
from portal.cases.services import add_party
from portal.db import Database
from portal.documents.models import Document
from portal.notifications.models import Notice
from portal.privacy.models import AlertKind, Declaration, ReadingAlert
from portal.privacy.watch import watch
from tests.conftest import Statements
from tests.factories.agencies import make_member, put_on_duty
from tests.postgresql import ON_BOTH
from tests.privacy.conftest import Office

pytestmark = pytest.mark.slow

FINDING = {"outcome": "explained", "words": "Preparaba la sesión del consejo"}


def found(db: Database) -> list[ReadingAlert]:
    with db.read() as session:
        return list(session.exec(select(ReadingAlert).order_by(col(ReadingAlert.made_at))))


def told(db: Database) -> set[tuple[str, str]]:
    """Return whose notices lead where."""
    with db.read() as session:
        return {(str(each.user_id), each.url) for each in session.exec(select(Notice))}


@ON_BOTH
def test_who_opens_many_files_is_told_the_same_night_and_so_is_the_officer(office: Office) -> None:
    codes = [office.case()[0] for _each in range(5)]
    reader = office.at("coordinator")
    for code in codes[:3]:
        reader.get(f"/cases/{code}")
    assert office.look() == 0
    for code in codes[3:]:
        reader.get(f"/cases/{code}")
    assert office.look() == 1
    [alert] = found(office.db)
    assert (alert.kind, alert.count) == (AlertKind.MANY, 5)
    assert alert.user_id == office.users["coordinator"].id
    assert told(office.db) == {
        (str(office.users["coordinator"].id), f"/privacy/readings/{alert.id}"),
        (str(office.users["officer"].id), f"/privacy/alerts/{alert.id}"),
    }
    assert "copias de 5 casos" in reader.get("/notices").text


def test_a_reading_that_goes_on_is_one_alert_that_grows_and_is_told_once(office: Office) -> None:
    reader = office.at("coordinator")
    for _round in range(2):
        for _each in range(4):
            reader.get(f"/cases/{office.case()[0]}")
        office.look()
    [alert] = found(office.db)
    assert alert.count == 8
    assert len(told(office.db)) == 2


def reached(office: Office, action: str, case_id: UUID, subject_id: UUID | None = None) -> None:
    """Write that the coordinator did this to a case."""
    with office.db.write() as session:
        session.add(
            AuditEntry(
                at=clock.now(),
                user_id=office.users["coordinator"].id,
                agency_id=office.upe.id,
                action=action,
                subject_id=subject_id or case_id,
                case_id=case_id,
            )
        )


def test_documents_and_copies_reach_a_case_once_like_its_file(office: Office) -> None:
    """Downloads leave many records as openings do; a case reached in two ways is one."""
    ways = ("cases.case.read", "documents.document.read", "copies.copy.form", "copies.history.make")
    cases = [office.case()[1] for _way in ways]
    for action in ways:
        reached(office, action, cases[0])
    for action, case_id in zip(ways[1:3], cases[1:3], strict=True):
        reached(office, action, case_id)
    assert office.look() == 0
    reached(office, ways[3], cases[3])
    assert office.look() == 1
    assert [(alert.kind, alert.count) for alert in found(office.db)] == [(AlertKind.MANY, 4)]


def test_copies_for_the_court_are_taken_out_like_histories(office: Office) -> None:
    """Formed, or opened again as the document that a copy is; other documents are not copies."""
    cases = [office.case()[1] for _each in range(3)]
    reached(office, "copies.copy.form", cases[0])
    with office.db.write() as session:
        papers = [
            Document(
                case_id=case_id,
                scope_id=case_id,
                piece=piece,
                piece_id=case_id,
                title_sealed=b"-",
                author_agency_id=office.upe.id,
                recorded_at=clock.now(),
            )
            for case_id, piece in zip(cases[1:], ("court_copy", "entry"), strict=True)
        ]
        session.add_all(papers)
        session.flush()
        subjects = [each.id for each in papers]
    for case_id, subject_id in zip(cases[1:], subjects, strict=True):
        reached(office, "documents.document.read", case_id, subject_id)
    with office.db.write() as session:
        audit.link_entries(session)
    with office.db.write() as session:
        assert watch(session, most_an_hour=20, most_copies=1) == 1
    assert [(alert.kind, alert.count) for alert in found(office.db)] == [(AlertKind.COPIES, 2)]


def test_nothing_read_before_is_looked_at_again(office: Office, statements: Statements) -> None:
    office.at("coordinator").get(f"/cases/{office.case()[0]}")
    office.look()
    with office.db.write() as session:
        statements.seen.clear()
        assert watch(session, most_an_hour=3) == 0
    assert statements.count <= 2


def test_what_the_role_opens_is_not_unusual(office: Office) -> None:
    """A coordinator by office, a duty officer in the shift, a caseworker when assigned."""
    code, _case = office.case(assigned="worker")
    with office.db.write() as session:
        upe = session.get_one(Agency, office.upe.id)
        officer = make_member(session, upe, Role.DUTY_OFFICER)
        put_on_duty(session, upe, officer)
        session.flush()
        session.expunge_all()
    office.users["on_duty"] = officer
    for name in ("coordinator", "worker", "on_duty"):
        assert office.at(name).get(f"/cases/{code}").status_code == 200
    assert office.look() == 0


def put_read(office: Office, name: str, case_id: UUID) -> None:
    """Write that somebody opened a case, which the visibility rule itself would have refused."""
    with office.db.write() as session:
        session.add(
            AuditEntry(
                at=clock.now(),
                user_id=office.users[name].id,
                agency_id=office.upe.id,
                action="cases.case.read",
                subject_id=case_id,
                case_id=case_id,
            )
        )


def test_a_case_never_assigned_to_who_opened_it_is_unusual(office: Office) -> None:
    _code, case_id = office.case()
    put_read(office, "worker", case_id)
    assert office.look() == 1
    assert [alert.kind for alert in found(office.db)] == [AlertKind.NEVER_ASSIGNED]


@pytest.mark.parametrize("way", ["emergency", "staff"])
def test_what_has_a_review_of_its_own_is_not_told_twice(office: Office, way: str) -> None:
    _code, case_id = office.case()
    entry: dict[str, Any] = {
        "at": clock.now(),
        "user_id": office.users["worker"].id,
        "agency_id": office.upe.id,
        "case_id": case_id,
    }
    with office.db.write() as session:
        if way == "emergency":
            session.add(AuditEntry(action="sharing.emergency.open", **entry))
        facts = '{"staff":"1"}' if way == "staff" else "{}"
        session.add(AuditEntry(action="cases.case.read", facts=facts, **entry))
    assert office.look() == 0
    with clock.at(clock.now() + timedelta(hours=2)):
        put_read(office, "worker", case_id)
        assert office.look() == 1


def test_a_role_that_ended_before_does_not_cover_a_reading(office: Office) -> None:
    _code, case_id = office.case()
    with office.db.write() as session:
        session.execute(
            sa.update(Membership)
            .where(col(Membership.user_id) == office.users["coordinator"].id)
            .values(until=clock.now())
        )
    put_read(office, "coordinator", case_id)
    assert office.look() == 1


def test_declared_kin_is_found_and_surnames_alone_are_not(office: Office) -> None:
    far, _case = office.case(first_surname="Caoba", second_surname="Topa")
    near, _case = office.case(document_kind="dni", document_number="71234567")
    reader = office.at("coordinator")
    given = {"first_surname": "Caoba", "second_surname": "Topa", "kin-0-document": "71234567"}
    assert reader.fill("/privacy/kin", given).status_code == 303
    reader.get(f"/cases/{far}")
    assert office.look() == 0
    reader.get(f"/cases/{near}")
    assert office.look() == 1
    assert [alert.kind for alert in found(office.db)] == [AlertKind.KIN]
    with office.db.read() as session:
        sealed = session.exec(select(Declaration)).one().declared_sealed
    assert b"71234567" not in sealed


def test_a_declaration_can_be_taken_back(office: Office) -> None:
    reader = office.at("coordinator")
    reader.fill("/privacy/kin", {"document": "71234567"})
    assert 'value="71234567"' in reader.get("/privacy/kin").text
    assert reader.fill("/privacy/kin", {"document": ""}).status_code == 303
    with office.db.read() as session:
        assert session.exec(select(Declaration)).all() == []
    wrong = reader.fill("/privacy/kin", {"document": "7123"})
    assert wrong.status_code == 422
    assert 'value="7123"' in wrong.text
    assert "Escriba los ocho dígitos del DNI." in wrong.text


def test_a_child_of_a_case_that_one_is_barred_from_is_kin_in_another_case(office: Office) -> None:
    _barred, first = office.case()
    code, second = office.case()
    user_id = office.users["coordinator"].id
    with office.db.write() as session:
        child = session.exec(select(CaseChild).where(CaseChild.case_id == first)).one()
        session.add(CaseChild(case_id=second, person_id=child.person_id, position=2))
        session.add(
            CaseBar(
                case_id=first,
                user_id=user_id,
                kind=BarKind.BARRED,
                reason_sealed=b"-",
                at=clock.now(),
            )
        )
    office.at("coordinator").get(f"/cases/{code}")
    assert office.look() == 1
    assert found(office.db)[0].kind is AlertKind.KIN


def test_the_lead_is_told_of_a_reader_of_another_institution_and_sees_only_its_own(
    office: Office,
) -> None:
    codes = []
    for _each in range(4):
        code, case_id = office.case()
        codes.append(code)
        with office.db.write() as session:
            add_party(
                session,
                system_actor(office.upe.id),
                case_id,
                agency_id=office.other.id,
                level=Level.INFORMED,
                legal_basis="Prueba",
            )
    for code in codes:
        office.at("other").get(f"/cases/{code}")
    assert office.look() == 1
    [alert] = found(office.db)
    lead = office.at("officer").get(f"/privacy/alerts/{alert.id}")
    own = office.at("other_officer").get(f"/privacy/alerts/{alert.id}")
    assert (lead.status_code, own.status_code) == (200, 200)
    assert all(code in lead.text for code in codes)


def test_the_officer_looks_into_it_once_and_the_reader_may_say_a_word(office: Office) -> None:
    reader, officer = office.at("coordinator"), office.at("officer")
    for _each in range(4):
        reader.get(f"/cases/{office.case()[0]}")
    office.look()
    [alert] = found(office.db)
    url = f"/privacy/alerts/{alert.id}"
    assert alert.reference in officer.get("/").text
    assert reader.fill(f"/privacy/readings/{alert.id}", {"words": "La sesión"}).status_code == 303
    assert "La sesión" in officer.get(url).text
    assert officer.fill(url, {"outcome": "explained"}).status_code == 422
    assert officer.fill(url, FINDING).status_code == 303
    assert "Preparaba la sesión" in officer.get(url).text
    assert alert.reference not in officer.get("/").text
    assert 'name="words"' not in officer.get(url).text


@pytest.mark.parametrize("who", ["coordinator", "worker", "admin", "other", "other_officer"])
def test_to_all_others_an_alert_is_not_there(office: Office, who: str) -> None:
    reader = office.at("coordinator")
    for _each in range(4):
        reader.get(f"/cases/{office.case()[0]}")
    office.look()
    [alert] = found(office.db)
    stranger = office.at(who)
    assert stranger.get(f"/privacy/alerts/{alert.id}").status_code == 404
    if who != "coordinator":
        assert stranger.get(f"/privacy/readings/{alert.id}").status_code == 404


def test_nobody_looks_into_an_own_reading(office: Office) -> None:
    with office.db.write() as session:
        upe = session.get_one(Agency, office.upe.id)
        both = make_member(session, upe, Role.COORDINATOR, Role.PRIVACY_OFFICER)
        session.flush()
        session.expunge_all()
    office.users["both"] = both
    reader = office.at("both")
    for _each in range(4):
        reader.get(f"/cases/{office.case()[0]}")
    office.look()
    [alert] = found(office.db)
    marks = reader.marks(f"/privacy/readings/{alert.id}")
    answer = reader.post(f"/privacy/alerts/{alert.id}", {**marks, **FINDING, "_version": "2"})
    assert answer.status_code in (403, 409)
    assert found(office.db)[0].state == "open"


def test_without_an_officer_the_administrator_is_told_to_name_one(office: Office) -> None:
    with office.db.write() as session:
        session.execute(
            sa.delete(Membership).where(col(Membership.user_id) == office.users["officer"].id)
        )
    reader = office.at("coordinator")
    for _each in range(4):
        reader.get(f"/cases/{office.case()[0]}")
    office.look()
    assert (str(office.users["admin"].id), "/notices") in told(office.db)


def test_who_looked_tells_person_time_and_kind_and_nothing_of_the_case(office: Office) -> None:
    code, _case = office.case(given_names="Paucarcillo")
    office.at("coordinator").get(f"/cases/{code}")
    officer = office.at("officer")
    by_code = officer.get(f"/privacy/looks?code={code}").text
    by_person = officer.get(f"/privacy/looks?person={office.users['coordinator'].id}").text
    for page in (by_code, by_person):
        assert "<td>Elena Caoba</td>" in page
        assert code in page
        assert "Paucarcillo" not in page
    elsewhere = office.at("other_officer")
    assert "Elena Caoba" not in elsewhere.get(f"/privacy/looks?code={code}").text
    nobody = elsewhere.get(f"/privacy/looks?person={office.users['coordinator'].id}").text
    assert "Elena Caoba" not in nobody
    assert "Elena Caoba" not in elsewhere.get("/privacy/looks?person=%00&code=%27").text
