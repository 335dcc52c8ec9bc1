"""The copy of the file for the court: chosen, ordered, foliated, frozen, delivered."""

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from pypdf import PdfReader, PdfWriter
from sqlmodel import col, select

from portal import clock, paper
from portal.actor import AgencyKind
from portal.audit.models import AuditEntry
from portal.cases.models import (
    CaseChild,
    Circle,
    Entry,
    Level,
    Priority,
    Right,
    Situation,
    Term,
    TermStatus,
)
from portal.cases.services import strike_entry
from portal.cases.stages import DECLARED
from portal.copies.court import RULE, rows_of
from portal.copies.models import Choice, CopyState, CourtCopy
from portal.copies.volumes import MOST_FOLIOS, Volume, foliate
from portal.copies.words import in_words
from portal.db.files import FileStore
from portal.documents.models import DocumentVersion
from portal.referrals.inputs import SendReferral
from portal.referrals.models import Referral, ReferralAnswer
from portal.referrals.services import send_referral
from tests.cases.test_rights import actor_at
from tests.conftest import Statements
from tests.copies.test_histories import link, pages, write
from tests.documents.samples import office, pdf, photo
from tests.documents.test_documents import file, send
from tests.factories.agencies import make_agency
from tests.postgresql import ON_BOTH
from tests.referrals.conftest import send as refer
from tests.sharing.conftest import House

COURT = "Juzgado de Familia de Tarapoto"
FOLIO = re.compile(r"Folio (\d+) ([a-záéíóú ]+?) Copia N\.°")


def sheets(count: int) -> bytes:
    """Return a PDF of so many pages, as a health centre prints one."""
    data = {"title": "Informe de salud", "kind": "", "facts": [], "text": "", "struck": ""}
    drawn = PdfReader(io.BytesIO(paper.draw("piece.typ", {**data, "notes": []})))
    writer, out = PdfWriter(), io.BytesIO()
    for _number in range(count):
        writer.add_page(drawn.pages[0])
    writer.write(out)
    return out.getvalue()


def begin(house: House, name: str = "upe-boss", **given: Any) -> str:
    """Begin a copy with what is usual, and return the address of its draft."""
    browser, url = house.at(name), f"/cases/{house.code}/copies/new"
    marked = re.findall(r'name="pieces" value="([^"]+)" checked', browser.get(url).text)
    answer = browser.fill(url, {"court": COURT, "pieces": marked, **given})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def form(app: Flask, house: House, url: str) -> UUID:
    browser = house.at("upe-boss")
    answer = browser.fill(f"{url}/form")
    assert answer.status_code == 303, answer.text
    link(app, house)
    return UUID(url.rpartition("/")[2])


def copy_of(house: House, copy_id: UUID) -> CourtCopy:
    with house.db.read() as session:
        return session.get_one(CourtCopy, copy_id)


def content_of(house: House, copy_id: UUID) -> bytes:
    copy = copy_of(house, copy_id)
    assert copy.state is CopyState.FORMED, copy.problem
    answer = house.at("upe-boss").get(f"/documents/{copy.document_id}/1")
    assert answer.status_code == 200
    return bytes(answer.data)


