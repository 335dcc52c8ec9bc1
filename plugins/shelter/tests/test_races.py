"""Two admissions at the same moment for the last bed: one bed, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import UUID

import portal_shelter
import pytest
import sqlalchemy as sa
from flask import Flask
from portal_shelter import services as shelter
from portal_shelter.inputs import Admit, DecideOverCapacity
from portal_shelter.models import Bed, Stay
from sqlmodel import Session, col

from portal import clock
from portal.actor import system_actor
from portal.db import Database, migrations
from portal.errors import Conflict, Invalid
from portal.sdk import get_case_by_code
from tests.factories.care import House, new_case, open_house
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

pytestmark = ON_BOTH

ROUNDS = 5
MIGRATIONS = Path(portal_shelter.__file__).parent / "migrations"


@pytest.fixture
def house(app: Flask, db: Database, browser: Callable[[], Browser]) -> House:
    """Return a place with one bed: the last one."""
    with app.test_request_context():
        return open_house(db, browser, beds=1)


def at_once(house: House, *acts: Callable[[Session], object]) -> list[str]:
    """Run acts in threads that begin together; returns how each ended."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> str:
        barrier.wait()
        try:
            with house.db.write() as session:
                act(session)
        except Invalid as error:
            return f"told: {error.problems[0].field}"
        except Conflict:
            return "refused"
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def admission(house: House, code: str, child: UUID, bed: UUID) -> Callable[[Session], object]:
    """Return an admission of one child to a bed."""
    given = Admit.model_validate(
        {
            "beds": [{"person_id": child, "bed_id": bed}],
            "measure": "urgent",
            "legal_basis": "DL 1297 art. 45",
            "admitted_at": clock.now(),
        }
    )
    actor = system_actor(house.agency.id)

    def act(session: Session) -> object:
        case = get_case_by_code(session, actor, code)
        return shelter.admit(session, actor, case, given)

    return act


def free_the_bed(house: House) -> UUID:
    with house.db.write() as session:
        session.execute(sa.update(Stay).values(left_at=clock.now()))
        return session.scalars(sa.select(col(Bed.id))).one()


def test_the_last_bed_is_given_once(house: House) -> None:
    for _round in range(ROUNDS):
        bed = free_the_bed(house)
        (first, [one]), (second, [other]) = house.case(5), house.case(6)
        ended = at_once(
            house, admission(house, first, one, bed), admission(house, second, other, bed)
        )
        assert ended == ["done", "told: beds-0-bed_id"]
        with house.db.read() as session:
            held = session.scalars(sa.select(Stay).where(col(Stay.left_at).is_(None))).all()
        assert len(held) == 1


def test_the_database_itself_holds_one_child_to_a_bed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelter, "_check", lambda *given: None)
    bed = free_the_bed(house)
    (first, [one]), (second, [other]) = house.case(5), house.case(6)
    ended = at_once(house, admission(house, first, one, bed), admission(house, second, other, bed))
    assert ended == ["done", "told: beds-0-bed_id"]


def test_a_child_has_one_current_stay(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelter, "_check", lambda *given: None)
    bed = free_the_bed(house)
    with house.db.write() as session:
        place_id = session.scalars(sa.select(col(Bed.place_id))).one()
        second = Bed(place_id=place_id, room="A", label="2")
        session.add(second)
        session.flush()
        other = second.id
    code, [child] = house.case(5)
    ended = at_once(house, admission(house, code, child, bed), admission(house, code, child, other))
    assert ended == ["done", "told: beds-0-bed_id"]


def test_two_decisions_at_once_give_one_temporary_place(house: House) -> None:
    bed = free_the_bed(house)
    code, [child] = house.case(5)
    with house.db.write() as session:
        admission(house, code, child, bed)(session)
    with house.db.write() as session:
        waiting, _children = new_case(session, house.agency, 7)
    actor = system_actor(house.agency.id)

    def decide(session: Session) -> object:
        case = get_case_by_code(session, actor, waiting)
        given = DecideOverCapacity(reason="Nadie más recibe hoy", until=clock.today())
        return shelter.decide(session, actor, case, given)

    assert at_once(house, decide, decide) == ["done", "refused"]
    with house.db.read() as reading:
        assert len(reading.scalars(sa.select(Bed)).all()) == 2


def test_migrations_go_down_and_up_with_rows(house: House) -> None:
    bed = free_the_bed(house)
    code, [child] = house.case(5)
    with house.db.write() as session:
        admission(house, code, child, bed)(session)
    migrations.downgrade(house.db, "shelter", MIGRATIONS)
    migrations.upgrade(house.db, "shelter", MIGRATIONS)
    migrations.check(house.db, "shelter", MIGRATIONS)
