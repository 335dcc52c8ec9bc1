"""Who may read a piece, changed after it was written; what is sealed opens to those named."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from portal import clock
from portal.audit.models import AuditEntry
from portal.cases.models import Circle, Entry, EntryMove, Level
from portal.cases.rules import Access, circles_to
from tests.sharing.conftest import House
from tests.webclient import Browser

TEXT = "El niño contó quién lo golpea"


@pytest.fixture
def team(house: House) -> House:
    """Return the house with the health centre intervening and the DEMUNA collaborating."""
    house.put_on_case("SAL", Level.TEAM)
    house.put_on_case("DEM", Level.INFORMED)
    return house


def write(house: House, browser: Browser, circle: Circle, *readers: str) -> UUID:
    """Write an entry; returns its identifier."""
    given = {
        "text": TEXT,
        "circle": circle.value,
        "readers": [str(house.users[name].id) for name in readers],
    }
    assert browser.fill(f"/cases/{house.code}/entries/new", given).status_code == 303
    with house.db.read() as session:
        return session.exec(
            select(Entry.id).where(col(Entry.author_id).is_not(None)).order_by(col(Entry.id).desc())
        ).first() or UUID(int=0)


def move(house: House, browser: Browser, entry_id: UUID, **given: object) -> int:
    """Move an entry; returns the status."""
    url = f"/cases/{house.code}/entries/{entry_id}/circle"
    marks = browser.marks(url)
    if "_key" not in marks:
        return browser.get(url).status_code
    return browser.post(url, {**marks, **given}).status_code


def entry(session: Session, entry_id: UUID) -> Entry:
    """Return an entry's row."""
    return session.get_one(Entry, entry_id)


def test_an_author_narrows_freely_and_widens_with_a_reason_up_to_the_team(team: House) -> None:
    boss, dem = team.at("sal-boss"), team.at("dem-boss")
    note = write(team, boss, Circle.TEAM)
    assert TEXT in team.at("upe-boss").get(f"/cases/{team.code}").text
    assert move(team, boss, note, circle="agency") == 303
    assert TEXT not in team.at("upe-boss").get(f"/cases/{team.code}").text
    assert move(team, boss, note, circle="team") == 422
    assert move(team, boss, note, circle="team", reason="Lo necesita la UPE") == 303
    assert move(team, boss, note, circle="parties", reason="Para todos") == 422
    assert TEXT not in dem.get(f"/cases/{team.code}").text
    page = boss.get(f"/cases/{team.code}/entries/{note}/circle").text
    assert "Lo necesita la UPE" in page
    with team.db.read() as session:
        moves = session.exec(select(EntryMove)).all()
    assert [(each.old, each.new) for each in moves] == [
        (Circle.TEAM, Circle.AGENCY),
        (Circle.AGENCY, Circle.TEAM),
    ]
    assert all(b"UPE" not in (each.reason_sealed or b"") for each in moves)


def test_wider_than_the_team_is_the_leads_with_a_reason(team: House) -> None:
    note = write(team, team.at("sal-boss"), Circle.TEAM)
    lead = team.at("upe-boss")
    assert move(team, lead, note, circle="agency") == 422
    assert move(team, lead, note, circle="parties") == 422
    assert move(team, lead, note, circle="parties", reason="Lo necesita la DEMUNA") == 303
    assert TEXT in team.at("dem-boss").get(f"/cases/{team.code}").text
    assert move(team, lead, note, circle="team") == 303
    assert TEXT not in team.at("dem-boss").get(f"/cases/{team.code}").text
    assert move(team, team.at("dem-boss"), note, circle="team") == 404


