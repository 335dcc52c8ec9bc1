"""The timeline: mentions reach only who reads, corrections keep what stood, filters and pages."""

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import Role, system_actor
from portal.cases.assignments import bar_person
from portal.cases.models import CaseAssignment, Circle, Entry, EntryKind, Level
from portal.notifications.models import Notice
from tests.conftest import Statements
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House

pytestmark = ON_BOTH
REFUSED = "No leerán esta actuación"


def write(house: House, who: str, text: str, **more: Any) -> tuple[int, str]:
    """Write a note as a person; returns the answer's status and page."""
    given = {"kind": "note", "circle": "team", "text": text, **more}
    answer = house.at(who).fill(f"/cases/{house.code}/entries/new", given)
    return answer.status_code, answer.text


def at(house: House, name: str) -> str:
    """Return the mention of a person."""
    return f"@{house.users[name].username}"


def told(house: House) -> list[str]:
    """Return who was told of a mention, by name, in order."""
    names = {user.id: name for name, user in house.users.items()}
    with house.db.read() as session:
        found = session.scalars(
            sa.select(col(Notice.user_id)).where(col(Notice.origin).startswith("mention:"))
        )
        return sorted(names[user_id] for user_id in found)


def entries(session: Session, house: House) -> list[Entry]:
    """Return the notes of the case, the oldest first."""
    mine = sa.and_(col(Entry.case_id) == house.case_id, col(Entry.kind) == EntryKind.NOTE)
    return list(session.scalars(sa.select(Entry).where(mine).order_by(col(Entry.recorded_at))))


def test_a_mention_tells_who_may_read_that_entry_and_refuses_the_others_by_name(
    house: House,
) -> None:
    house.put_on_case("DEM", Level.TEAM)
    assert write(house, "upe-boss", f"Ver con {at(house, 'dem-boss')}, por favor.")[0] == 303
    assert told(house) == ["dem-boss"]
    # Not assigned, of an institution that is not on the case, without roles on cases, not there.
    for name in ("upe-worker", "sal-boss", "upe-admin", ""):
        typed = at(house, name) if name else "@nadie.asi"
        status, text = write(house, "upe-boss", f"Avisar a {typed} y {at(house, 'dem-boss')}")
        assert status == 422, name
        said = re.search(rf"{REFUSED}: ([^<]*)\. Quite", text)
        assert said, name
        assert said[1] == typed
        assert f"Avisar a {typed}" in text
    own = write(house, "upe-boss", f"Solo nuestro {at(house, 'dem-boss')}", circle="agency")
    assert (own[0], REFUSED in own[1]) == (422, True)
    assert write(house, "upe-boss", "Escribir a ana@ejemplo.pe y a mí mismo")[0] == 303
    with house.db.read() as session:
        assert len(entries(session, house)) == 2
    assert told(house) == ["dem-boss"]
    assert "Le mencionan" in house.at("dem-boss").get("/notices").text


def test_a_sealed_entry_tells_only_those_named_and_never_who_is_barred(house: House) -> None:
    house.put_on_case("DEM", Level.TEAM)
    with house.db.write() as session:
        house.add(session, "UPE", "upe-second", Role.COORDINATOR)
        house.add(session, "UPE", "upe-kin", Role.COORDINATOR)
        lead = system_actor(house.agencies["UPE"].id)
        kin = house.users["upe-kin"].id
        bar_person(session, lead, house.case_id, user_id=kin, reason="Pariente")
    second = at(house, "upe-second")
    refused = write(house, "upe-boss", f"Reservado {second}", circle="sealed")
    assert (refused[0], REFUSED in refused[1]) == (422, True)
    named = {"circle": "sealed", "readers": [str(house.users["upe-second"].id)]}
    assert write(house, "upe-boss", f"Reservado {second}", **named)[0] == 303
    assert told(house) == ["upe-second"]
    assert write(house, "upe-boss", f"Nota {at(house, 'upe-kin')}")[0] == 422