@ON_BOTH
def test_a_copy_is_chosen_ordered_foliated_and_delivered(
    app: Flask, house: House, files: FileStore
) -> None:
    write(house, "upe-boss", "Se conversó con la abuela")
    write(house, "upe-boss", "Lo más reservado", circle=Circle.SEALED)
    write(house, "upe-boss", "Apunte interno", circle=Circle.AGENCY)
    file(house, data=sheets(3), title="Informe del centro de salud")
    file(house, data=photo(900, 600), title="Foto de la partida")
    file(house, data=pdf(), title="Escaneo roto")
    with house.db.write() as session:
        lead = actor_at(house, "upe-boss")
        child = session.exec(
            select(CaseChild.person_id).where(CaseChild.case_id == house.case_id)
        ).one()
        given = SendReferral(
            to_agency_id=house.agencies["SAL"].id,
            asked="Evaluar en salud mental",
            person_ids=[child],
            right=Right.MENTAL_HEALTH,
            priority=Priority.HIGH,
            due_on=clock.today() + timedelta(days=5),
            identity_fields=[],
        )
        send_referral(session, lead, house.case_id, given)
    browser = house.at("upe-boss")
    with house.db.write() as session:
        case = house.case(session)
        case.situation, case.measure = Situation.UNDECIDED, "Acogimiento de urgencia"
    asked = browser.get(f"/cases/{house.code}/copies/declared").text
    assert 'value="Acogimiento de urgencia"' in asked
    declared = {"resolution": "41-2026", "declared_on": clock.today().isoformat()}
    declared["measure"] = "Acogimiento familiar en familia extensa"
    for _twice in range(2):
        answer = browser.fill(f"/cases/{house.code}/copies/declared", declared)
        assert answer.status_code == 303
    head = browser.get(f"/cases/{house.code}").text.split("Registrar una actuación")[0]
    assert "Desprotección familiar provisional declarada" in head
    assert "Acogimiento familiar en familia extensa" in head
    with house.db.read() as session:
        case = house.case(session)
        assert (case.stage, case.situation) == (DECLARED, Situation.UNPROTECTION)
        entries = sa.select(Entry).where(col(Entry.title).startswith("Provisional unprotection"))
        assert len(session.scalars(entries).all()) == 1
        due_on = session.exec(select(Term).where(Term.rule_code == RULE)).one().due_on
    offered = browser.get(f"/cases/{house.code}/copies").text
    assert "Las copias se remiten al juzgado hasta el" in offered
    assert f"{due_on:%d/%m/%Y}" in offered
    url = begin(house)
    page = browser.get(url).text
    order = re.findall(r'name="piece" value="([^"]+)"', page)
    assert len(order) == 5
    # What is restricted, the second of all, leaves no gap among the places.
    assert re.findall(r'name="place"[^>]* value="(\d+)"', page) == ["1", "2", "3", "4", "5"]
    assert "Apunte interno" not in page
    assert "Lo más reservado" not in page
    assert "Acceso restringido: Nota" in page
    # The last goes to the front by its number, and then one step down.
    marks = browser.marks(url)
    places = [2, 3, 4, 5, 1]
    assert browser.post(url, {**marks, "piece": order, "place": places}).status_code == 303
    now = re.findall(r'name="piece" value="([^"]+)"', browser.get(url).text)
    assert now == [order[4], *order[:4]]
    marks = browser.marks(url)
    moved = {**marks, "piece": now, "place": [1, 2, 3, 4, 5], "down": now[0]}
    assert browser.post(url, moved).status_code == 303
    now = re.findall(r'name="piece" value="([^"]+)"', browser.get(url).text)
    assert now == [order[0], order[4], *order[1:4]]
    missing = browser.post(url, {**browser.marks(url), "piece": now, "place": ["1", "", "3"]})
    assert missing.status_code == 422
    copy_id = form(app, house, url)
    told = pages(content_of(house, copy_id))
    # A cover, the index, 1 + 1 + 3 + 1 + 1 folios and the certificate of closing.
    assert len(told) == 10
    assert COURT in told[0]
    assert "Folios del 1 al 7" in told[0]
    folios = [FOLIO.search(text) for text in told[2:9]]
    assert [(int(each[1]), each[2]) for each in folios if each] == [
        (number, in_words(number)) for number in range(1, 8)
    ]
    assert "Se conversó con la abuela" in told[2]
    assert "OFICIO N.°" in told[3]
    assert all("Informe de salud" in text for text in told[4:7])
    assert "Documento que va aparte como archivo" in told[8]
    index = told[1]
    for title, span in (("Informe del centro de salud", "3–5"), ("Foto de la partida", "6")):
        assert re.search(rf"{title} .*?{span}", index), index
    assert "Acceso restringido: Nota" in index
    assert "DL 1297 art. 5.i; DS 001-2018-MIMP art. 40" in index
    assert "consta de 7 (siete) folios" in told[9]
    whole = " ".join(told)
    assert "Lo más reservado" not in whole
    assert "Apunte interno" not in whole
    _delivered(house, url, copy_id)
    with house.db.read() as session:
        assert session.exec(select(Term).where(Term.rule_code == RULE)).one().status is (
            TermStatus.MET
        )
        acts = [each.action for each in session.exec(select(AuditEntry))]
        assert {"copies.copy.begin", "copies.copy.form", "copies.copy.deliver"} <= set(acts)