def test_sealing_encrypts_the_text_and_opens_to_those_named(team: House) -> None:
    team.at("upe-boss").fill(
        f"/cases/{team.code}/assign", {"user_ids": [str(team.users["upe-worker"].id)]}
    )
    worker = team.at("upe-worker")
    note = write(team, worker, Circle.TEAM)
    named = str(team.users["upe-boss"].id)
    assert move(team, worker, note, circle="sealed", readers=[named]) == 303
    with team.db.read() as session:
        row = entry(session, note)
        assert row.text == ""
        assert TEXT.encode() not in (row.text_sealed or b"")
    assert TEXT not in team.at("sal-boss").get(f"/cases/{team.code}").text
    url = f"/cases/{team.code}/entries/{note}"
    assert team.at("sal-boss").get(url).status_code == 403
    with clock.at(clock.now() + timedelta(minutes=12)):
        assert TEXT in team.at("upe-boss").get(url).text
    with team.db.read() as session:
        opened = session.exec(
            select(AuditEntry).where(AuditEntry.action == "cases.entry.unseal")
        ).all()
    assert [look.subject_id for look in opened] == [note]
    assert move(team, worker, note, circle="team") == 422
    assert move(team, worker, note, circle="team", reason="Ya se dijo en audiencia") == 303
    assert TEXT in team.at("sal-boss").get(f"/cases/{team.code}").text


def test_whoever_is_named_later_proves_again_who_it_is(team: House) -> None:
    boss = team.at("upe-boss")
    note = write(team, boss, Circle.SEALED)
    team.at("sal-boss").fill(
        f"/cases/{team.code}/assign", {"user_ids": [str(team.users["sal-worker"].id)]}
    )
    url = f"/cases/{team.code}/entries/{note}/readers"
    name = team.users["sal-worker"].username
    assert boss.fill(url, {"username": name, "reason": ""}).status_code == 422
    stranger = {"username": team.users["dem-worker"].username, "reason": "Atiende"}
    assert boss.fill(url, stranger).status_code == 422
    assert boss.fill(url, {"reason": "Atiende"}).status_code == 422
    assert boss.fill(url, {"username": name, "reason": "Atiende al niño"}).status_code == 303
    assert team.at("sal-boss").get(url).status_code == 404
    reader = team.at("sal-worker")
    opened = f"/cases/{team.code}/entries/{note}"
    assert TEXT in reader.get(opened).text
    with clock.at(clock.now() + timedelta(minutes=12)):
        late = reader.get(opened)
    assert late.status_code in (302, 303)
    assert "/login/proof" in late.location


def test_why_a_sealed_piece_was_struck_is_not_told_to_the_team(team: House) -> None:
    boss = team.at("upe-boss")
    note = write(team, boss, Circle.SEALED)
    reason = {"reason": "Era sobre el padrastro"}
    assert boss.fill(f"/cases/{team.code}/entries/{note}/strike", reason).status_code == 303
    page = team.at("sal-boss").get(f"/cases/{team.code}").text
    assert "tachada" in page
    assert "padrastro" not in page


def test_while_writing_each_circle_says_who_reads_it(team: House) -> None:
    page = team.at("upe-boss").get(f"/cases/{team.code}/entries/new").text
    assert "usted y las personas que nombre abajo" in page
    assert "Centro de Salud" in page
    assert "DEMUNA Lamas" in page
    informed = team.at("dem-boss").get(f"/cases/{team.code}/entries/new").text
    assert "las demás instituciones del caso" in informed
    assert "Centro de Salud" not in informed


@pytest.mark.parametrize(
    ("level", "is_author", "old", "expected"),
    [
        (Level.TEAM, True, Circle.TEAM, {Circle.SEALED, Circle.AGENCY}),
        (Level.TEAM, True, Circle.PARTIES, {Circle.SEALED, Circle.AGENCY, Circle.TEAM}),
        (Level.TEAM, True, Circle.SEALED, {Circle.AGENCY, Circle.TEAM}),
        (Level.TEAM, False, Circle.TEAM, set()),
        (Level.INFORMED, True, Circle.PARTIES, {Circle.AGENCY}),
        (Level.INFORMED, True, Circle.AGENCY, set()),
        (Level.LEAD, False, Circle.TEAM, {Circle.PARTIES}),
        (Level.LEAD, False, Circle.PARTIES, {Circle.TEAM}),
        (Level.LEAD, False, Circle.SEALED, set()),
        (Level.LEAD, True, Circle.AGENCY, {Circle.SEALED, Circle.TEAM, Circle.PARTIES}),
    ],
)
def test_where_a_piece_may_be_moved(
    level: Level, is_author: bool, old: Circle, expected: set[Circle]
) -> None:
    access = Access(level, is_open=True, kind=None)
    assert set(circles_to(old, access, is_author=is_author)) == expected
