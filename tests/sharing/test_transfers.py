"""Declining competence of a case: nothing falls between, everybody is told (R 160–161)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import sleep
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from portal import clock
from portal.actor import system_actor
from portal.agencies.models import Accreditation
from portal.cases.models import (
    CaseChild,
    CaseParty,
    Level,
    Placement,
    Situation,
    Term,
    TermStatus,
)
from portal.cases.services import start_term
from portal.cases.worklist import differences
from portal.errors import Conflict
from portal.notifications.models import Notice
from portal.sharing import personal, transfers
from portal.sharing.inputs import DeclineLead
from portal.sharing.models import Transfer, TransferState
from tests.cases.test_rights import actor_at
from tests.factories.closing import sent
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House

GROUNDS = "La evaluación concluye riesgo; la familia vive en Lamas"
RULE = "core.unprotection.evaluation"


@pytest.fixture
def risk(house: House) -> House:
    """Return the house with its case as one of risk and an accredited DEMUNA in its district."""
    with house.db.write() as session:
        case = house.case(session)
        case.situation = Situation.RISK
        session.add(
            Accreditation(
                agency_id=house.agencies["DEM"].id,
                resolution="RD 1",
                since=clock.today() - timedelta(days=400),
                recorded_at=clock.now(),
            )
        )
        demuna = session.merge(house.agencies["DEM"])
        demuna.district = case.district
        session.flush()
        session.expunge_all()
    return house


def given(house: House, **changes: str) -> dict[str, str]:
    return {
        "agency_id": str(house.agencies["DEM"].id),
        "reason": GROUNDS,
        "is_safe": "1",
        **changes,
    }


def decline(house: House, **changes: str) -> str:
    answer = house.at("upe-boss").fill(f"/cases/{house.code}/decline", given(house, **changes))
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def lead(house: House) -> UUID:
    with house.db.read() as session:
        return house.case(session).lead_agency_id


def levels(house: House) -> dict[UUID, Level]:
    with house.db.read() as session:
        found = session.execute(
            sa.select(col(CaseParty.agency_id), col(CaseParty.level)).where(
                col(CaseParty.case_id) == house.case_id, col(CaseParty.ended_at).is_(None)
            )
        )
        return {row[0]: row[1] for row in found}


def told(house: House, name: str) -> list[str]:
    with house.db.read() as session:
        return list(
            session.scalars(
                sa.select(col(Notice.text))
                .where(col(Notice.user_id) == house.users[name].id)
                .order_by(col(Notice.at))
            )
        )


def file_term(house: House) -> Term:
    with house.db.read() as session:
        found = session.scalars(
            sa.select(Term).where(col(Term.rule_code) == transfers.FILE_TERM)
        ).one()
        session.expunge_all()
        return found


def state(house: House) -> TransferState:
    with house.db.read() as session:
        return session.scalars(
            sa.select(col(Transfer.state)).order_by(col(Transfer.declined_at).desc())
        ).first()  # type: ignore[return-value]


def test_the_portal_proposes_and_the_lead_declines_with_grounds(risk: House) -> None:
    page = risk.at("upe-boss").get(f"/cases/{risk.code}/decline").text
    assert f'value="{risk.agencies["DEM"].id}" selected' in page
    assert "acreditada" in page
    address = decline(risk)
    shown = risk.at("upe-boss").get(address).text
    assert GROUNDS in shown
    assert "día hábil 1" in shown or "1.º día hábil" in shown
    assert "R 161.1" in shown
    assert lead(risk) == risk.agencies["UPE"].id
    term = file_term(risk)
    assert (term.agency_id, term.status) == (risk.agencies["UPE"].id, TermStatus.RUNNING)
    assert "declinó" in risk.at("upe-boss").get(f"/cases/{risk.code}").text


def test_what_is_wrong_is_said_beside_the_field_and_kept(risk: House) -> None:
    boss = risk.at("upe-boss")
    for wrong, said in (
        ({"is_safe": ""}, "Dicte primero la medida urgente"),
        ({"reason": "corto"}, "Escriba al menos"),
        ({"agency_id": str(risk.agencies["SAL"].id)}, "Elija una opción"),
        ({"agency_id": str(risk.agencies["UPE"].id)}, "Elija una opción"),
    ):
        answer = boss.fill(f"/cases/{risk.code}/decline", given(risk, **wrong))
        assert answer.status_code == 422, wrong
        assert said in answer.text
    assert levels(risk).keys() == {risk.agencies["UPE"].id}
    with risk.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Transfer)) == 0


@ON_BOTH
def test_a_upe_keeps_what_began_long_before_the_accreditation(risk: House) -> None:
    with risk.db.write() as session:
        since = clock.today() - timedelta(days=10)
        session.execute(sa.update(Accreditation).values(since=since))
        risk.case(session).received_at = clock.now() - timedelta(days=90)
    answer = risk.at("upe-boss").fill(f"/cases/{risk.code}/decline", given(risk))
    assert answer.status_code == 422
    assert "más de dos meses antes" in answer.text
    with risk.db.write() as session:
        risk.case(session).received_at = clock.now() - timedelta(days=50)
    decline(risk)


def test_a_demuna_that_is_not_accredited_takes_nothing_from_a_upe(house: House) -> None:
    answer = house.at("upe-boss").fill(f"/cases/{house.code}/decline", given(house))
    assert answer.status_code == 422
    assert "no está acreditada" in answer.text


@ON_BOTH
def test_all_parties_are_told_and_the_receiver_accepts(risk: House) -> None:
    risk.put_on_case("SAL", Level.INFORMED)
    with risk.db.write() as session:
        system = system_actor(risk.agencies["UPE"].id)
        start_term(
            session,
            system,
            risk.case_id,
            rule_code=RULE,
            starts_at=clock.now(),
            agency_id=risk.agencies["UPE"].id,
        )
    address = decline(risk)
    risk.work()
    assert any("declines its competence" in text for text in told(risk, "sal-boss"))
    assert any("accept or return" in text for text in told(risk, "dem-boss"))
    assert told(risk, "dem-worker") == []
    assert address in risk.at("dem-boss").get("/").text

    receiver = risk.at("dem-night")
    page = receiver.get(address).text
    assert GROUNDS in page
    assert "Paucar" not in page
    assert receiver.get(f"/cases/{risk.code}").status_code == 404
    assert receiver.fill(f"{address}/accept").location == f"/cases/{risk.code}"
    risk.work()
    assert lead(risk) == risk.agencies["DEM"].id
    assert levels(risk) == {
        risk.agencies["DEM"].id: Level.LEAD,
        risk.agencies["UPE"].id: Level.INFORMED,
        risk.agencies["SAL"].id: Level.INFORMED,
    }
    assert "Paucar" in risk.at("dem-boss").get(f"/cases/{risk.code}").text
    assert "Paucar" not in risk.at("upe-boss").get(f"/cases/{risk.code}").text
    assert file_term(risk).status is TermStatus.MET
    with risk.db.read() as session:
        owing = session.scalar(sa.select(col(Term.agency_id)).where(col(Term.rule_code) == RULE))
        assert owing == risk.agencies["DEM"].id
        case = risk.case(session)
        assert (case.serial, case.serial_year) == (1, clock.today().year)
        assert differences(session) == 0
    for name in ("sal-boss", "upe-boss"):
        assert any("Another institution" in text for text in told(risk, name)), name


def test_returned_with_a_reason_it_stays_and_may_be_declined_again(risk: House) -> None:
    address = decline(risk)
    receiver = risk.at("dem-boss")
    assert receiver.fill(f"{address}/return", {"reason": ""}).status_code == 422
    assert receiver.fill(f"{address}/return", {"reason": "La niña vive en Rioja"}).location == "/"
    risk.work()
    assert (lead(risk), state(risk)) == (risk.agencies["UPE"].id, TransferState.RETURNED)
    assert file_term(risk).status is TermStatus.CANCELLED
    assert any("stays with" in text for text in told(risk, "upe-boss"))
    assert receiver.get(address).status_code == 404
    assert receiver.fill(f"{address}/accept").status_code == 404
    assert "La niña vive en Rioja" in risk.at("upe-boss").get(f"/cases/{risk.code}/decline").text
    assert decline(risk) != address


@ON_BOTH
def test_taken_back_nothing_waits_and_the_other_is_told(risk: House) -> None:
    address = decline(risk)
    boss = risk.at("upe-boss")
    assert boss.fill(f"{address}/withdraw", {"reason": "Se dictó una medida"}).status_code == 303
    risk.work()
    assert state(risk) is TransferState.WITHDRAWN
    assert any("stays with" in text for text in told(risk, "dem-boss"))
    assert risk.at("dem-boss").get(address).status_code == 404


@ON_BOTH
def test_only_one_declining_waits_and_the_case_is_not_closed_meanwhile(risk: House) -> None:
    address = decline(risk)
    boss = risk.at("upe-boss")
    assert boss.get(f"/cases/{risk.code}/decline").location == address
    page = boss.get(f"/cases/{risk.code}/close").text
    closing = boss.fill(f"/cases/{risk.code}/close", sent(page))
    assert closing.status_code == 422
    assert "no ha respondido" in closing.text
    with risk.db.write() as session, pytest.raises(Conflict):
        transfers.decline_lead(
            session,
            system_actor(risk.agencies["UPE"].id),
            risk.case_id,
            DeclineLead(agency_id=risk.agencies["DEM"].id, reason=GROUNDS, is_safe=True),
        )


@ON_BOTH
def test_of_two_who_decline_at_once_the_second_is_told_to_wait(risk: House) -> None:
    boss = actor_at(risk, "upe-boss")
    told = DeclineLead(agency_id=risk.agencies["DEM"].id, reason=GROUNDS, is_safe=True)
    begin = Barrier(2)

    def act(_number: int) -> object:
        with risk.db.write() as session:
            begin.wait()
            try:
                transfers.decline_lead(session, boss, risk.case_id, told)
                session.flush()
                # Long enough for the other to have looked.
                sleep(0.3)
            except Conflict as refused:
                return refused
        return None

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(act, range(2)))
    refused = [each for each in ended if each is not None]
    assert len(refused) == 1
    assert "wait for the answer" in str(refused[0])
    with risk.db.read() as session:
        assert len(session.scalars(sa.select(Transfer)).all()) == 1


@ON_BOTH
@pytest.mark.parametrize(
    ("name", "lead_sees", "answers"),
    [
        ("upe-boss", True, False),
        ("upe-night", True, False),
        ("upe-worker", False, False),
        ("upe-privacy", False, False),
        ("dem-boss", False, True),
        ("dem-night", False, True),
        ("dem-day", False, False),
        ("dem-worker", False, False),
        ("dem-admin", False, False),
        ("sal-boss", False, False),
    ],
)
def test_who_sees_it_by_set_address_and_home(
    risk: House, name: str, lead_sees: bool, answers: bool
) -> None:
    risk.put_on_case("SAL", Level.INFORMED)
    address = decline(risk)
    browser = risk.at(name)
    sees = lead_sees or answers
    assert (browser.get(address).status_code == 200) is sees
    assert (address in browser.get("/").text) is answers
    assert (browser.get(f"{address}/accept").status_code == 200) is answers
    assert (browser.get(f"{address}/return").status_code == 200) is answers
    withdraws = name == "upe-boss"
    assert (browser.get(f"{address}/withdraw").status_code == 200) is withdraws


def test_whoever_is_barred_from_the_case_does_not_answer_for_it(risk: House) -> None:
    address = decline(risk)
    given_name = risk.users["dem-boss"].username
    bar = {"username": given_name, "reason": "Es pariente de la niña"}
    assert risk.at("upe-boss").fill(f"/cases/{risk.code}/bars/new", bar).status_code == 303
    assert risk.at("dem-boss").get(address).status_code == 404
    assert address not in risk.at("dem-boss").get("/").text
    assert risk.at("dem-night").get(address).status_code == 200


def test_the_former_lead_goes_on_caring_for_a_child_in_its_place(risk: House) -> None:
    with risk.db.write() as session:
        session.execute(
            sa.update(CaseChild)
            .where(col(CaseChild.case_id) == risk.case_id)
            .values(placement=Placement.IN_CARE, placed_by=risk.agencies["UPE"].id)
        )
    address = decline(risk)
    risk.at("dem-boss").fill(f"{address}/accept")
    assert levels(risk)[risk.agencies["UPE"].id] is Level.TEAM


def test_the_copy_of_a_childs_data_tells_it(risk: House) -> None:
    decline(risk)
    with risk.db.read() as session:
        child = session.scalars(
            sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id) == risk.case_id)
        ).one()
        (part,) = personal.export_person(session, child)
    assert GROUNDS in str(part.rows)