def test_the_words_of_an_answer_go_in_as_a_piece_of_their_own(
    app: Flask, house: House, files: FileStore
) -> None:
    url = refer(house, "SAL")
    with house.db.write() as session:
        referral = session.get_one(Referral, UUID(url.rsplit("/", 1)[-1]))
        referral.opened_at = clock.now()
        for words in ("Fue atendida y tiene cita el martes", ""):
            session.add(
                ReferralAnswer(
                    referral_id=referral.id,
                    agency_id=house.agencies["UPE"].id,
                    by_id=house.users["upe-boss"].id,
                    for_them=True,
                    at=clock.now(),
                    answer=words,
                    document="Oficio 9-2026",
                )
            )
    draft = begin(house)
    page = house.at("upe-boss").get(draft).text
    assert len(re.findall(r'name="piece" value="([^"]+)"', page)) == 2, "the letter and one answer"
    assert ", con su cargo de recepción" in page
    told = " ".join(pages(content_of(house, form(app, house, draft))))
    assert "Fue atendida y tiene cita el martes" in told
    assert "Registrada en su nombre por: UPE San Martín, Persona upe-boss" in told


def _delivered(house: House, url: str, copy_id: UUID) -> None:
    """Record the delivery with its stamped receipt, which hangs on the copy."""
    with house.db.write() as session:
        # The worker of these tests lives some seconds ahead.
        session.get_one(CourtCopy, copy_id).formed_at = clock.now() - timedelta(minutes=2)
    at = clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M")
    given = {"delivered_at": at, "received_by": "Mesa de partes", "receipt": "4411-2026"}
    lead = house.at("upe-boss")
    early = {**given, "delivered_at": "2026-01-02T10:00"}
    assert send(lead, f"{url}/deliver", None, **early).status_code == 422
    assert send(lead, f"{url}/deliver", photo(), **given).status_code == 303
    page = lead.get(url).text
    assert ">Entregada<" in page
    assert "La recibió Mesa de partes, cargo 4411-2026" in page
    assert "Cargo de la copia 0001-" in page
    assert send(lead, f"{url}/deliver", None, **given).status_code == 409
    assert "Copia del expediente N.° 0001-" in lead.get(f"/cases/{house.code}").text


def test_a_copy_that_was_formed_stays_and_only_its_lead_reads_it(
    app: Flask, house: House, files: FileStore
) -> None:
    kept = write(house, "upe-boss", "Entrevista con la madre")
    house.put_on_case("DEM", Level.TEAM)
    url = begin(house)
    copy_id = form(app, house, url)
    before = content_of(house, copy_id)
    with house.db.write() as session:
        lead = actor_at(house, "upe-boss")
        strike_entry(session, lead, house.case_id, entry_id=kept, reason="Era de otro caso")
    assert content_of(house, copy_id) == before
    copy = copy_of(house, copy_id)
    browser, team = house.at("upe-boss"), house.at("dem-boss")
    assert browser.post(f"{url}/form", browser.marks(url)).status_code == 409
    assert browser.get(f"{url}/choose").status_code == 409
    assert "Nueva versión" not in browser.get(f"/documents/{copy.document_id}").text
    for address in (url, f"{url}/deliver", f"/documents/{copy.document_id}/1"):
        assert team.get(address).status_code == 404
    assert team.get(f"/cases/{house.code}/copies").status_code == 403
    assert house.at("sal-boss").get(f"/cases/{house.code}/copies").status_code == 404
    write(house, "upe-boss", "Segunda entrevista")
    second = form(app, house, begin(house))
    assert (copy_of(house, second).number, copy.number) == (2, 1)


