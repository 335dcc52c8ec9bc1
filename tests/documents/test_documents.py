"""Documents of a case: filed, read by who reads their piece, and nothing half stored."""

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlmodel import col, func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from portal.audit.models import AuditEntry
from portal.cases.models import Entry, Level
from portal.db import new_id
from portal.db.files import FileStore
from portal.db.models import ScopeKey
from portal.documents import personal
from portal.documents.models import Document, DocumentVersion, Upload
from portal.documents.wiring import sweep
from portal.personal import Ending
from tests.conftest import Statements
from tests.documents.samples import PLACE, office, pdf, photo
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House
from tests.webclient import SAME_ORIGIN, Browser

TITLE = "Oficio 123-2026 del centro de salud"
MB = 1024 * 1024


@pytest.fixture
def files(app: Flask, tmp_path: Any) -> Iterator[FileStore]:
    """Return where this test's files lie."""
    parts = app.extensions["portal"]
    before, parts.files = parts.files, FileStore(tmp_path / "files")
    yield parts.files
    parts.files = before


def send(
    browser: Browser, url: str, data: bytes | None, name: str = "foto.jpg", **given: Any
) -> TestResponse:
    """Fill in a form with a file, and send it as a browser without JavaScript does."""
    fields: dict[str, Any] = {**browser.marks(url), **given}
    if data is not None:
        fields["file"] = FileStorage(io.BytesIO(data), filename=name)
    return post(browser, url, fields)


def post(browser: Browser, url: str, fields: dict[str, Any]) -> TestResponse:
    """Send a form with a file; encoded here, where the client would leave a file of its own."""
    boundary, body = encode_multipart(fields)
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.client.post(url, data=body, content_type=kind, headers=SAME_ORIGIN)


def form_of(house: House) -> str:
    return f"/cases/{house.code}/documents/new"


def file(house: House, name: str = "upe-boss", data: bytes | None = None, **given: Any) -> UUID:
    """File a document and return it."""
    sent = data or photo()
    end = "pdf" if sent.startswith(b"%PDF") else "jpg"
    fields = {"title": TITLE, "circle": "team", **given}
    answer = send(house.at(name), form_of(house), sent, f"x.{end}", **fields)
    assert answer.status_code == 303, answer.text
    return UUID(answer.location.rpartition("/")[2])


def count(house: House, *tables: type[Any]) -> list[int]:
    with house.db.read() as session:
        return [session.exec(select(func.count()).select_from(each)).one() for each in tables]


def lying(files: FileStore) -> set[str]:
    return {name for name, _at in files.names()}


@ON_BOTH
def test_a_photograph_is_filed_shown_and_handed_out(house: House, files: FileStore) -> None:
    document_id = file(house)
    lead = house.at("upe-boss")
    page = lead.get(f"/documents/{document_id}").text
    for words in (TITLE, "200 × 320", "Huella (SHA-256)", "UPE San Martín", "/1/preview"):
        assert words in page
    for place in (f"/cases/{house.code}", f"/cases/{house.code}/documents"):
        shown = lead.get(place).text
        assert TITLE in shown
        assert f"/documents/{document_id}" in shown
    for address in (f"/documents/{document_id}/1", f"/documents/{document_id}/1/preview"):
        answer = lead.get(address)
        assert answer.data.startswith(b"\xff\xd8\xff")
        assert PLACE not in answer.data
        assert answer.content_length == len(answer.data)
        headers = answer.headers
        assert headers["Content-Type"] == "image/jpeg"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("sandbox")
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        said = headers["Content-Disposition"]
        assert said == f'attachment; filename="{house.code}-{document_id.hex[-6:]}-v1.jpg"'
    for number in (0, 2, 10**30):
        assert lead.get(f"/documents/{document_id}/{number}").status_code == 404
    with house.db.read() as session:
        version = session.exec(select(DocumentVersion)).one()
        assert lying(files) == {version.file, version.preview}
        acts = session.exec(
            select(AuditEntry.action).where(col(AuditEntry.subject_id) == document_id)
        ).all()
        assert {each.rpartition(".")[2] for each in acts} == {"file", "list", "read"}
        assert TITLE.encode() not in session.exec(select(Document.title_sealed)).one()
        assert session.exec(select(Entry.text).where(col(Entry.kind) == "document")).one() == TITLE


