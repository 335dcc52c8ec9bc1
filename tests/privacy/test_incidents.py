"""From "this account was stolen" to the children seen, whom to tell, and the form."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal import cli, clock
from portal.actor import system_actor
from portal.alerts.inputs import SendAlert
from portal.alerts.services import send_alert
from portal.audit.models import AuditEntry
from portal.cases.models import Case, CaseParty
from portal.db import Database
from portal.privacy.incidents import open_incident
from portal.privacy.models import Incident, IncidentRecord, Nature, ReadingAlert
from portal.users.models import SignIn
from tests.factories.trail import put_trail
from tests.postgresql import ON_BOTH
from tests.privacy.conftest import Office, new_case

HAPPENED = "Alguien entró con la cuenta desde otra ciudad"


def form_of(office: Office, **given: Any) -> dict[str, Any]:
    """Return what the officer fills in: an hour back until now, known just now."""
    now = clock.now()
    return {
        "user_id": str(office.users["coordinator"].id),
        "nature": "stolen_account",
        "since": local(now - timedelta(hours=1)),
        "until": local(now),
        "known_at": local(now),
        "happened": HAPPENED,
        **given,
    }


def local(at: datetime) -> str:
    return f"{clock.local(at):%Y-%m-%dT%H:%M}"


def the_incident(db: Database) -> Incident:
    with db.read() as session:
        return session.exec(select(Incident)).one()


def opened(office: Office) -> Incident:
    answer = office.at("officer").fill("/privacy/incidents/new", form_of(office))
    assert answer.status_code == 303
    return the_incident(office.db)


def alert_of(office: Office) -> str:
    """Send an alert that is no case yet: its identifier."""
    with office.db.write() as session:
        alert = send_alert(
            session,
            system_actor(office.other.id),
            SendAlert.model_validate(
                {
                    "children": [{"given_names": "Garza", "first_surname": "Bijao"}],
                    "district": "220501",
                    "where": "Jr. Prueba 1",
                    "what_happens": "Relato",
                    "telephone": "942 000 200",
                    "authority_id": office.upe.id,
                }
            ),
        )
        return str(alert.id)


def test_a_stolen_account_is_signed_out_at_once_and_what_it_saw_is_listed(office: Office) -> None:
    code, _case = office.case()
    other_code, _case = office.case(given_names="Paucar")
    alert = alert_of(office)
    thief = office.at("coordinator")
    thief.get(f"/cases/{code}")
    thief.get("/cases")
    thief.get(f"/alerts/{alert}")
    incident = opened(office)
    assert thief.get("/cases").status_code == 302
    page = office.at("officer").get(f"/privacy/incidents/{incident.id}").text
    assert code in page
    assert other_code in page
    assert "3 niñas, niños y adolescentes" in page
    assert "Tangara" not in page
    assert incident.authority_due_at - incident.known_at == timedelta(hours=48)
    with office.db.read() as session:
        seen = {
            (each.case_id is not None, each.was_opened)
            for each in session.exec(select(IncidentRecord))
        }
    assert seen == {(True, True), (True, False), (False, True)}


def test_only_who_leads_reads_the_names_to_tell_the_families(office: Office) -> None:
    code, _case = office.case(given_names="Tangara")
    office.at("coordinator").get(f"/cases/{code}")
    incident = opened(office)
    url = f"/privacy/incidents/{incident.id}/people"
    lead = office.at("second")
    assert "Tangara" in lead.get(url).text
    for who in ("officer", "other", "other_officer", "worker", "admin"):
        assert office.at(who).get(url).status_code == 404
    assert incident.number in lead.get("/").text
    marks = {"_agency": str(office.upe.id), "_key": "k1"}
    assert lead.post(url, marks).status_code == 303
    assert lead.post(url, {**marks, "_key": "k2"}).status_code == 409
    assert incident.number not in lead.get("/").text
    with office.db.read() as session:
        noted = session.exec(
            select(AuditEntry).where(AuditEntry.action == "privacy.incident.people")
        ).all()
    assert noted


def test_the_form_is_written_told_and_printed(office: Office) -> None:
    code, _case = office.case()
    office.at("coordinator").get(f"/cases/{code}")
    incident = opened(office)
    officer, url = office.at("officer"), f"/privacy/incidents/{incident.id}"
    assert incident.number in officer.get("/").text
    given = {
        "happened": HAPPENED,
        "consequences": "Que la familia sepa dónde está",
        "measures": "Cuenta cerrada",
        "contact": "Teresa Ojé, 042 000 002",
    }
    assert officer.fill(f"{url}/describe", given).status_code == 303
    assert officer.fill(f"{url}/describe", {**given, "contact": ""}).status_code == 422
    marks = {"_agency": str(office.upe.id), "_key": "k1"}
    assert officer.post(f"{url}/authority", marks).status_code == 303
    assert officer.post(f"{url}/centre", marks).status_code == 303
    assert officer.post(f"{url}/authority", {**marks, "_key": "k2"}).status_code == 409
    printed = officer.get(f"{url}/print").text
    for said in (*given.values(), incident.number, "1 persona", "arts. 34 y 35"):
        assert said in printed
    assert "dentro de 48 horas" in officer.get("/").text, "the persons are not told yet"
    lead = office.at("second")
    assert lead.post(f"{url}/people", marks).status_code == 303
    assert incident.number not in officer.get("/").text
    with office.db.read() as session:
        row = session.exec(select(Incident)).one()
    assert HAPPENED.encode() not in (row.happened_sealed or b"")


def test_an_incident_is_another_institutions_only_where_its_cases_were_seen(
    office: Office,
) -> None:
    code, _case = office.case()
    office.at("coordinator").get(f"/cases/{code}")
    incident = opened(office)
    assert office.at("other_officer").get(f"/privacy/incidents/{incident.id}").status_code == 404
    assert incident.number not in office.at("other_officer").get("/privacy").text


def test_each_institution_reads_the_names_of_its_own_cases_only(office: Office) -> None:
    """The account opened a case of each lead; neither is told of the other's children."""
    _code, ours = office.case(given_names="Tangara")
    _code, theirs = office.case(given_names="Paucarcillo")
    with office.db.write() as session:
        session.execute(
            sa.update(CaseParty)
            .where(col(CaseParty.case_id) == theirs)
            .values(agency_id=office.other.id)
        )
        session.get_one(Case, theirs).lead_agency_id = office.other.id
        for case_id in (ours, theirs):
            session.add(
                AuditEntry(
                    at=clock.now(),
                    user_id=office.users["coordinator"].id,
                    agency_id=office.upe.id,
                    action="cases.case.read",
                    case_id=case_id,
                )
            )
    incident = opened(office)
    url = f"/privacy/incidents/{incident.id}"
    for who, own, other in (
        ("second", "Tangara", "Paucarcillo"),
        ("other", "Paucarcillo", "Tangara"),
    ):
        page = office.at(who).get(f"{url}/people").text
        assert own in page
        assert other not in page
    shown = office.at("other").get(url).text
    assert office.upe.name not in shown.split("<table")[1]