def test_what_changed_meanwhile_stops_it_and_says_which(
    app: Flask, house: House, files: FileStore
) -> None:
    document_id = file(house, data=sheets(1), title="Informe")
    url = begin(house)
    browser = house.at("upe-boss")
    assert send(browser, f"/documents/{document_id}/replace", pdf(), "x.pdf").status_code == 303
    copy_id = form(app, house, url)
    page = browser.get(url).text
    assert "Mientras tanto una pieza desapareció o cambió" in page
    assert "lugar 1" in page
    # Taken out and chosen again, the new version goes in.
    marked = re.findall(r'name="pieces" value="([^"]+)" checked', browser.get(f"{url}/choose").text)
    assert browser.fill(f"{url}/choose", {"court": COURT, "pieces": marked}).status_code == 303
    form(app, house, url)
    with house.db.read() as session:
        assert [row.version for row in rows_of(session, session.get_one(CourtCopy, copy_id))] == [2]
    copy = copy_of(house, copy_id)
    assert copy.state is CopyState.FORMED


def test_nothing_chosen_too_much_and_a_file_that_is_gone_are_refused(
    app: Flask, house: House, files: FileStore
) -> None:
    file(house, data=sheets(1), title="Informe")
    browser, url = house.at("upe-boss"), f"/cases/{house.code}/copies/new"
    assert browser.fill(url, {"court": COURT}).status_code == 422
    nobody = browser.fill(url, {"pieces": [], "court": ""})
    assert nobody.status_code == 422
    with house.db.write() as session:
        version = session.exec(select(DocumentVersion)).one()
        version.size = 200 * 1024 * 1024
    marked = re.findall(r'name="pieces" value="([^"]+)" checked', browser.get(url).text)
    heavy = browser.fill(url, {"court": COURT, "pieces": marked})
    assert "suman 200 MB y una copia admite 100" in heavy.text
    with house.db.write() as session:
        version = session.exec(select(DocumentVersion)).one()
        version.size = 1000
    draft = begin(house)
    for name, _at in list(files.names()):
        files.remove(name)
    form(app, house, draft)
    assert "Falta o está dañado el archivo de una pieza" in browser.get(draft).text


def test_a_piece_is_withheld_by_resolution_and_an_office_file_goes_beside(
    app: Flask, house: House, files: FileStore
) -> None:
    write(house, "upe-boss", "Evaluación psicológica del tío")
    answer = send(
        house.at("upe-boss"),
        f"/cases/{house.code}/documents/new",
        office(),
        "x.docx",
        title="Ficha en Word",
        circle="team",
    )
    assert answer.status_code == 303
    url = begin(house)
    browser = house.at("upe-boss")
    first = re.findall(r'name="piece" value="([^"]+)"', browser.get(url).text)[0]
    why = "Resolución 12-2026: datos de un tercero"
    assert browser.fill(f"{url}/withhold/{first}", {"why": why}).status_code == 303
    copy_id = form(app, house, url)
    told = pages(content_of(house, copy_id))
    assert "Evaluación psicológica del tío" in told[1]
    assert f"{why} (DS 001-2018-MIMP art. 40)" in told[1]
    assert "va, como archivo, el documento del folio 1" in told[1]
    assert not any("Evaluación psicológica" in text for text in told[2:])
    with house.db.read() as session:
        copy = session.get_one(CourtCopy, copy_id)
        rows = {row.choice: row for row in rows_of(session, copy)}
        version = session.exec(
            select(DocumentVersion).where(DocumentVersion.format == "docx")
        ).one()
        assert rows[Choice.INCLUDED].is_beside
        assert version.sha256 in told[2].replace(" ", "")


