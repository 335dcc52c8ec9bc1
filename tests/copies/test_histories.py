"""The history of a case: asked for with a reason, made by the worker, marked, fetched once."""

import io
import json
import zipfile
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from portal import audit, clock
from portal.actor import Actor
from portal.audit.models import AuditEntry, AuditReason
from portal.cases.models import Circle, EntryKind, Level, Priority, Situation
from portal.cases.services import assign, open_case, strike_entry, write_entry
from portal.copies.histories import ask_history, expire_histories
from portal.copies.inputs import AskHistory
from portal.copies.models import HistoryFile, HistoryState
from portal.db.files import FileStore
from portal.errors import TooMany
from portal.privacy.models import AlertKind, ReadingAlert
from portal.privacy.watch import watch
from tests.cases.test_rights import actor_at
from tests.documents.samples import pdf
from tests.documents.test_documents import file, lying
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House

REASON = "Informe para la audiencia del lunes"
ASK: dict[str, Any] = {"purpose": "study", "reason": REASON, "kind": "pdf"}


def write(house: House, name: str, text: str, **given: Any) -> UUID:
    with house.db.write() as session:
        entry = write_entry(
            session, actor_at(house, name), house.case_id, kind=EntryKind.NOTE, text=text, **given
        )
        return entry.id


def link(app: Flask, house: House) -> None:
    """Link the trail, as the worker does every second, and let it do what is due."""
    with house.db.write() as session:
        audit.link_entries(session)
    work(app, house, seconds=10)


def work(app: Flask, house: House, seconds: int = 2) -> None:
    with app.app_context(), clock.at(clock.now() + timedelta(seconds=seconds)):
        house.work()


def ask(house: House, name: str = "upe-boss", **given: Any) -> TestResponse:
    browser = house.at(name)
    answer: TestResponse = browser.fill(f"/cases/{house.code}/history", {**ASK, **given})
    return answer


def take(app: Flask, house: House, name: str = "upe-boss", **given: Any) -> bytes:
    """Ask for a history, let it be made, and fetch it."""
    answer = ask(house, name, **given)
    assert answer.status_code == 303, answer.text
    link(app, house)
    browser = house.at(name)
    fetched = browser.post(answer.location, browser.marks(answer.location))
    assert fetched.status_code == 200, fetched.text
    return bytes(fetched.data)