def test_the_same_form_sent_twice_files_one_document(house: House, files: FileStore) -> None:
    lead = house.at("upe-boss")
    fields = {**lead.marks(form_of(house)), "title": TITLE, "circle": "team"}
    answers = [
        post(
            lead,
            form_of(house),
            {**fields, "file": FileStorage(io.BytesIO(pdf()), filename="x.pdf")},
        )
        for _twice in range(2)
    ]
    assert {answer.status_code for answer in answers} == {303}
    assert answers[0].location == answers[1].location
    assert count(house, Document, DocumentVersion) == [1, 1]
    assert len(lying(files)) == 1


@ON_BOTH
@pytest.mark.slow
def test_who_reads_the_piece_reads_the_document_and_nobody_else(
    house: House, files: FileStore
) -> None:
    assert files
    house.put_on_case("SAL", Level.INFORMED)
    own = {
        circle: file(house, circle=circle, title=f"Oficio {circle}")
        for circle in ("team", "parties", "agency", "sealed")
    }
    theirs = file(house, "sal-boss", circle="agency", title="Oficio propio")

    def seen(name: str) -> set[str]:
        browser = house.at(name)
        found = {
            circle
            for circle, each in own.items()
            if browser.get(f"/documents/{each}").status_code == 200
        }
        for circle in ("parties", "sealed"):
            for address in ("/1", "/1/preview", "/replace"):
                answer = browser.get(f"/documents/{own[circle]}{address}")
                # A new version is for the institution that filed it, which the refusal says.
                shown = 403 if address == "/replace" and not name.startswith("upe") else 200
                assert answer.status_code == (shown if circle in found else 404), address
        return found

    assert seen("upe-boss") == set(own)
    # Another person of the institution in charge: what is sealed opens to those who are named.
    assert seen("upe-night") == {"team", "parties", "agency"}
    assert "Oficio sealed" not in house.at("upe-night").get(f"/cases/{house.code}/documents").text
    assert seen("sal-boss") == {"parties"}
    assert house.at("sal-boss").get(f"/documents/{theirs}").status_code == 200
    assert house.at("upe-boss").get(f"/documents/{theirs}").status_code == 404
    stranger = house.at("dem-boss")
    assert seen("dem-boss") == set()
    absent, hidden = (stranger.get(f"/documents/{each}") for each in (new_id(), own["parties"]))
    assert (hidden.status_code, len(hidden.data)) == (404, len(absent.data))
    assert stranger.get(form_of(house)).status_code == 404
    for keeper in ("upe-admin", "upe-privacy"):
        assert house.at(keeper).get(f"/documents/{own['parties']}").status_code == 404


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (None, "", "Elija el archivo"),
        (b"", "x.pdf", "vacío"),
        (b"MZ" * 99, "x.jpg", "no se admite"),
        (photo(), "x.pdf", "no es lo que dice su nombre"),
        (photo(), "../../x.jpg", "conduce a otra carpeta"),
        (photo() + office(), "x.jpg", "dos tipos de archivo"),
        (photo(8001, 5000), "x.jpg", "40 megapíxeles"),
        (pdf() + b" " * (20 * MB), "x.pdf", "más de 20 MB"),
        (office({"word/a.xml": b"\0" * (30 * MB)}), "x.docx", "ocupa mucho más"),
        (photo()[:-200], "x.jpg", "dañado"),
    ],
    ids=["none", "empty", "program", "name", "path", "two", "pixels", "large", "bomb", "cut"],
)
def test_what_is_refused_is_said_beside_the_field_and_leaves_nothing(
    house: House, files: FileStore, data: bytes | None, name: str, words: str
) -> None:
    answer = send(house.at("upe-boss"), form_of(house), data, name, title=TITLE, circle="team")
    assert answer.status_code == 422
    said = answer.text.partition('id="file-said"')[2].partition("</div>")[0]
    assert words in said
    assert TITLE in answer.text
    assert count(house, Document, DocumentVersion, Upload) == [0, 0, 0]
    assert lying(files) == set()