class Watched(Thread):
    """Looks at the programs that this one starts: the most memory that any of them has taken."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mb, self._over = 0.0, Event()

    def __enter__(self) -> "Watched":
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        """Read the high-water mark of each of them again and again: it only grows."""
        while not self._over.wait(0.005):
            for status in self._statuses():
                peak = re.search(r"VmHWM:\s+(\d+)", status)
                if peak:
                    self.peak_mb = max(self.peak_mb, int(peak[1]) / 1024)

    def _statuses(self) -> Iterator[str]:
        for task in Path("/proc/self/task").glob("*/children"):
            with suppress(OSError):
                for pid in task.read_text().split():
                    place = Path("/proc", pid)
                    if b"binding.py" in (place / "cmdline").read_bytes():
                        yield (place / "status").read_text()


@pytest.mark.slow
def test_more_than_two_hundred_folios_make_two_volumes_within_memory(
    app: Flask, house: House, files: FileStore
) -> None:
    for title, count in (("Primero", 120), ("Segundo", 79), ("Tercero", 5)):
        file(house, data=sheets(count), title=title)
    with Watched() as binder:
        copy_id = form(app, house, begin(house))
    assert 0 < binder.peak_mb < 300
    told = pages(content_of(house, copy_id))
    copy = copy_of(house, copy_id)
    assert (copy.folios, copy.volumes) == (204, 2)
    # Two covers, the index, two certificates.
    assert len(told) == 204 + 5
    numbers = [int(found[1]) for text in told if (found := FOLIO.search(text))]
    assert numbers == list(range(1, 205))
    assert "Tomo 1 de 2" in told[0]
    assert "Folios del 1 al 199" in told[0]
    assert "consta de 199 (ciento noventa y nueve) folios" in told[201]
    assert "Folios del 200 al 204" in told[202]
    assert "del 200 (doscientos) al 204 (doscientos cuatro)" in told[208]


def test_folios_and_volumes() -> None:
    """At most 200 a volume; what is one text is not parted unless no volume holds it."""
    numbered, volumes = foliate([200, 1])
    assert volumes == [Volume(1, 1, 200), Volume(2, 201, 201)]
    assert (numbered[1].first, numbered[1].volume) == (201, 2)
    numbered, volumes = foliate([150, 60, 40])
    assert volumes == [Volume(1, 1, 150), Volume(2, 151, 250)]
    assert [each.volume for each in numbered] == [1, 2, 2]
    numbered, volumes = foliate([10, 450, 3])
    assert [each.count for each in volumes] == [10, 200, 200, 53]
    assert (numbered[1].volume, numbered[1].last_volume) == (2, 4)
    assert (numbered[2].first, numbered[2].volume) == (461, 4)
    for lengths in ([1] * 401, [7] * 90, [199, 2, 199, 2]):
        numbered, volumes = foliate(lengths)
        assert all(each.count <= MOST_FOLIOS for each in volumes)
        assert [each.first for each in volumes[1:]] == [each.last + 1 for each in volumes[:-1]]
        assert numbered[-1].last == sum(lengths) == volumes[-1].last


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "uno"),
        (16, "dieciséis"),
        (21, "veintiuno"),
        (38, "treinta y ocho"),
        (100, "cien"),
        (101, "ciento uno"),
        (200, "doscientos"),
        (999, "novecientos noventa y nueve"),
        (1000, "mil"),
        (1021, "mil veintiuno"),
        (21_500, "veintiún mil quinientos"),
    ],
)
def test_numbers_in_words(number: int, words: str) -> None:
    assert in_words(number) == words


def test_a_court_without_a_list_is_written_and_one_that_is_known_is_chosen(
    app: Flask, house: House, files: FileStore
) -> None:
    write(house, "upe-boss", "Se conversó con la abuela")
    with house.db.write() as session:
        court = make_agency(session, "JUZ-1", AgencyKind.COURT, COURT)
        court_id = court.id
    url = begin(house, court="", court_id=str(court_id))
    with house.db.read() as session:
        copy = session.exec(select(CourtCopy)).one()
        assert (copy.court, copy.court_id) == (COURT, court_id)
    browser = house.at("upe-boss")
    gone = browser.post(f"{url}/discard", browser.marks(url))
    assert gone.status_code == 303
    with house.db.read() as session:
        assert session.exec(select(CourtCopy)).all() == []


def test_the_pages_of_a_copy_ask_the_same_of_few_pieces_and_of_many(
    house: House, files: FileStore, statements: Statements
) -> None:
    """A stated number of statements, whatever a case holds."""

    def asked(url: str) -> int:
        browser = house.at("upe-boss")
        browser.get(url)
        statements.seen.clear()
        assert browser.get(url).status_code == 200
        return statements.count

    counts = []
    for _turn in range(2):
        for number in range(4):
            write(house, "upe-boss", f"Visita {number}")
        draft = begin(house)
        chosen = f"/cases/{house.code}/copies/new"
        counts.append([asked(chosen), asked(draft), asked(f"/cases/{house.code}/copies")])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 32, counts
