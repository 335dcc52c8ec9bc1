"""Several identity documents of one person: written, shown, found, compared, erased."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from portal.actor import system_actor
from portal.cases.models import CaseChild
from portal.duplicates.models import Basis, Match
from portal.people import personal
from portal.people.inputs import PersonInput
from portal.people.models import DocumentKind, Person, PersonDocument
from portal.people.services import update_person
from tests.factories.care import new_case
from tests.sharing.conftest import DOCUMENT, House

CNV, ACTA = "0045871236", "ACT-1187"
ROWS = {
    "documents-0-kind": "cnv",
    "documents-0-number": CNV,
    "documents-0-said_by": "El centro de salud",
    "documents-2-kind": "passport",
    "documents-2-number": "AB123456",
    "documents-2-country": "Colombia",
    "documents-2-since": "2020-02-03",
}


def child_of(house: House) -> UUID:
    with house.db.read() as session:
        return session.scalars(
            sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id) == house.case_id)
        ).one()


def written(house: House, **changes: str) -> str:
    """Write the documents beside the child's DNI and return the address of the form."""
    url = f"/cases/{house.code}/family/people/{child_of(house)}"
    boss = house.at("upe-boss")
    given = {"given_names": "Paucar", "first_surname": "Cedro", "born_on": "2017-03-02"}
    main = {"document_kind": "dni", "document_number": DOCUMENT}
    answer = boss.fill(url, {**given, **main, **ROWS, **changes})
    assert answer.status_code == 303, answer.text
    return url


def test_a_child_has_a_dni_and_a_birth_certificate(house: House) -> None:
    url, boss = written(house), house.at("upe-boss")
    family = boss.get(f"/cases/{house.code}/family").text
    assert (
        f"DNI {DOCUMENT} · Certificado de nacido vivo (CNV) {CNV}; Pasaporte AB123456 (Colombia)"
        in family
    )
    form = boss.get(url).text
    assert f'value="{CNV}"' in form
    assert 'value="2020-02-03"' in form
    found = boss.fill("/search", {"text": CNV}).location
    assert house.code in boss.get(found).text
    sheet = boss.get(f"/cases/{house.code}/codes/copy/sispe").text
    assert f"(CNV) {CNV}; Pasaporte AB123456 (Colombia)" in sheet
    alone = {"given_names": "Paucar", "document_kind": "dni", "document_number": DOCUMENT}
    assert house.at("upe-boss").fill(url, alone).status_code == 303
    with house.db.read() as session:
        assert session.scalars(sa.select(PersonDocument)).all() == []


def test_a_wrong_number_or_one_written_twice_is_refused_beside_it(house: House) -> None:
    url, boss = written(house), house.at("upe-boss")
    wrong = boss.fill(url, {**ROWS, "documents-2-number": "12"})
    assert wrong.status_code == 422
    assert 'value="12"' in wrong.text
    assert "6 a 15 letras o dígitos" in wrong.text
    twice = {**ROWS, "given_names": "Paucar", "documents-2-kind": "cnv", "documents-2-number": CNV}
    again = boss.fill(url, twice)
    assert again.status_code == 422
    assert "Este documento ya está escrito." in again.text
    with house.db.read() as session:
        assert len(session.scalars(sa.select(PersonDocument)).all()) == 2


def test_who_changes_documents_meanwhile_sees_both_beside_the_fields(house: House) -> None:
    url = written(house)
    first, second = house.at("upe-boss"), house.at("upe-boss")
    row = {"documents-0-kind": "cnv", "documents-0-number": CNV, "documents-0-since": "2020-02-03"}
    main = {"document_kind": "dni", "document_number": DOCUMENT}
    given = {"given_names": "Paucar", **main, **row}
    marks = second.marks(url)
    changed = {"documents-0-number": "1118712364", "documents-0-since": "2021-02-03"}
    others = {"documents-2-kind": "", "documents-2-number": "", "sex": "female"}
    assert first.fill(url, {**given, **changed, **others}).status_code == 303
    answer = second.post(url, {**marks, **given, "sex": "male"})
    assert answer.status_code == 409
    for field, theirs in (
        ("sex", "Mujer"),
        ("documents-0-number", "1118712364"),
        ("documents-0-since", "mié 03/02/2021"),
    ):
        said = answer.text.split(f'id="{field}-said"')[1].split("</span></span>")[0]
        assert said.endswith(f"En el registro consta ahora: {theirs}"), said
    assert 'id="documents-0-kind-said"' not in answer.text
    assert f'value="{CNV}"' in answer.text


def test_any_of_the_numbers_shows_that_it_is_the_same_child(house: House) -> None:
    written(house)
    with house.db.write() as session:
        _code, [other] = new_case(session, house.agencies["DEM"], 9)
        known = PersonInput(given_names="Otro", document_kind=DocumentKind.CNV, document_number=CNV)
        update_person(session, system_actor(), session.get_one(Person, other), known)
    house.work()
    with house.db.read() as session:
        [match] = session.scalars(sa.select(Match)).all()
    assert match.basis is Basis.DOCUMENT


def test_the_documents_go_with_the_identity(house: House) -> None:
    written(house)
    with house.db.write() as session:
        [_identity, documents] = personal.export_person(session, child_of(house))
        assert [CNV in row.values() for row in documents.rows] == [True, False]
        assert personal.empty(session, session.get_one(Person, child_of(house))) == 2
        assert session.scalars(sa.select(PersonDocument)).all() == []
