"""The official letter of a referral, its receipt and the receiver's number: through the pages."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from portal import clock
from portal.access.inputs import AddSigner
from portal.access.models import SignerAct, SignerStanding
from portal.access.signers import add_signer
from portal.actor import system_actor
from portal.cases.leading import change_lead
from portal.db import new_id
from portal.referrals import letters
from portal.referrals.models import Letter, Referral
from tests.cases.test_rights import actor_at
from tests.postgresql import ON_BOTH
from tests.referrals.conftest import TELEPHONE, send, stands
from tests.sharing.conftest import CHILD, DOCUMENT, House

MONDAY = datetime(2026, 11, 23, 15, tzinfo=clock.LIMA)
YEAR = "Año de las pruebas"


@pytest.fixture(autouse=True)
def on_monday() -> Iterator[None]:
    """Let everything happen on a Monday afternoon."""
    with clock.at(MONDAY):
        yield


def letter_of(app: Flask, house: House, url: str) -> dict[str, Any]:
    """Return what the letter of a referral says."""
    with app.test_request_context(), house.db.read() as session:
        referral = session.get_one(Referral, stands(house, url).id)
        letter = letters.list_letters(session, referral)[-1]
        boss = actor_at(house, "upe-boss")
        return letters.content(session, boss, referral, letter, {2026: YEAR})


def sign(house: House, name: str, post: str, standing: SignerStanding) -> None:
    """Enter who signs the letters of the UPE."""
    with house.db.write() as session:
        given = AddSigner(
            user_id=house.users[name].id,
            post=post,
            standing=standing,
            act=SignerAct.LETTER,
            resolution="RM 7-2026",
            resolved_on=date(2026, 3, 2),
            since=date(2026, 3, 3),
        )
        add_signer(session, actor_at(house, "upe-admin"), given)


@ON_BOTH
def test_a_referral_has_its_letter_with_number_year_signer_and_the_minimum(
    app: Flask, desk: House
) -> None:
    sign(desk, "upe-worker", "Directora", SignerStanding.TITULAR)
    sign(desk, "upe-night", "Encargada", SignerStanding.ALTERNATE)
    first, second = send(desk, "REN"), send(desk, "JUZ", identity_fields=["names", "document"])
    told = letter_of(app, desk, first)
    assert "000001-2026-UPE-SM" in told["number"]
    assert told["year"] == YEAR
    assert "23 de noviembre de 2026" in told["dated"]
    assert "RENIEC Lamas" in told["to"]
    assert told["signature"] == ["Persona upe-worker", "Directora", "RM 7-2026"]
    assert told["receipt"] == []
    child = "\n".join(told["children"][0])
    assert CHILD["given_names"] in child
    assert DOCUMENT not in child
    told = letter_of(app, desk, second)
    assert "000002-2026-UPE-SM" in told["number"]
    assert DOCUMENT in "\n".join(told["children"][0])
    with clock.at(MONDAY + timedelta(days=60)):
        third = letter_of(app, desk, send(desk, "REN"))
        assert "000001-2027-UPE-SM" in third["number"]
        assert third["year"] == ""


def test_the_letter_is_handed_out_to_its_two_sides_only(desk: House) -> None:
    url = send(desk, "REN")
    for name in ("upe-boss", "ren-boss"):
        given = desk.at(name).get(f"{url}/letter.pdf")
        assert given.data.startswith(b"%PDF-")
        assert "oficio-000001-2026-UPE-SM.pdf" in given.headers["Content-Disposition"]
    assert desk.at("sal-boss").get(f"{url}/letter.pdf").status_code == 404
    assert desk.at("upe-boss").get(f"{url}/letter.pdf?to=head").status_code == 404


@ON_BOTH
def test_the_receipt_is_made_when_the_receiver_first_opens_it(app: Flask, desk: House) -> None:
    url = send(desk, "REN")
    assert "Aún no hay cargo" in desk.at("upe-boss").get(url).text
    with clock.at(MONDAY + timedelta(hours=2)):
        desk.at("ren-boss").get(url)
    with clock.at(MONDAY + timedelta(hours=3)):
        desk.at("ren-boss").get(url)
    page = desk.at("upe-boss").get(url).text
    assert "Recibido en el portal por Persona ren-boss" in page
    assert "17:00" in page
    assert desk.at("ren-boss").fill(f"{url}/receipt", {"number": "EXP-90-2026"}).status_code == 303
    assert "EXP-90-2026" in desk.at("upe-boss").get(url).text
    assert "EXP-90-2026" in str(letter_of(app, desk, url)["receipt"])
    # The sender does not note what the receiver notes by itself.
    assert desk.at("upe-boss").fill(f"{url}/receipt", {"number": "X-1"}).status_code == 403


def test_of_an_institution_without_users_the_sender_notes_the_receipt(
    app: Flask, desk: House
) -> None:
    url = send(desk, "JUZ")
    boss = desk.at("upe-boss")
    assert "imprima el oficio" in boss.get(url).text
    for wrong in ("2026-11-22T10:00", "2026-11-24T10:00"):
        answer = boss.fill(f"{url}/receipt", {"number": "41-2026", "received_at": wrong})
        assert answer.status_code == 422
        assert "41-2026" in answer.text
    given = {"number": "41-2026", "received_at": "2026-11-23T14:30"}
    assert boss.fill(f"{url}/receipt", given).status_code == 303
    assert "14:30" in str(letter_of(app, desk, url)["receipt"])
    assert "41-2026" in boss.get(url).text


def test_an_order_that_cannot_be_says_what_to_do_instead(desk: House) -> None:
    url = send(desk, "REN")
    refused = desk.at("upe-boss").get(f"{url}/answer")
    assert refused.status_code == 403
    assert TELEPHONE in refused.text
    early = desk.at("ren-boss").get(f"{url}/answer")
    assert early.status_code == 409
    assert "acéptela o devuélvala" in early.text
    assert desk.at("ren-boss").fill(url, to=f"{url}/accept").status_code == 303
    twice = desk.at("ren-boss").fill(url, to=f"{url}/accept")
    assert twice.status_code == 409
    assert "ahora corresponde responderla" in twice.text


@ON_BOTH
def test_no_number_is_given_twice(desk: House) -> None:
    for _each in range(3):
        send(desk, "REN")
    with desk.db.read() as session:
        assert sorted(session.exec(select(Letter.number))) == [1, 2, 3]


@ON_BOTH
def test_what_was_asked_is_answered_to_whoever_is_in_charge_now(app: Flask, desk: House) -> None:
    registry, its_own = send(desk, "REN"), send(desk, "DEM")
    with desk.db.write() as session:
        case, actor = desk.case(session), system_actor(desk.agencies["UPE"].id)
        new, transfer = desk.agencies["DEM"].id, new_id()
        change_lead(
            session, actor, case, agency_id=new, legal_basis="R art. 160", transfer_id=transfer
        )
    desk.work()
    desk.work()
    assert stands(desk, registry).from_agency_id == desk.agencies["DEM"].id
    assert stands(desk, its_own).from_agency_id == desk.agencies["UPE"].id
    letter = letter_of(app, desk, registry)
    assert "000001-2026-UPE-SM" in letter["number"]
    assert desk.at("ren-boss").fill(registry, to=f"{registry}/accept").status_code == 303
    done = desk.at("ren-boss").fill(f"{registry}/answer", {"answer": "DNI emitido"})
    assert done.status_code == 303
    desk.work()
    assert registry in desk.at("dem-boss").get("/").text
    assert registry not in desk.at("upe-boss").get("/").text