def pages(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


@ON_BOTH
def test_a_history_is_made_marked_and_fetched_once(
    app: Flask, house: House, files: FileStore
) -> None:
    for number in range(30):
        write(house, "upe-boss", f"Visita {number} con Paucar Cedro en su casa. " + "Palabra " * 60)
    struck = write(house, "upe-boss", "Esto fue un error")
    with house.db.write() as session:
        boss = actor_at(house, "upe-boss")
        strike_entry(session, boss, house.case_id, entry_id=struck, reason="Era de otro caso")
    answer = ask(house)
    assert "Se está elaborando" in house.at("upe-boss").get(answer.location).text
    work(app, house)
    with house.db.read() as session:
        assert session.exec(select(HistoryFile)).one().state is HistoryState.WAITING
    link(app, house)
    browser = house.at("upe-boss")
    page = browser.get(answer.location).text
    assert "Descargar el archivo" in page
    assert house.at("upe-worker").get(answer.location).status_code == 404
    fetched = browser.post(answer.location, browser.marks(answer.location))
    assert fetched.headers["Content-Disposition"].endswith('.pdf"')
    assert "Cedro" not in fetched.headers["Content-Disposition"]
    told = pages(fetched.data)
    assert len(told) > 3
    for number, text in enumerate(told, start=1):
        assert "Persona upe-boss, UPE San Martín" in text
        assert REASON in text
        assert f"página {number} de {len(told)}" in text
    whole = " ".join(told)
    assert "Esto fue un error" in whole
    assert "Era de otro caso" in whole
    assert "Paucar" not in whole, "without the mark children stand by their initials"
    assert lying(files) == set()
    assert browser.post(answer.location, browser.marks(answer.location)).status_code == 409
    with house.db.read() as session:
        acts = [
            each.action
            for each in session.exec(select(AuditEntry))
            if each.action.startswith("copies.")
        ]
        assert acts == ["copies.history.make", "copies.history.fetch"]
        assert session.exec(select(AuditReason)).all()


def test_a_zip_holds_data_paper_and_files(app: Flask, house: House, files: FileStore) -> None:
    file(house, data=pdf())
    refused = ask(house, kind="zip")
    assert refused.status_code == 422
    assert REASON in refused.text
    content = take(app, house, kind="zip", with_names="1")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        data = json.loads(archive.read("history.json"))
        readme = archive.read("LEEME.txt").decode()
        document = data["documents"][0]
        assert archive.read(document["file"]) == pdf()
        assert pages(archive.read("history.pdf"))
    assert names[:3] == ["LEEME.txt", "history.json", "history.pdf"]
    assert not any("Paucar" in name or "Cedro" in name for name in names)
    assert data["schema"] == "articula-history/1"
    taken = data["taken"]
    assert (taken["by"], taken["institution"]) == ("Persona upe-boss", "UPE San Martín")
    assert taken["reason"] == REASON
    assert REASON in readme
    assert data["children"][0]["name"] == "Paucar Cedro Ñahui"
    moments = [data["case"]["received_at"], *(each["recorded_at"] for each in data["timeline"])]
    assert all(datetime.fromisoformat(each).utcoffset() is not None for each in moments)


def test_what_is_sealed_goes_out_to_whom_it_names_and_on_its_word_only(
    app: Flask, house: House, files: FileStore
) -> None:
    worker = house.users["upe-worker"]
    with house.db.write() as session:
        assign(session, actor_at(house, "upe-boss"), house.case_id, user_id=worker.id)
    write(house, "upe-boss", "Solo para nosotros", circle=Circle.SEALED, readers=[worker.id])
    write(house, "upe-worker", "Nadie más lee esto", circle=Circle.SEALED)
    plain = " ".join(pages(take(app, house)))
    asked = " ".join(pages(take(app, house, with_restricted="1")))
    named = " ".join(pages(take(app, house, "upe-worker", with_restricted="1")))
    assert "Solo para nosotros" not in plain
    assert plain.count("Acceso restringido: no está en esta historia") == 2
    assert "Solo para nosotros" in asked
    assert "Nadie más lee esto" not in asked
    assert "Solo para nosotros" in named
    assert "Nadie más lee esto" in named
    with house.db.read() as session:
        opened = [each for each in session.exec(select(AuditEntry)) if each.action.endswith("seal")]
        assert len(opened) == 3


def test_an_informed_institution_takes_what_it_reads(
    app: Flask, house: House, files: FileStore
) -> None:
    write(house, "upe-boss", "Del equipo", circle=Circle.TEAM)
    write(house, "upe-boss", "De todos", circle=Circle.PARTIES)
    assert ask(house, "sal-boss").status_code == 404
    house.put_on_case("SAL", Level.INFORMED)
    whole = " ".join(pages(take(app, house, "sal-boss", with_names="1")))
    assert "De todos" in whole
    for hidden in ("Del equipo", "Paucar", "Relato que solo lee el equipo"):
        assert hidden not in whole


def test_a_history_runs_out_and_who_left_gets_none(
    app: Flask, house: House, files: FileStore
) -> None:
    answer = ask(house)
    link(app, house)
    with house.db.write() as session, clock.at(clock.now() + timedelta(minutes=16)):
        assert expire_histories(session, files) == 1
    assert lying(files) == set()
    page = house.at("upe-boss").get(answer.location).text
    assert "Aquí ya no queda ninguna historia" in page
    late = ask(house)
    with house.db.write() as session:
        session.get_one(
            type(house.users["upe-boss"]), house.users["upe-boss"].id
        ).disabled_at = clock.now()
    link(app, house)
    with house.db.read() as session:
        made = session.get_one(HistoryFile, UUID(late.location.rpartition("/")[2]))
        assert (made.state, made.problem) == (HistoryState.FAILED, "access")


def test_many_histories_are_told_and_then_refused(house: House) -> None:
    given = AskHistory.model_validate(ASK)
    boss: Actor = actor_at(house, "upe-boss")
    with house.db.write() as session:
        for _number in range(3):
            case = open_case(
                session,
                boss,
                lead_agency_id=house.agencies["UPE"].id,
                situation=Situation.UNPROTECTION,
                priority=Priority.HIGH,
                district="220501",
                summary="",
                person_ids=[],
                received_at=clock.now(),
            )
            ask_history(session, boss, case.code, given, per_day=20)
    assert _watched(house) == []
    with house.db.write() as session:
        ask_history(session, boss, house.code, given, per_day=20)
        with pytest.raises(TooMany):
            ask_history(session, boss, house.code, given, per_day=4)
    assert [alert.kind for alert in _watched(house)] == [AlertKind.COPIES]


def _watched(house: House) -> list[ReadingAlert]:
    with house.db.write() as session:
        audit.link_entries(session)
    with house.db.write() as session:
        watch(session, most_an_hour=100, most_copies=3)
        return _alerts(session)


def _alerts(session: Session) -> list[ReadingAlert]:
    return [
        alert
        for alert in session.exec(select(ReadingAlert)).all()
        if alert.kind is AlertKind.COPIES
    ]


def test_a_sign_that_no_font_has_is_a_box_and_no_failure(
    app: Flask, house: House, files: FileStore
) -> None:
    write(house, "upe-boss", "Dijo que está bien 😀 漢 y quiere volver")
    whole = " ".join(pages(take(app, house)))
    assert "Dijo que está bien" in whole
    assert "y quiere volver" in whole