def test_times_that_cannot_be_and_people_of_elsewhere_are_refused(office: Office) -> None:
    officer = office.at("officer")
    for wrong in (
        {"until": local(clock.now() - timedelta(hours=2))},
        {"known_at": local(clock.now() + timedelta(days=2))},
        {"user_id": str(office.users["other"].id)},
        {"user_id": "nobody"},
        {"since": "ayer"},
    ):
        answer = officer.fill("/privacy/incidents/new", form_of(office, **wrong))
        assert answer.status_code == 422
        assert HAPPENED in answer.text
    with office.db.read() as session:
        assert session.exec(select(Incident)).all() == []


def test_what_nothing_explains_goes_on_as_an_incident(office: Office) -> None:
    reader = office.at("coordinator")
    for _each in range(4):
        reader.get(f"/cases/{office.case()[0]}")
    office.look()
    with office.db.read() as session:
        alert = session.exec(select(ReadingAlert)).one()
    answer = office.at("officer").fill(
        f"/privacy/alerts/{alert.id}",
        {"outcome": "not_explained", "words": "No supo decir por qué"},
    )
    assert answer.status_code == 303
    incident = the_incident(office.db)
    assert (incident.alert_id, incident.nature) == (alert.id, Nature.UNUSUAL_READING)
    with office.db.read() as session:
        assert len(session.exec(select(IncidentRecord)).all()) == 4


def many_cases(session: Session, office: Office, count: int) -> list[UUID]:
    return [new_case(session, office, "")[1] for _each in range(count)]


@ON_BOTH
def test_the_command_lists_by_code_who_was_seen_and_ends_the_sign_ins(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    user = office.users["coordinator"]
    office.at("coordinator")
    with office.db.write() as session:
        cases = many_cases(session, office, 12)
        put_trail(session, user.id, office.upe.id, cases, 600)
    monkeypatch.setattr(cli, "database", lambda: office.db)
    assert cli.main(["incident", user.username, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["children"] == len(found["records"]) == 12
    assert found["agencies"] == [office.upe.name]
    with office.db.read() as session:
        open_rows = session.exec(
            select(SignIn).where(SignIn.user_id == user.id, col(SignIn.ended_at).is_(None))
        ).all()
    assert open_rows == []
    assert cli.main(["incident", user.username]) == 0
    said = capsys.readouterr().out
    assert found["number"] in said, "the same account is one incident until the authority is told"
    assert "Tangara" not in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody"], "There is no account nobody"),
        (["{user}", "--from", "yesterday"], "yesterday is no day or hour"),
        (["{user}", "--from", "2026-02-02", "--until", "2026-02-01"], "until"),
    ],
)
def test_a_mistake_of_the_operator_is_one_line(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.setattr(cli, "database", lambda: office.db)
    user = office.users["coordinator"].username
    assert cli.main(["incident", *[each.format(user=user) for each in arguments]]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.slow
def test_thousands_of_entries_are_listed_whole(office: Office) -> None:
    user = office.users["coordinator"]
    with office.db.write() as session:
        cases = many_cases(session, office, 40)
        put_trail(session, user.id, office.upe.id, cases, 10_000)
    with office.db.write() as session:
        incident = open_incident(
            session,
            system_actor(),
            user_id=user.id,
            nature=Nature.STOLEN_ACCOUNT,
            since=clock.now() - timedelta(days=30),
            until=clock.now(),
            known_at=clock.now(),
        )
        entries = incident.entries
    assert entries == 1_000
