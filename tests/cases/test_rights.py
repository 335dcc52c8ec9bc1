"""Rights of children: set, kept as they stood, seen when they fall back, read by who may."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlmodel import Session

from portal import clock
from portal.actor import Actor, Role
from portal.cases import queries, services
from portal.cases.inputs import AskEntries, SetRight
from portal.cases.models import Case, CaseRight, EntryKind, Level, Right, RightState
from portal.cases.strips import RightRow, by_right, tally
from portal.family.inputs import RegisterFamily
from portal.family.services import register_family
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House


def actor_at(house: House, name: str) -> Actor:
    agency = house.agencies[house.homes[name]]
    return Actor(house.users[name].id, agency.id, agency.kind, frozenset({Role.COORDINATOR}))


def siblings(house: House, session: Session, count: int) -> list[UUID]:
    """Register siblings; return all the children of the case, the first one first."""
    rows = [{"given_names": f"Tangara {number}"} for number in range(count)]
    boss = actor_at(house, "upe-boss")
    register_family(session, boss, house.case_id, RegisterFamily.model_validate({"children": rows}))
    case = house.case(session)
    return [child.person_id for child in queries.list_children(session, boss, case)]


def rights_of(session: Session, actor: Actor, case: Case) -> dict[UUID, list[RightRow]]:
    return queries.list_rights(session, actor, case, queries.access_to(session, actor, case))


def turn(
    house: House, session: Session, people: Sequence[UUID], right: Right, state: str, **more: object
) -> list[CaseRight]:
    return services.set_rights(
        session,
        actor_at(house, "upe-boss"),
        house.case_id,
        person_ids=people,
        right=right,
        given=SetRight.model_validate({"state": state, **more}),
    )


def test_one_answer_holds_for_several_siblings(house: House) -> None:
    with house.db.write() as session:
        people = siblings(house, session, 3)
        health = house.agencies["SAL"].id
        turn(house, session, people, Right.GROWTH, "in_process", agency_id=health)
        strips = rights_of(session, actor_at(house, "upe-boss"), house.case(session))
        entries = queries.list_entries(
            session,
            actor_at(house, "upe-boss"),
            house.case(session),
            wanted=AskEntries(kind=EntryKind.RIGHT),
        )
        assert [entry.facts["count"] for entry in entries] == ["4"]
        cells = by_right(strips)[Right.GROWTH]
        assert {cells[person].state for person in people} == {RightState.IN_PROCESS}
        assert set(by_right(strips, health)) == {Right.GROWTH}


@ON_BOTH
def test_what_was_restored_and_is_not_is_marked_until_it_is_again(house: House) -> None:
    with house.db.write() as session:
        child = siblings(house, session, 1)[0]
        for state, marked in (
            ("not_guaranteed", False),
            ("restored", False),
            ("not_guaranteed", True),
            ("in_process", True),
            ("restored", False),
        ):
            [row] = turn(house, session, [child], Right.SCHOOL, state)
            assert (row.fell_back_on is not None) is marked, state


def test_how_a_right_stood_is_kept_with_all_that_was_said(house: House) -> None:
    boss = actor_at(house, "upe-boss")
    with house.db.write() as session:
        child = siblings(house, session, 1)[0]
        turn(house, session, [child], Right.SCHOOL, "in_process", next_step="Pedir vacante")
        turn(house, session, [child], Right.SCHOOL, "in_process", next_step="Pedir vacante")
        turn(house, session, [child], Right.SCHOOL, "restored", evidence="Ficha de matrícula")
        steps = queries.list_right_steps(
            session, boss, house.case(session), person_id=child, right=Right.SCHOOL
        )
        assert [(step.state.value, step.next_step, step.evidence) for step in steps] == [
            ("restored", "", "Ficha de matrícula"),
            ("in_process", "Pedir vacante", ""),
        ]


def test_what_does_not_apply_is_not_counted(house: House) -> None:
    with house.db.write() as session:
        child = siblings(house, session, 1)[0]
        turn(house, session, [child], Right.DISABILITY, "not_applicable")
        turn(house, session, [child], Right.IDENTITY, "restored")
        turn(house, session, [child], Right.SCHOOL, "not_guaranteed")
        strips = rights_of(session, actor_at(house, "upe-boss"), house.case(session))
        counted = tally(strips[child])
        assert (counted.restored, counted.denied, counted.all) == (1, 1, len(Right) - 1)


@ON_BOTH
def test_a_right_does_not_stand_since_tomorrow(house: House) -> None:
    with house.db.write() as session:
        child = siblings(house, session, 1)[0]
        with pytest.raises(ValidationError):
            turn(
                house,
                session,
                [child],
                Right.SCHOOL,
                "restored",
                since=clock.today() + timedelta(days=1),
            )
        [row] = turn(house, session, [child], Right.SCHOOL, "restored", since="2026-01-05")
        assert row.since.isoformat() == "2026-01-05"


def test_nobody_may_answer_again(house: House) -> None:
    with house.db.write() as session:
        child = siblings(house, session, 1)[0]
        turn(
            house, session, [child], Right.SCHOOL, "in_process", agency_id=house.agencies["SAL"].id
        )
        [row] = turn(house, session, [child], Right.SCHOOL, "in_process")
        assert row.agency_id is None


def test_who_collaborates_sees_its_own_column_and_no_history(house: House) -> None:
    house.put_on_case("SAL", Level.INFORMED)
    with house.db.write() as session:
        people = siblings(house, session, 2)
        turn(house, session, people, Right.GROWTH, "in_process", agency_id=house.agencies["SAL"].id)
        turn(house, session, people, Right.IDENTITY, "restored", agency_id=house.agencies["DEM"].id)
    health = actor_at(house, "sal-boss")
    with house.db.read() as session:
        case = house.case(session)
        strips = rights_of(session, health, case)
        assert set(by_right(strips)) == {Right.GROWTH}
        assert [
            queries.list_right_steps(session, health, case, person_id=people[0], right=right)
            for right in (Right.GROWTH, Right.IDENTITY)
        ] == [[], []]
    page = house.at("sal-boss").get(f"/cases/{house.code}/rights").text
    assert "Crecimiento y vacunas" in page
    assert "DEMUNA Lamas" not in page
    assert "Tangara" not in page


def test_the_matrix_and_the_form_of_one_cell(house: House) -> None:
    with house.db.write() as session:
        people = siblings(house, session, 3)
    browser = house.at("upe-boss")
    url = f"/cases/{house.code}/rights"
    cell = f"{url}/{people[0]}/school"
    done = browser.fill(cell, {"state": "restored", "also": [str(people[1])]})
    assert (done.status_code, done.location) == (303, url)
    shown = browser.get(url).text
    assert shown.count('<span class="tag kept">Restituido</span>') == 2
    stale = browser.marks(cell) | {"_version": "1", "state": "in_process"}
    assert browser.post(cell, stale).status_code == 409
    browser.fill(cell, {"state": "not_guaranteed"})
    assert "retrocedió" in browser.get(url).text
    assert "Cómo estuvo" in browser.get(cell).text
