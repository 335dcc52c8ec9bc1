"""Returned and sent on, answered in part and whole, by health, in the name of others."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from sqlmodel import select

from portal import clock
from portal.cases.models import CaseRight, Entry, RightState
from portal.referrals.models import Referral, ReferralStatus
from portal.referrals.rules import IdentityField
from tests.conftest import Statements
from tests.documents.samples import pdf
from tests.postgresql import ON_BOTH
from tests.referrals.conftest import send, stands
from tests.sharing.conftest import House

MONDAY = datetime(2026, 11, 23, 15, tzinfo=clock.LIMA)


@pytest.fixture(autouse=True)
def on_monday() -> Iterator[None]:
    """Let everything happen on a Monday afternoon."""
    with clock.at(MONDAY):
        yield


def give_back(house: House, url: str, to: str = "", name: str = "ren-boss") -> None:
    """Return a referral by the page, naming who should have it."""
    given = {"reason": "not_competent", "words": "Lo ve otra oficina"}
    if to:
        given["should_go_to"] = str(house.agencies[to].id)
    assert house.at(name).fill(f"{url}/return", given).status_code == 303
    house.work()


def accept(house: House, url: str, name: str) -> None:
    assert house.at(name).fill(url, to=f"{url}/accept").status_code == 303


def right_of(house: House) -> CaseRight:
    with house.db.read() as session:
        return session.exec(select(CaseRight).where(CaseRight.right == "identity")).one()


def test_its_day_is_proposed_in_business_days(desk: House) -> None:
    with clock.at(MONDAY + timedelta(days=3)):
        text = desk.at("upe-boss").get(f"/cases/{desk.code}/referrals/new").text
    # The case is of high priority: three business days after Thursday.
    assert 'value="2026-12-01"' in text


@ON_BOTH
def test_a_returned_referral_is_sent_in_one_act_to_whom_should_have_it(desk: House) -> None:
    url = send(desk, "REN", identity_fields=["names", "document", "sex"])
    with clock.at(MONDAY + timedelta(days=1)):
        give_back(desk, url, "SAL")
        boss = desk.at("upe-boss")
        home = boss.get("/").text
        assert "RENIEC Lamas devolvió la derivación" in home
        page = boss.get(url).text
        assert f"{url}/resend" in page
        assert "Distrito" in page or "distrito" in page
        answer = boss.fill(url, to=f"{url}/resend")
        assert answer.status_code == 303, answer.text
        desk.work()
    sent = stands(desk, answer.location)
    assert sent.to_agency_id == desk.agencies["SAL"].id
    assert (sent.asked, sent.right) == (stands(desk, url).asked, stands(desk, url).right)
    assert sent.due_on == stands(desk, url).due_on + timedelta(days=1)
    assert IdentityField.DISTRICT.value in sent.identity_fields
    assert sent.follows_id == stands(desk, url).id
    assert right_of(desk).agency_id == desk.agencies["SAL"].id
    assert "devolvió la derivación" not in desk.at("upe-boss").get("/").text
    assert "Enviada a Centro de Salud" in desk.at("upe-boss").get(url).text
    again = desk.at("upe-boss").fill(answer.location, to=f"{url}/resend")
    assert again.status_code == 409
    assert "ya fue atendida" in again.text
    assert desk.at("ren-boss").get(url).status_code == 404
    assert "Lo ve otra oficina" not in desk.at("sal-boss").get(answer.location).text


def test_a_returned_referral_without_a_name_is_taken_note_of(desk: House) -> None:
    url = send(desk, "REN")
    give_back(desk, url)
    boss = desk.at("upe-boss")
    refused = boss.fill(url, to=f"{url}/resend")
    assert refused.status_code == 409
    assert "envíe otra derivación" in refused.text
    assert boss.fill(url, to=f"{url}/settle").status_code == 303
    assert "devolvió la derivación" not in boss.get("/").text
    # Nothing is answered that was given back, not even by whoever sent it.
    assert boss.get(f"{url}/answer").status_code in (403, 409)
    assert desk.at("ren-boss").get(f"{url}/answer").status_code == 404
    assert stands(desk, url).status is ReferralStatus.RETURNED


def test_nobody_names_the_sender_or_itself(desk: House) -> None:
    url = send(desk, "REN")
    for code in ("UPE", "REN"):
        given = {
            "reason": "outside_area",
            "words": "Es de otra provincia",
            "should_go_to": str(desk.agencies[code].id),
        }
        answer = desk.at("ren-boss").fill(f"{url}/return", given)
        assert answer.status_code == 422
        assert "Es de otra provincia" in answer.text


def test_partial_answers_stay_and_the_last_one_restores_the_right(
    desk: House, statements: Statements
) -> None:
    url = send(desk, "REN")
    accept(desk, url, "ren-boss")
    boss = desk.at("ren-boss")
    part = {"answer": "Se ubicó el acta de nacimiento", "is_partial": "1", "restores": "1"}
    assert boss.fill(f"{url}/answer", part).status_code == 303
    assert right_of(desk).state is RightState.IN_PROCESS
    assert "Respondida en parte" in desk.at("upe-boss").get("/referrals?box=out").text
    last = {"answer": "DNI emitido", "document": "Constancia 12", "restores": "1"}
    assert boss.fill(f"{url}/answer", last).status_code == 303
    assert right_of(desk).state is RightState.RESTORED
    sender = desk.at("upe-boss")
    page = sender.get(url).text
    assert page.index("Se ubicó el acta") < page.index("DNI emitido")
    statements.seen.clear()
    assert sender.get(url).status_code == 200
    assert statements.count <= 40
    assert boss.get(f"{url}/answer").status_code == 409
    assert sender.fill(url, to=f"{url}/close").status_code == 303
    assert stands(desk, url).status is ReferralStatus.CLOSED


def test_health_answers_appointment_attended_or_not_come(desk: House) -> None:
    url = send(desk, "SAL", right="growth")
    accept(desk, url, "sal-boss")
    boss = desk.at("sal-boss")
    form = boss.get(f"{url}/answer").text
    assert "sin diagnósticos" in form.lower()
    assert 'name="is_partial"' not in form
    assert boss.fill(f"{url}/answer", {"outcome": "appointment"}).status_code == 422
    day = {"outcome": "appointment", "appointment_on": "2026-11-30"}
    assert boss.fill(f"{url}/answer", day).status_code == 303
    assert stands(desk, url).status is ReferralStatus.ACCEPTED
    assert "lun 30/11/2026" in desk.at("upe-boss").get(url).text
    missed = {"outcome": "not_come", "restores": "1"}
    assert boss.fill(f"{url}/answer", missed).status_code == 422
    assert boss.fill(f"{url}/answer", {"outcome": "not_come"}).status_code == 303
    assert "No acudió" in desk.at("upe-boss").get(url).text
    assert stands(desk, url).status is ReferralStatus.ANSWERED


def test_the_answer_of_one_without_users_is_entered_in_its_name(desk: House) -> None:
    url = send(desk, "JUZ")
    boss = desk.at("upe-boss")
    given = {"answer": "Se dispuso la inscripción", "document": "Oficio 88", "restores": "1"}
    assert boss.fill(f"{url}/answer", given).status_code == 303
    page = boss.get(url).text
    assert (
        "Registrada por Persona upe-boss, UPE San Martín, en nombre de Juzgado de Familia" in page
    )
    assert right_of(desk).state is RightState.RESTORED
    with desk.db.read() as session:
        titles = session.exec(select(Entry.title)).all()
    assert "Answer of %(agency)s, entered in its name: %(right)s" in titles


def test_the_scan_of_an_answer_is_read_by_who_sees_the_referral(desk: House) -> None:
    url = send(desk, "JUZ")
    boss = desk.at("upe-boss")
    wrong = {"answer": "Adjunto", "file": (BytesIO(b"MZ not a document"), "oficio.pdf")}
    assert boss.fill(f"{url}/answer", wrong).status_code == 422
    assert stands(desk, url).status is ReferralStatus.SENT
    marks = boss.marks(f"{url}/answer")
    given = {"answer": "Se dispuso", "document": "Oficio 88", "file": (BytesIO(pdf()), "a.pdf")}
    assert boss.post(f"{url}/answer", {**marks, **given}).status_code == 303
    page = boss.get(url).text
    assert 'href="/documents/' in page
    document = "/documents/" + page.split('href="/documents/')[1].split('"')[0]
    assert boss.get(document).status_code == 200
    assert "Oficio 88" in boss.get(document).text
    assert desk.at("ren-boss").get(document).status_code == 404


def test_a_notice_that_was_returned_is_given_again_from_the_case(desk: House) -> None:
    url = send(desk, "REN")
    with desk.db.write() as session:
        session.get_one(Referral, stands(desk, url).id).sets_right = False
    give_back(desk, url, "SAL")
    page = desk.at("upe-boss").get(url).text
    assert f"{url}/resend" not in page
    refused = desk.at("upe-boss").fill(url, to=f"{url}/resend")
    assert refused.status_code == 409
    assert "desde el caso" in refused.text