@pytest.mark.slow
def test_a_file_of_20_mb_to_the_byte_is_taken(house: House, files: FileStore) -> None:
    end = b"startxref\n9\n%%EOF\n"
    data = pdf() + b"\n" * (20 * MB - len(pdf()) - len(end)) + end
    document_id = file(house, data=data)
    assert house.at("upe-boss").get(f"/documents/{document_id}/1").data == data
    assert len(lying(files)) == 1


def test_what_another_field_refuses_leaves_no_file(house: House, files: FileStore) -> None:
    answer = send(house.at("upe-boss"), form_of(house), photo(), title="", circle="team")
    assert answer.status_code == 422
    answer = send(house.at("upe-boss"), form_of(house), photo(), title=TITLE, circle="nobody")
    assert answer.status_code == 422
    with house.db.write() as session:
        house.case(session).close(at=datetime.now(UTC))
    assert send(house.at("upe-boss"), form_of(house), photo(), title=TITLE, circle="team")
    assert count(house, Document) == [0]
    assert lying(files) == set()


def test_a_new_version_keeps_the_old_one(house: House, files: FileStore) -> None:
    house.put_on_case("SAL", Level.TEAM)
    document_id = file(house)
    url = f"/documents/{document_id}/replace"
    refused = send(house.at("sal-boss"), url, pdf(), "x.pdf")
    assert refused.status_code == 403
    assert len(lying(files)) == 2
    lead = house.at("upe-boss")
    assert send(lead, url, pdf(), "x.pdf").status_code == 303
    page = lead.get(f"/documents/{document_id}").text
    assert "Versión 2" in page
    assert lead.get(f"/documents/{document_id}/2").data == pdf()
    assert lead.get(f"/documents/{document_id}/1").data.startswith(b"\xff\xd8")
    assert lead.get(f"/documents/{document_id}/2/preview").status_code == 404
    assert "Nueva versión de un documento" in lead.get(f"/cases/{house.code}").text


def begin(browser: Browser, house: House, data: bytes, name: str = "x.jpg") -> TestResponse:
    marks = {"_agency": house.agencies["UPE"].id, "name": name, "size": len(data)}
    return browser.post("/uploads", marks)


def feed(browser: Browser, house: House, upload: str, data: bytes, offset: int) -> TestResponse:
    marks = {
        "_agency": house.agencies["UPE"].id,
        "offset": offset,
        "piece": FileStorage(io.BytesIO(data), filename="piece"),
    }
    return post(browser, f"/uploads/{upload}", marks)


@ON_BOTH
def test_an_upload_goes_on_where_the_line_was_cut(house: House, files: FileStore) -> None:
    data = photo(2000, 1500)
    lead = house.at("upe-boss")
    begun = begin(lead, house, data).json
    assert begun
    upload, half = begun["id"], len(data) // 2
    assert feed(lead, house, upload, data[:half], 0).json == {"received": half}
    # The answer was lost: the same piece again is told where to go on.
    again = feed(lead, house, upload, data[:half], 0)
    assert (again.status_code, again.json) == (409, {"received": half})
    assert lead.get(f"/uploads/{upload}").json == {"received": half}
    unfinished = send(lead, form_of(house), None, title=TITLE, circle="team", upload=upload)
    assert unfinished.status_code == 422
    assert "no terminó" in unfinished.text
    # A piece of which half came to the disk and none to the database.
    place = files.path(next(iter(lying(files))))
    place.write_bytes(place.read_bytes() + b"torn")
    assert feed(lead, house, upload, data[half:] + b"!", half).status_code == 422
    assert feed(lead, house, upload, data[half:], half).json == {"received": len(data)}
    for other in ("upe-night", "sal-boss"):
        assert house.at(other).get(f"/uploads/{upload}").status_code == 404
    refused = send(lead, form_of(house), None, title="", circle="team", upload=upload)
    assert refused.status_code == 422
    assert "El archivo ya llegó" in refused.text
    answer = send(lead, form_of(house), None, title=TITLE, circle="team", upload=upload)
    assert answer.status_code == 303, answer.text
    assert lead.get(f"{answer.location}/1").data.startswith(b"\xff\xd8\xff")
    assert count(house, Upload, Document) == [0, 1]
    assert len(lying(files)) == 2


