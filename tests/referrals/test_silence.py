"""Silence leads on, step by step, until it stands on a council's agenda: nothing twice."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlmodel import col, select

from portal import clock
from portal.access.inputs import AddSigner
from portal.access.models import SignerAct, SignerStanding
from portal.access.signers import add_signer
from portal.actor import Actor, Role
from portal.cases.models import Entry
from portal.councils.inputs import MeetingInput
from portal.councils.meetings import create_meeting
from portal.councils.models import (
    AgendaItem,
    Council,
    CouncilKind,
    ItemKind,
    ItemStatus,
    MeetingKind,
    Office,
    Seat,
)
from portal.councils.silent import council_for
from portal.deadlines.calendar import DayKind
from portal.deadlines.inputs import AddDays
from portal.deadlines.models import Scope
from portal.deadlines.services import add_days
from portal.notifications.models import Notice
from portal.referrals import letters
from portal.referrals.models import Letter, LetterKind, Referral, Silence
from portal.referrals.silence import escalate_silent
from tests.cases.test_rights import actor_at
from tests.postgresql import ON_BOTH
from tests.referrals.conftest import send, stands
from tests.sharing.conftest import CHILD, House

# A Monday; the days of the story are business days without a holiday between them.
MONDAY = datetime(2026, 11, 9, 15, tzinfo=clock.LIMA)


def at(day: int) -> datetime:
    """Return an afternoon so many calendar days after the Monday."""
    return MONDAY + timedelta(days=day)


@pytest.fixture(autouse=True)
def on_monday() -> Iterator[None]:
    """Let the story begin on a Monday afternoon."""
    with clock.at(MONDAY):
        yield


def look(house: House) -> int:
    """Let the worker look for silence, as it does every few minutes."""
    with house.db.write() as session:
        moved = escalate_silent(session)
    house.work()
    return moved


def told(house: House, name: str) -> list[str]:
    with house.db.read() as session:
        statement = select(Notice.text).where(Notice.user_id == house.users[name].id)
        return list(session.exec(statement))


def council(house: House, *members: str, territory: str = "22", name: str = "Consejo") -> None:
    """Found a council: the UPE has its secretariat, others sit there."""
    with house.db.write() as session:
        made = Council(
            kind=CouncilKind.REGIONAL, name=name, territory=territory, created_at=clock.now()
        )
        session.add(made)
        session.flush()
        for code in ("UPE", *members):
            session.add(
                Seat(
                    council_id=made.id,
                    agency_id=house.agencies[code].id,
                    office=Office.SECRETARY if code == "UPE" else Office.MEMBER,
                    since=date(2026, 1, 1),
                )
            )


def prepare(house: House, ahead: int = 7) -> str:
    """Prepare a session by the page; return its address."""
    url = house.at("upe-boss").get("/councils").text
    council_id = url.split('href="/councils/')[1].split('"')[0]
    day = clock.local(clock.now() + timedelta(days=ahead))
    answer = house.at("upe-boss").fill(
        f"/councils/{council_id}/sessions/new",
        {"kind": "ordinary", "day": f"{day:%Y-%m-%d}", "hour": "10:00", "place": "Auditorio"},
    )
    assert answer.status_code == 303, answer.text
    return answer.location


def test_the_agenda_of_another_council_does_not_tell_of_it(desk: House) -> None:
    council(desk, territory="2209", name="Consejo ajeno")
    council(desk, "REN", name="Consejo propio")
    send(desk, "REN")
    for day in (3, 8, 12, 22):
        with clock.at(at(day)):
            look(desk)
    with clock.at(at(22)), desk.db.write() as session:
        for name, is_told in (("Consejo ajeno", False), ("Consejo propio", True)):
            found = session.exec(select(Council).where(Council.name == name)).one()
            given = MeetingInput.model_construct(
                kind=MeetingKind.ORDINARY, place="Sala", day=date(2026, 12, 20), hour=time(10)
            )
            meeting = create_meeting(session, actor_at(desk, "upe-boss"), found.id, given)
            of_it = col(AgendaItem.meeting_id) == meeting.id
            assert len(session.exec(select(AgendaItem).where(of_it)).all()) == is_told, name


def test_silence_leads_from_a_reminder_to_the_council(app: Flask, desk: House) -> None:
    council(desk, "REN")
    url = send(desk, "REN", due_on="2026-11-20")
    line = desk.at("upe-boss").get(url).text
    assert "aún no se abre" in line
    assert "mié 11/11/2026" in line
    with clock.at(at(2)):
        assert look(desk) == 0
    for day, step in ((3, "reminded"), (8, "coordinator"), (12, "head"), (22, "council")):
        with clock.at(at(day)):
            assert look(desk) == 1, step
            assert look(desk) == 0, step
            assert stands(desk, url).silence == step
            assert "después del" in desk.at("upe-boss").get(url).text or step == "council"
    assert told(desk, "ren-boss").count("%(code)s: a referral still waits for your word") == 1
    assert "%(code)s: your institution owes an answer to a referral" in told(desk, "ren-boss")
    assert "%(code)s: a referral has no answer; the letter to the head is ready" in told(
        desk, "upe-boss"
    )
    with clock.at(at(22)):
        boss = desk.at("upe-boss")
        assert "RENIEC Lamas no responde" in boss.get("/").text
        assert "próxima agenda" in boss.get(url).text
        session_url = prepare(desk)
        agenda = desk.at("upe-boss").get(session_url).text
        assert "RENIEC Lamas" in agenda
        assert desk.code not in agenda
        assert CHILD["given_names"] not in agenda
        assert "sesión 1" in boss.get(url).text
        # A second session of the same council does not bring it again.
        assert "RENIEC Lamas" not in desk.at("upe-boss").get(prepare(desk, 14)).text
    with desk.db.read() as session:
        titles = list(session.exec(select(Entry.title)))
        assert sum("council's agenda" in each for each in titles) == 1


def test_the_letter_to_the_head_names_who_leads_it_and_no_child(app: Flask, desk: House) -> None:
    with desk.db.write() as session:
        boss = actor_at(desk, "ren-boss")
        given = AddSigner(
            name="Delia Estoraque",
            post="Jefa",
            standing=SignerStanding.TITULAR,
            act=SignerAct.ANY,
            resolution="RJ 1-2026",
            resolved_on=date(2026, 1, 2),
            since=date(2026, 1, 3),
        )
        add_signer(session, boss, given)
    url = send(desk, "REN")
    for day in (3, 8, 12):
        with clock.at(at(day)):
            look(desk)
    with app.test_request_context(), desk.db.read() as session:
        referral = session.get_one(Referral, stands(desk, url).id)
        found = letters.list_letters(session, referral)
        assert [each.kind for each in found] == [LetterKind.REFERRAL, LetterKind.HEAD]
        texts = letters.content(session, actor_at(desk, "upe-boss"), referral, found[1], {})
    assert "Delia Estoraque · Jefa" in texts["to"]
    assert CHILD["given_names"] not in str(texts)
    assert "000001-2026-UPE-SM" in str(texts["facts"])
    pdf = desk.at("upe-boss").get(f"{url}/letter.pdf?to=head")
    assert pdf.data.startswith(b"%PDF-")
    assert "000002" in pdf.headers["Content-Disposition"]


@ON_BOTH
def test_a_word_ends_the_silence_and_takes_it_off_the_agenda(desk: House) -> None:
    council(desk, "REN")
    url = send(desk, "REN")
    for day in (3, 8, 12, 22):
        with clock.at(at(day)):
            look(desk)
    with clock.at(at(23)):
        prepare(desk)
        assert desk.at("ren-boss").fill(url, to=f"{url}/accept").status_code == 303
        desk.work()
    with desk.db.read() as session:
        item = session.exec(
            select(AgendaItem).where(col(AgendaItem.referral_id).is_not(None))
        ).one()
        assert (item.kind, item.status) == (ItemKind.UNANSWERED, ItemStatus.WITHDRAWN)
    row = stands(desk, url)
    assert (row.silence, row.silence_at) == (Silence.NONE, None)
    # Accepted late: the answer, due long ago, is waited for anew.
    assert row.patient_until == date(2026, 12, 4)


def test_an_accepted_one_is_silent_once_its_answer_is_due(desk: House) -> None:
    url = send(desk, "REN", due_on="2026-11-18")
    assert desk.at("ren-boss").fill(url, to=f"{url}/accept").status_code == 303
    with clock.at(at(11)):
        assert look(desk) == 0
    with clock.at(at(12)):
        assert look(desk) == 1
    with clock.at(at(14)):
        part = {"answer": "Falta el acta", "is_partial": "1"}
        assert desk.at("ren-boss").fill(f"{url}/answer", part).status_code == 303
        assert stands(desk, url).silence is Silence.NONE
        last = {"answer": "DNI emitido"}
        assert desk.at("ren-boss").fill(f"{url}/answer", last).status_code == 303
    assert stands(desk, url).patient_until is None
    with clock.at(at(60)):
        assert look(desk) == 0


def test_one_without_users_is_waited_for_until_due_and_then_its_head_is_written_to(
    desk: House,
) -> None:
    url = send(desk, "JUZ", due_on="2026-11-13")
    assert "por oficio" in desk.at("upe-boss").get(url).text
    with clock.at(at(7)):
        assert look(desk) == 0
    with clock.at(at(9)):
        assert look(desk) == 1
    assert "%(code)s: a referral still waits for your word" in told(desk, "upe-boss")
    with clock.at(at(15)):
        assert look(desk) == 1
    assert stands(desk, url).silence is Silence.HEAD


@ON_BOTH
def test_the_coordination_of_a_units_institution_is_told_without_the_referral(desk: House) -> None:
    url = send(desk, "CEN", right="growth")
    for day in (3, 8):
        with clock.at(at(day)):
            assert look(desk) == 1
    texts = told(desk, "red-boss")
    assert texts == ["%(name)s, a unit of yours, owes an answer to a referral: ask it"]
    assert desk.at("red-boss").get(url).status_code == 404
    with clock.at(at(12)):
        look(desk)
    with desk.db.read() as session:
        head = session.exec(select(Letter).where(Letter.kind == LetterKind.HEAD)).one()
        assert head.to_agency_id == desk.agencies["RED"].id


def test_a_day_off_entered_meanwhile_is_counted_first(desk: House) -> None:
    url = send(desk, "REN")
    with desk.db.write() as session:
        keeper = Actor(
            user_id=desk.users["upe-boss"].id,
            agency_id=None,
            agency_kind=None,
            roles=frozenset({Role.PLATFORM_ADMIN}),
        )
        given = AddDays(
            first=date(2026, 11, 11),
            last=date(2026, 11, 11),
            scope=Scope.NATIONAL,
            kind=DayKind.NON_WORKING,
            title="Día no laborable",
            norm="DS de prueba",
        )
        add_days(session, keeper, given)
    with clock.at(at(3)):
        assert look(desk) == 0
        assert stands(desk, url).patient_until == date(2026, 11, 12)
    with clock.at(at(4)):
        assert look(desk) == 1


def test_an_agenda_that_members_were_called_with_stays_as_it_is(desk: House) -> None:
    council(desk, "REN")
    url = send(desk, "REN")
    for day in (3, 8, 12):
        with clock.at(at(day)):
            look(desk)
    with clock.at(at(20)):
        called = prepare(desk, 10)
        boss = desk.at("upe-boss")
        assert boss.fill(called, to=f"{called}/convene").status_code == 303
    with clock.at(at(22)):
        look(desk)
        assert "RENIEC Lamas" not in desk.at("upe-boss").get(called).text
        assert "próxima agenda" in desk.at("upe-boss").get(url).text
        later = prepare(desk, 20)
        assert "RENIEC Lamas" in desk.at("upe-boss").get(later).text


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([("Provincial", "2205", ("REN",)), ("Regional", "22", ("REN",))], "Provincial"),
        ([("Provincial", "2205", ()), ("Regional", "22", ("REN",))], "Regional"),
        ([], ""),
    ],
)
def test_it_goes_before_the_nearest_council_at_which_both_sit(
    desk: House, others: list[tuple[str, str, tuple[str, ...]]], expected: str
) -> None:
    for name, territory, members in others:
        council(desk, *members, territory=territory, name=name)
    url = send(desk, "REN")
    with desk.db.read() as session:
        found = council_for(session, session.get_one(Referral, stands(desk, url).id))
        assert (found.name if found else "") == expected
