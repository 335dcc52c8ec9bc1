"""Who sees a case and why: institutions on a norm and until a day, people, bars, who looked."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from portal import clock
from portal.audit.models import AuditEntry
from portal.cases.models import CaseAssignment, CaseBar, CaseParty, Level, Worklist
from portal.notifications.models import Notice
from portal.sharing.parties import warn_of_ends
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House

pytestmark = pytest.mark.slow


def test_an_institution_comes_on_a_norm_until_a_day(house: House) -> None:
    boss = house.at("upe-boss")
    url = f"/cases/{house.code}/parties/new"
    given = {"agency_id": str(house.agencies["SAL"].id), "level": "team"}
    assert boss.fill(url, given).status_code == 422
    day = clock.today() + timedelta(days=3)
    yesterday = clock.today() - timedelta(days=1)
    late = {**given, "norm": "information", "until": yesterday.isoformat()}
    assert boss.fill(url, late).status_code == 422
    whole = {**given, "norm": "information", "words": "Oficio 12", "until": day.isoformat()}
    assert boss.fill(url, whole).status_code == 303
    page = boss.get(f"/cases/{house.code}/who").text
    assert "DL 1297 art. 15.2. Oficio 12" in page
    assert "Persona upe-boss" in page
    assert house.at("sal-boss").get(f"/cases/{house.code}").status_code == 200
    with clock.at(clock.now() + timedelta(days=4)):
        assert house.at("sal-boss").get(f"/cases/{house.code}").status_code == 404
        assert house.code not in house.at("sal-boss").get("/cases").text
        again = {**given, "norm": "powers"}
        assert house.at("upe-boss").fill(url, again).status_code == 303
        assert house.at("sal-boss").get(f"/cases/{house.code}").status_code == 200


@ON_BOTH
def test_the_lead_is_told_once_before_an_access_ends(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    with house.db.write() as session:
        party = session.exec(
            select(CaseParty).where(CaseParty.agency_id == house.agencies["SAL"].id)
        ).one()
        party.until = clock.now() + timedelta(days=5)
    for _time in range(2):
        with house.db.write() as session:
            warn_of_ends(session, timedelta(days=7))
        house.work()
    with house.db.read() as session:
        told = session.exec(
            select(Notice).where(Notice.user_id == house.users["upe-boss"].id)
        ).all()
    assert [notice.url for notice in told] == [f"/cases/{house.code}/who"]


@ON_BOTH
def test_the_lead_changes_a_level_and_nobody_else_does(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    with house.db.read() as session:
        party_id = session.exec(
            select(CaseParty.id).where(CaseParty.agency_id == house.agencies["SAL"].id)
        ).one()
    url = f"/cases/{house.code}/parties/{party_id}/change"
    given = {"level": "informed", "words": "Basta con esto"}
    assert house.at("sal-boss").get(url).status_code == 403
    assert house.at("upe-boss").fill(url, given).status_code == 303
    assert "Relato que solo lee" not in house.at("sal-boss").get(f"/cases/{house.code}").text
    with house.db.read() as session:
        levels = session.exec(
            select(Worklist.level).where(Worklist.agency_id == house.agencies["SAL"].id)
        ).all()
    assert levels == [Level.INFORMED]


def test_what_each_level_reads_is_said_for_the_kind_of_institution(house: House) -> None:
    boss = house.at("upe-boss")
    url = f"/cases/{house.code}/parties/new?agency={house.agencies['SAL'].id}"
    page = boss.get(url).text
    assert "teléfono de quien cuida" in page
    assert "Nombres, contacto y situación" in page


def test_several_are_assigned_at_once_and_taken_off(house: House) -> None:
    boss = house.at("upe-boss")
    ids = [str(house.users[name].id) for name in ("upe-worker", "upe-day")]
    url = f"/cases/{house.code}/assign"
    assert boss.fill(url, {"user_ids": []}).status_code == 422
    stranger = str(house.users["sal-worker"].id)
    assert boss.fill(url, {"user_ids": [*ids, stranger]}).status_code == 422
    assert house.at("upe-worker").get(f"/cases/{house.code}").status_code == 404
    assert boss.fill(url, {"user_ids": ids}).status_code == 303
    page = boss.get(f"/cases/{house.code}/who").text
    assert "Persona upe-worker" in page
    assert house.at("upe-worker").get(f"/cases/{house.code}").status_code == 200
    end = f"/cases/{house.code}/assigned/{ids[0]}/end"
    assert boss.post(end, boss.marks(url)).status_code == 303
    assert house.at("upe-worker").get(f"/cases/{house.code}").status_code == 404
    with house.db.read() as session:
        kept = session.exec(select(CaseAssignment)).all()
    assert len(kept) == 2


def test_the_lead_bars_a_person_by_exact_name_and_lifts_it_with_a_reason(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    boss = house.at("upe-boss")
    url = f"/cases/{house.code}/bars/new"
    name = house.users["sal-boss"].username
    assert house.at("sal-boss").get(url).status_code == 403
    assert house.at("upe-worker").get(url).status_code == 404
    assert boss.fill(url, {"username": name[:-1], "reason": "Es su tío"}).status_code == 422
    with house.db.read() as session:
        tried = select(AuditEntry).where(AuditEntry.action == "sharing.bar.refused")
        assert session.exec(tried).one().outcome == "refused"
    assert boss.fill(url, {"username": name, "reason": "Es su tío"}).status_code == 303
    other = house.at("sal-boss")
    assert other.get(f"/cases/{house.code}").status_code == 404
    assert "Es su tío" in boss.get(f"/cases/{house.code}/who").text
    assert boss.fill(url, {"username": name, "reason": "Es su tío"}).status_code == 409
    with house.db.read() as session:
        bar = session.exec(select(CaseBar)).one()
    assert "tío".encode() not in bar.reason_sealed
    lift = f"/cases/{house.code}/bars/{bar.id}/lift"
    assert boss.fill(lift, {"reason": ""}).status_code == 422
    assert boss.fill(lift, {"reason": "Era un homónimo"}).status_code == 303
    assert other.get(f"/cases/{house.code}").status_code == 200
    assert boss.fill(url, {"username": name, "reason": "Sí era"}).status_code == 303
    assert other.get(f"/cases/{house.code}").status_code == 404


def test_who_abstains_is_replaced(house: House) -> None:
    boss = house.at("upe-boss")
    worker = str(house.users["upe-worker"].id)
    boss.fill(f"/cases/{house.code}/assign", {"user_ids": [worker]})
    answer = house.at("upe-worker").fill(f"/cases/{house.code}/abstain", {"reason": "Es mi prima"})
    assert answer.status_code == 303
    assert house.at("upe-worker").get(f"/cases/{house.code}").status_code == 404
    with house.db.read() as session:
        told = session.exec(
            select(Notice.url).where(Notice.user_id == house.users["upe-boss"].id)
        ).all()
    assert told == [f"/cases/{house.code}/assign"]
    assert f"/cases/{house.code}/assign" in boss.get("/").text
    boss.fill(f"/cases/{house.code}/assign", {"user_ids": [str(house.users["upe-day"].id)]})
    assert f'href="/cases/{house.code}/assign"' not in boss.get("/").text


@ON_BOTH
def test_the_lead_alone_is_told_who_looked_and_may_narrow_it(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    house.at("sal-boss").get(f"/cases/{house.code}")
    boss = house.at("upe-boss")
    who = f"/cases/{house.code}/who"
    page = boss.get(who).text
    assert "Persona sal-boss" in page
    person = house.users["sal-boss"].id
    looks = boss.get(f"{who}?person={person}").text.split('id="looks"')[1]
    table = looks.split("<tbody>")[1].split("</tbody>")[0]
    assert "Persona sal-boss" in table
    assert "Persona upe-boss" not in table
    assert "Persona upe-boss" not in house.at("sal-boss").get(who).text.split('id="looks"')[1]
    boss.get(f"/cases/{house.code}")
    with house.db.write() as session:
        own = select(AuditEntry).where(AuditEntry.user_id == house.users["upe-boss"].id)
        look = session.exec(own.order_by(col(AuditEntry.at).desc())).first()
        assert look
        same = look.model_dump(exclude={"id", "at"})
        session.add_all(AuditEntry(**same, at=clock.now()) for _time in range(60))
    first = boss.get(who).text
    older = first.split('class="pager"><a href="')[1].split('"')[0].split("#")[0]
    assert "Persona sal-boss" in boss.get(who + older.replace("&amp;", "&")).text


def test_a_shield_answers_look_ups_as_if_nobody_knew_the_child(house: House) -> None:
    boss = house.at("upe-boss")
    url = f"/cases/{house.code}/shield"
    assert boss.fill(url, {"reason": "Amenazas a la familia"}).status_code == 303
    night = house.at("sal-night")
    asked = {"known": house.code, "reason": "Menor sola en el terminal"}
    assert night.fill("/emergency", asked).status_code == 200
    assert boss.fill(url, {"reason": "Ya pasó el peligro"}).status_code == 303
    assert night.fill("/emergency", asked).status_code == 303