def test_who_collaborates_only_learns_of_nobody_elsewhere(house: House) -> None:
    house.put_on_case("DEM", Level.INFORMED)
    status, text = write(house, "dem-boss", f"Para {at(house, 'upe-boss')}", circle="parties")
    assert (status, REFUSED in text) == (422, True)
    assert told(house) == []


def test_a_correction_keeps_what_stood_before_and_tells_only_who_is_new(house: House) -> None:
    house.put_on_case("DEM", Level.TEAM)
    assert write(house, "upe-boss", f"El día 4 con {at(house, 'dem-boss')}")[0] == 303
    with house.db.read() as session:
        (old,) = entries(session, house)
    page = f"/cases/{house.code}/entries/{old.id}/correct"
    assert house.at("dem-boss").fill(page, {"text": "Otra cosa"}).status_code == 403
    same = house.at("upe-boss").fill(page, {"text": old.text})
    assert (same.status_code, "Todavía no ha cambiado nada" in same.text) == (422, True)
    with house.db.write() as session:
        session.add(
            CaseAssignment(
                case_id=house.case_id,
                agency_id=house.agencies["UPE"].id,
                user_id=house.users["upe-worker"].id,
                since=clock.now(),
            )
        )
    better = old.text.replace("día 4", "día 5") + " y " + at(house, "upe-worker")
    boss = house.at("upe-boss")
    assert page in boss.get(f"/cases/{house.code}").text
    assert boss.fill(page, {"text": better}).status_code == 303
    assert told(house) == ["dem-boss", "upe-worker"]
    text = house.at("dem-boss").get(f"/cases/{house.code}/entries").text
    assert "El día 4" in text
    assert "El día 5" in text
    assert "corrige lo anterior" in text
    assert f'id="e-{old.id}"' in text
    assert boss.fill(page, {"text": "Una tercera versión"}).status_code == 409


def test_the_timeline_is_asked_by_type_institution_person_and_days(
    house: House, statements: Statements
) -> None:
    house.put_on_case("DEM", Level.TEAM)
    now, counts = clock.now(), []
    boss, url = house.at("upe-boss"), f"/cases/{house.code}/entries"
    boss.get(url)
    for many in (2, 60):
        with house.db.write() as session:
            for number in range(many):
                who = "upe-boss" if number % 2 else "dem-boss"
                session.add(
                    Entry(
                        case_id=house.case_id,
                        kind=EntryKind.VISIT if number % 2 else EntryKind.NOTE,
                        circle=Circle.TEAM,
                        author_id=house.users[who].id,
                        agency_id=house.agencies[house.homes[who]].id,
                        happened_at=now - timedelta(days=number, minutes=many),
                        recorded_at=now,
                        text=f"Texto {many}-{number}.",
                    )
                )
        house.at("dem-boss")
        statements.seen.clear()
        text = boss.get(url).text
        counts.append(statements.count)
    assert counts[0] == counts[1]
    assert text.count('class="meta"') == 30
    assert "registrada el" in text
    following = text.split('class="pager"><a href="')[1].split('"')[0].replace("&amp;", "&")
    older = boss.get(following).text
    assert older.count('class="meta"') == 30
    assert not set(re.findall(r"Texto [\d-]+", text)) & set(re.findall(r"Texto [\d-]+", older))

    def asked(query: str) -> set[str]:
        return set(re.findall(r"Texto 60-(\d+)\.", boss.get(f"{url}?{query}").text))

    assert {int(each) % 2 for each in asked("kind=visit")} == {1}
    dem = house.agencies["DEM"].id
    assert {int(each) % 2 for each in asked(f"agency={dem}")} == {0}
    assert {int(each) % 2 for each in asked(f"author={house.users['upe-boss'].id}")} == {1}
    days = sorted(clock.local(now - timedelta(days=n, minutes=60)).date() for n in (9, 11))
    assert asked(f"since={days[0]}&until={days[1]}") == {"9", "10", "11"}
    page = boss.get(f"{url}?kind=note&since=ayer")
    assert page.status_code == 422
    assert 'value="ayer"' in page.text
    assert "Escriba la fecha" in page.text
    assert boss.get(f"{url}?since={days[1]}&until={days[0]}").status_code == 422
    assert house.at("sal-boss").get(url).status_code == 404
