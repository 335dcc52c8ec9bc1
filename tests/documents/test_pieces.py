"""Documents that hang on a commitment or on the answer of a referral: read by who sees that."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select

from portal import clock
from portal.actor import AgencyKind
from portal.cases.models import CaseChild, Level, Priority, Right
from portal.commitments.models import Commitment, Source
from portal.commitments.services import propose
from portal.db.files import FileStore
from portal.documents.models import Document
from portal.referrals.inputs import SendReferral
from portal.referrals.services import send_referral
from tests.cases.test_rights import actor_at
from tests.documents.samples import pdf, photo
from tests.documents.test_documents import files, lying, send
from tests.factories.agencies import make_agency
from tests.sharing.conftest import House

__all__ = ["files"]


def newest(house: House) -> Document:
    with house.db.read() as session:
        return session.exec(select(Document)).one()


def commitment(house: House) -> UUID:
    """Return what the health centre owes on the case, accepted, verified by the UPE."""
    with house.db.write() as session:
        made = propose(
            session,
            actor_at(house, "upe-boss"),
            agency_id=house.agencies["SAL"].id,
            act="Afiliar al SIS",
            due_on=clock.today() + timedelta(days=5),
            source=Source.MANUAL,
            case_id=house.case_id,
            verifier_agency_id=house.agencies["UPE"].id,
            accepted=True,
        )
        return made.id


def test_evidence_with_a_file_hangs_on_its_commitment(house: House, files: FileStore) -> None:
    house.put_on_case("SAL", Level.INFORMED)
    own = commitment(house)
    theirs, url = house.at("sal-boss"), f"/commitments/{own}/done"
    given: dict[str, Any] = {"words": "Se afilió en la oficina", "document": "Constancia 4"}
    refused = send(theirs, url, pdf()[:-9], "x.pdf", **given)
    assert refused.status_code == 422
    assert "Se afilió en la oficina" in refused.text
    with house.db.read() as session:
        assert session.get_one(Commitment, own).words == ""
    assert lying(files) == set()
    assert send(theirs, url, pdf(), "x.pdf", **given).status_code == 303
    document = newest(house)
    for name in ("sal-boss", "upe-boss"):
        page = house.at(name).get(f"/commitments/{own}").text
        assert f"/documents/{document.id}" in page
        assert "Constancia 4" in page
        assert house.at(name).get(f"/documents/{document.id}/1").data == pdf()
    listed = house.at("upe-boss").get(f"/cases/{house.code}/documents").text
    assert f"/commitments/{own}" in listed
    assert house.at("dem-boss").get(f"/documents/{document.id}").status_code == 404
    assert house.at("upe-boss").get(f"/documents/{document.id}").status_code == 200


def test_evidence_without_a_file_is_as_good_as_ever(house: House, files: FileStore) -> None:
    own = commitment(house)
    answer = send(house.at("sal-boss"), f"/commitments/{own}/done", None, words="Se hizo")
    assert answer.status_code == 303
    with house.db.read() as session:
        assert session.get_one(Commitment, own).words == "Se hizo"
    assert lying(files) == set()


def test_the_scan_of_an_answer_hangs_on_its_referral(house: House, files: FileStore) -> None:
    """A court without users answers by letter; who sent the referral enters it with the scan."""
    with house.db.write() as session:
        court = make_agency(session, "JUZ-1", AgencyKind.COURT, "Juzgado de Familia")
        child = session.exec(
            select(CaseChild.person_id).where(CaseChild.case_id == house.case_id)
        ).one()
        referral = send_referral(
            session,
            actor_at(house, "upe-boss"),
            house.case_id,
            SendReferral(
                to_agency_id=court.id,
                asked="Remitir copia de la resolución",
                person_ids=[child],
                right=Right.LEGAL_DEFENCE,
                priority=Priority.HIGH,
                due_on=clock.today() + timedelta(days=5),
                identity_fields=[],
            ),
        )
        own = referral.id
    lead = house.at("upe-boss")
    given = {"answer": "Se remite la resolución", "document": "Oficio 77-2026"}
    answer = send(lead, f"/referrals/{own}/answer", photo(), "x.jpg", **given)
    assert answer.status_code == 303, answer.text
    document = newest(house)
    assert (document.person_id, document.piece_id) == (child, own)
    assert f"/documents/{document.id}" in lead.get(f"/referrals/{own}").text
    assert lead.get(f"/documents/{document.id}/1").data.startswith(b"\xff\xd8\xff")
    assert house.at("sal-boss").get(f"/documents/{document.id}").status_code == 404
    assert len(lying(files)) == 2
