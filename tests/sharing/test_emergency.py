"""Emergency access: recorded first, alike where nothing opens, an hour sharp, reviewed."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from portal import clock
from portal.actor import AgencyKind, Role, system_actor
from portal.audit.models import AuditEntry, AuditReason
from portal.cases.models import (
    Case,
    CaseGrant,
    CaseLookup,
    Circle,
    EntryKind,
    Level,
    LookupOutcome,
    Verdict,
)
from portal.cases.queries import case_views, get_case, visible_case_ids
from portal.cases.services import bar_person, write_entry
from portal.cases.timeline import log
from portal.errors import Forbidden
from portal.notifications.models import Notice
from portal.sharing.emergency import end_expired
from tests.factories.agencies import make_actor, make_agency
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import CHILD, DOCUMENT, House
from tests.webclient import Browser

pytestmark = pytest.mark.slow

REASON = "Menor sola en emergencia, hay que ubicar a su familia"


def ask(browser: Browser, **given: str) -> tuple[int, str]:
    """Ask for emergency access; returns the status and where it leads (or the page)."""
    answer = browser.fill("/emergency", {"reason": REASON, **given})
    return answer.status_code, answer.location or answer.text


def grants(house: House) -> list[CaseGrant]:
    """Return every emergency access so far."""
    with house.db.read() as session:
        return list(session.exec(select(CaseGrant)).all())


def notices(house: House, name: str) -> list[str]:
    """Return where the notices of a person lead."""
    with house.db.read() as session:
        found = session.exec(select(Notice).where(Notice.user_id == house.users[name].id)).all()
        return [notice.url for notice in found]


def without_marks(page: str) -> str:
    """Return a page without what differs from one sending to the next."""
    return re.sub(r'name="_key" value="[^"]*"', "", page)


@pytest.mark.parametrize(
    "given",
    [
        {"known": "code"},
        {"known": DOCUMENT},
        {**CHILD, "given_names": "PAUCAR", "second_surname": "nahui"},
    ],
    ids=["code", "document", "identity"],
)
def test_a_duty_officer_reads_a_case_for_an_hour(house: House, given: dict[str, str]) -> None:
    night = house.at("sal-night")
    assert night.get(f"/cases/{house.code}").status_code == 404
    if given.get("known") == "code":
        given = {"known": house.code.lower()}
    assert ask(night, **given) == (303, f"/cases/{house.code}")
    page = night.get(f"/cases/{house.code}").text
    assert "Relato que solo lee el equipo" in page
    assert "Paucar Cedro" in page
    listed = night.get("/cases").text
    assert house.code in listed
    (grant,) = grants(house)
    assert grant.until - grant.opened_at == timedelta(minutes=60)
    for before, expected in ((timedelta(seconds=20), 200), (timedelta(), 404)):
        with clock.at(grant.until - before):
            assert house.at("sal-night").get(f"/cases/{house.code}").status_code == expected


@ON_BOTH
def test_it_is_recorded_before_the_look_up_and_read_by_nobody_else(house: House) -> None:
    night = house.at("sal-night")
    ask(night, known="UPE-SM-2026-ZZZZ")
    with house.db.read() as session:
        entry = session.exec(
            select(AuditEntry).where(AuditEntry.action == "sharing.emergency.ask")
        ).one()
        reason = session.get(AuditReason, entry.id)
        lookup = session.exec(select(CaseLookup)).one()
    assert reason is not None
    assert REASON.encode() not in reason.reason_sealed
    assert lookup.outcome is LookupOutcome.NONE


def test_no_match_barred_and_shielded_answer_alike_and_the_lead_is_told(house: House) -> None:
    night = house.at("sal-night")
    absent = ask(night, known="UPE-SM-2026-ZZZZ")
    with house.db.write() as session:
        boss = system_actor(house.agencies["UPE"].id)
        bar_person(
            session, boss, house.case_id, user_id=house.users["sal-night"].id, reason="Es su tía"
        )
    barred = ask(night, known=house.code)
    assert notices(house, "upe-boss") == []
    house.work()
    assert notices(house, "upe-boss") == notices(house, "upe-privacy") == ["/"]
    with house.db.write() as session:
        session.get_one(Case, house.case_id).shielded_at = clock.now()
    other = house.at("dem-night")
    shielded = ask(other, known=house.code)
    house.work()
    assert len(notices(house, "upe-boss")) == 2
    assert notices(house, "sal-night") == []
    alike = [
        without_marks(page).replace(house.code, "CODE").replace("UPE-SM-2026-ZZZZ", "CODE")
        for _status, page in (absent, barred)
    ]
    assert alike[0] == alike[1]
    assert absent[0] == barred[0] == shielded[0] == 200
    assert house.code not in night.get("/cases").text
    assert grants(house) == []


@ON_BOTH
def test_a_person_barred_meanwhile_is_out_at_once(house: House) -> None:
    night = house.at("sal-night")
    ask(night, known=house.code)
    with house.db.write() as session:
        boss = system_actor(house.agencies["UPE"].id)
        bar_person(
            session, boss, house.case_id, user_id=house.users["sal-night"].id, reason="Es su tía"
        )
    assert night.get(f"/cases/{house.code}").status_code == 404
    assert house.code not in night.get("/cases").text


def test_only_who_coordinates_or_is_on_duty_may_ask(house: House) -> None:
    assert house.at("sal-worker").get("/emergency").status_code == 404
    assert house.at("sal-admin").get("/emergency").status_code == 404
    day = house.at("sal-day")
    assert 'name="known"' not in day.get("/emergency").text
    marks = {"_agency": str(house.agencies["SAL"].id), "_key": "k"}
    refused = day.post("/emergency", {**marks, "known": house.code, "reason": REASON})
    assert refused.status_code == 403
    assert ask(house.at("sal-boss"), known=house.code)[0] == 303
    assert 'href="/emergency"' in house.at("sal-night").get("/").text
    assert 'href="/emergency"' in house.at("sal-night").get("/cases/UPE-SM-2026-ZZZZ").text
    assert 'href="/emergency"' not in house.at("sal-worker").get("/nowhere").text


def test_it_asks_for_a_proof_of_who_one_is(house: House) -> None:
    night = house.at("sal-night")
    with clock.at(clock.now() + timedelta(minutes=11)):
        answer = night.get("/emergency")
    assert answer.status_code in (302, 303)
    assert answer.location.startswith("/login/proof")


@ON_BOTH
def test_identity_look_ups_are_few_a_day_and_a_code_is_still_found(house: House) -> None:
    night = house.at("sal-night")
    for number in range(10):
        assert ask(night, known=f"7000000{number}")[0] == 200
    assert ask(night, known=DOCUMENT)[0] == 429
    assert ask(night, known=house.code)[0] == 303
    for _number in range(9):
        assert ask(night, known="UPE-SM-2026-ZZZZ")[0] == 200
    assert ask(night, known="UPE-SM-2026-ZZZZ")[0] == 429


@ON_BOTH
def test_a_part_of_an_identity_is_no_search(house: House) -> None:
    night = house.at("sal-night")
    for missing in ("born_on", "district", "first_surname"):
        given = {name: value for name, value in CHILD.items() if name != missing}
        assert ask(night, **given)[0] == 422
    assert ask(night, **{**CHILD, "born_on": "2017-03-03"})[0] == 200
    assert ask(night, **{**CHILD, "second_surname": "Otro"})[0] == 200
    assert grants(house) == []


def test_it_reads_and_nothing_else(house: House) -> None:
    with house.db.write() as session:
        author = system_actor(house.agencies["UPE"].id)
        for circle in Circle:
            write_entry(
                session,
                author,
                house.case_id,
                kind=EntryKind.NOTE,
                text=f"pieza {circle.value}",
                circle=circle,
            )
    night = house.at("sal-night")
    ask(night, known=house.code)
    page = night.get(f"/cases/{house.code}").text
    assert "pieza team" in page
    assert "pieza parties" in page
    assert "pieza agency" not in page
    assert "Acceso restringido" not in page
    assert f"/cases/{house.code}/entries/new" not in page
    marks = {"_agency": str(house.agencies["SAL"].id), "_key": "k"}
    parts = ("entries/new", "edit", "parties/new", "abstain", "referrals/new", "commitments/new")
    for part in parts:
        assert night.get(f"/cases/{house.code}/{part}").status_code == 403, part
        assert night.post(f"/cases/{house.code}/{part}", marks).status_code == 403, part
    with house.db.write() as session:
        reader = make_actor(session, house.agencies["SAL"], Role.DUTY_OFFICER)
        actor = replace(reader, user_id=house.users["sal-night"].id)
        with pytest.raises(Forbidden):
            get_case(session, actor, house.case_id)
    with house.db.read() as session:
        assert get_case(session, actor, house.case_id).code == house.code
        assert set(session.scalars(visible_case_ids(actor))) == set()
        assert case_views(session, actor, [house.case_id]) == {}


@ON_BOTH
def test_a_collaborating_coordinator_gains_reading_but_writes_as_before(house: House) -> None:
    house.put_on_case("SAL", Level.INFORMED)
    boss = house.at("sal-boss")
    assert "Relato que solo lee" not in boss.get(f"/cases/{house.code}").text
    ask(boss, known=house.code)
    assert "Relato que solo lee" in boss.get(f"/cases/{house.code}").text
    assert boss.get("/cases").text.count(f"<b>{house.code}</b>") == 1


@ON_BOTH
def test_who_is_told_reviews_it_in_two_business_days(house: House) -> None:
    with clock.at(clock.now()):
        night = house.at("sal-night")
        ask(night, known=house.code)
        (grant,) = grants(house)
    url = f"/emergency/{grant.id}"
    for name in ("upe-boss", "upe-privacy", "sal-privacy"):
        assert notices(house, name) == [url], name
        assert url in house.at(name).get("/").text, name
        assert REASON in house.at(name).get(url).text, name
    for name in ("upe-privacy", "sal-privacy"):
        assert url in house.at(name).get("/privacy").text, name
    assert url not in house.at("dem-privacy").get("/privacy").text
    for name in ("sal-boss", "sal-night", "dem-boss", "dem-privacy"):
        assert house.at(name).get(url).status_code == 404, name
    assert house.at("sal-privacy").get(f"/cases/{house.code}").status_code == 404
    days = (grant.review_due_on - clock.today()).days
    assert 2 <= days <= 6
    with clock.at(clock.now() + timedelta(days=days + 1)):
        assert "vencida" in house.at("upe-boss").get(url).text
    officer = house.at("sal-privacy")
    given = {"verdict": "unjustified", "words": "No había emergencia"}
    assert officer.fill(url, given).status_code == 303
    (grant,) = grants(house)
    assert grant.verdict is Verdict.UNJUSTIFIED
    assert b"emergencia" not in (grant.words_sealed or b"")
    assert url not in house.at("upe-boss").get("/").text
    assert house.at("upe-boss").fill(url, given).status_code == 409
    assert notices(house, "sal-night") == ["/"]


@ON_BOTH
def test_who_holds_it_and_the_lead_may_end_it(house: House) -> None:
    night = house.at("sal-night")
    ask(night, known=house.code)
    (grant,) = grants(house)
    end = f"/emergency/{grant.id}/end"
    stranger = house.at("dem-boss")
    assert stranger.post(end, stranger.marks("/emergency")).status_code == 404
    boss = house.at("upe-boss")
    assert boss.post(end, boss.marks("/emergency")).status_code == 303
    assert night.get(f"/cases/{house.code}").status_code == 404


def test_a_clock_set_back_revives_nothing(house: House) -> None:
    night = house.at("sal-night")
    ask(night, known=house.code)
    with clock.at(clock.now() + timedelta(minutes=61)), house.db.write() as session:
        end_expired(session)
    assert night.get(f"/cases/{house.code}").status_code == 404
    with house.db.read() as session:
        ended = session.scalar(sa.select(col(CaseGrant.ended_at)))
    assert ended == grants(house)[0].until


@ON_BOTH
def test_it_does_not_tell_where_a_child_in_care_is(house: House) -> None:
    with house.db.write() as session:
        home = make_agency(session, "CAR-1", AgencyKind.CARE_HOME, "Casa Yarina")
        house.agencies["CAR"] = home
        house.add(session, "CAR", "car-boss", Role.COORDINATOR)
        session.flush()
        session.expunge_all()
    house.put_on_case("CAR", Level.TEAM)
    with house.db.write() as session:
        author = replace(system_actor(house.agencies["CAR"].id), user_id=house.users["car-boss"].id)
        case = house.case(session)
        log(session, author, case, kind=EntryKind.NOTE, title="", text="Duerme bien")
    assert "Casa Yarina" in house.at("upe-boss").get(f"/cases/{house.code}").text
    night = house.at("sal-night")
    ask(night, known=house.code)
    page = night.get(f"/cases/{house.code}").text
    assert "Duerme bien" in page
    assert "Casa Yarina" not in page
    assert "Persona car-boss" not in page
    assert night.get(f"/cases/{house.code}/who").status_code == 403