def test_a_disk_that_is_full_is_said_and_the_room_is_given_back(
    house: House, files: FileStore
) -> None:
    data, lead = photo(2000, 1500), house.at("upe-boss")
    begun = begin(lead, house, data).json
    assert begun
    upload, half = begun["id"], len(data) // 2
    assert feed(lead, house, upload, data[:half], 0).status_code == 200
    place = files.path(next(iter(lying(files))))
    place.unlink()
    place.symlink_to("/dev/full")
    answer = feed(lead, house, upload, data[half:], half)
    assert answer.status_code == 422
    assert answer.json
    assert "no tiene espacio" in answer.json["message"]
    assert lying(files) == set()
    unfinished = send(lead, form_of(house), None, title=TITLE, circle="team", upload=upload)
    assert unfinished.status_code == 422
    assert "no terminó" in unfinished.text
    assert send(lead, form_of(house), data, title=TITLE, circle="team").status_code == 303


def test_an_upload_that_no_form_would_take_is_refused_at_once(
    house: House, files: FileStore
) -> None:
    lead = house.at("upe-boss")
    for data, name in ((b"x" * (20 * MB + 1), "x.jpg"), (b"x", "../x.jpg"), (b"x", "x")):
        answer = begin(lead, house, data, name)
        assert answer.status_code == 422
        assert answer.json
        assert answer.json["message"]
    assert count(house, Upload) == [0]
    for _many in range(12):
        begun = begin(lead, house, b"xy").json
        assert begun
        feed(lead, house, begun["id"], b"x", 0)
    assert count(house, Upload) == [10]
    assert len(lying(files)) == 10


@ON_BOTH
def test_an_erasure_leaves_files_that_nothing_opens_and_the_worker_removes(
    house: House, files: FileStore
) -> None:
    file(house)
    file(house, data=pdf())
    with house.db.write() as session:
        ending = Ending(id=new_id(), case_ids=frozenset([house.case_id]), alert_ids=frozenset())
        erased = {part.table: part.erased for part in personal.erase_record(session, ending)}
        assert erased == {"portal_document": 2, "portal_document_version": 2}
        assert session.get(ScopeKey, house.case_id) is not None
        assert sweep(session, files) == 0
        assert len(lying(files)) == 3
        old = (datetime.now(UTC) - timedelta(days=2)).timestamp()
        for name in lying(files):
            os.utime(files.path(name), (old, old))
        assert sweep(session, files) == 3
    assert lying(files) == set()


def test_the_worker_leaves_what_is_kept(house: House, files: FileStore) -> None:
    document_id = file(house)
    old = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    for name in lying(files):
        os.utime(files.path(name), (old, old))
    with house.db.write() as session:
        assert sweep(session, files) == 0
    assert house.at("upe-boss").get(f"/documents/{document_id}/1").status_code == 200


def test_a_bent_file_is_not_handed_out(house: House, files: FileStore) -> None:
    document_id = file(house, data=pdf())
    place = files.path(next(iter(lying(files))))
    sealed = bytearray(place.read_bytes())
    sealed[-1] ^= 1
    place.write_bytes(bytes(sealed))
    assert house.at("upe-boss").get(f"/documents/{document_id}/1").status_code == 404
    place.unlink()
    assert house.at("upe-boss").get(f"/documents/{document_id}/1").status_code == 404


@pytest.mark.slow
def test_the_list_takes_as_many_queries_for_one_as_for_many(
    house: House, files: FileStore, statements: Statements
) -> None:
    assert files
    lead = house.at("upe-boss")
    counts = []
    for _each in range(3):
        file(house, data=pdf())
        for url in (f"/cases/{house.code}/documents", f"/cases/{house.code}"):
            lead.get(url)
            statements.seen.clear()
            assert lead.get(url).status_code == 200
            counts.append((url, statements.count))
    assert len(set(counts)) == 2, counts
