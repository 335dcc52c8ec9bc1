"""Sealed cells open where they were sealed and nowhere else; keys rotate while others write."""

import json
import multiprocessing
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from portal.db import Database, new_id
from portal.db import keys as life
from portal.db.models import ScopeKey
from portal.db.sealing import (
    NONCE,
    VERSION,
    Keyring,
    destroy,
    load_key_file,
    make_key_file,
    opened,
    seal,
    unseal,
)
from portal.errors import NotFound, OperatorError, Unavailable
from tests.postgresql import ON_BOTH

pytestmark = ON_BOTH

SECRET = "Jr. Escondido 123, segundo piso"
CELL = ("portal_alert", "where_sealed")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a key file of the test's own."""
    made = tmp_path / "keys" / "sealing.key"
    make_key_file(made)
    return made


@pytest.fixture
def own(db: Database, path: Path) -> Iterator[Database]:
    """Return the test's database under the test's own key file."""
    made = Database(address_of(db), load_key_file(path))
    yield made
    made.dispose()


def address_of(db: Database) -> str:
    """Return the address of a database, with its password."""
    return db.url.render_as_string(hide_password=False)


def test_a_cell_opens_only_where_it_was_sealed(db: Database) -> None:
    scope, other, row = new_id(), new_id(), new_id()
    with db.write() as session:
        cell = seal(session, scope, *CELL, row, SECRET)
        seal(session, other, *CELL, row, "x")
        assert unseal(session, scope, *CELL, row, cell) == SECRET
        for place in (
            (scope, *CELL, new_id()),
            (scope, CELL[0], "reason_sealed", row),
            (scope, "portal_case", CELL[1], row),
            (other, *CELL, row),
            (new_id(), *CELL, row),
        ):
            with pytest.raises(NotFound):
                unseal(session, *place, cell)


def test_no_bit_of_a_cell_can_be_flipped(db: Database) -> None:
    scope, row = new_id(), new_id()
    with db.write() as session:
        cell = seal(session, scope, *CELL, row, SECRET)
        for spot in range(len(cell)):
            for bit in (1, 128):
                bent = bytearray(cell)
                bent[spot] ^= bit
                with pytest.raises(NotFound):
                    unseal(session, scope, *CELL, row, bytes(bent))
        for cut in (b"", cell[:5], cell[:-1], cell + b"\0"):
            with pytest.raises(NotFound):
                unseal(session, scope, *CELL, row, cut)


def test_a_scopes_key_that_was_bent_or_moved_opens_nothing(own: Database) -> None:
    scope, row = new_id(), new_id()
    with own.write() as session:
        cell = seal(session, scope, *CELL, row, SECRET)
        seal(session, new_id(), *CELL, row, SECRET)
        found = session.scalars(sa.select(ScopeKey)).all()
        found[0].wrapped, found[1].wrapped = found[1].wrapped, found[0].wrapped
    with own.read() as session, pytest.raises(NotFound):
        unseal(session, scope, *CELL, row, cell)


def test_once_its_key_is_destroyed_nothing_opens_a_cell(db: Database) -> None:
    scope, row = new_id(), new_id()
    with db.write() as session:
        cell = seal(session, scope, *CELL, row, SECRET)
        assert destroy(session, [scope]) == 1
        with pytest.raises(NotFound):
            unseal(session, scope, *CELL, row, cell)
        assert SECRET not in opened(session, scope, *CELL, row, cell)
        seal(session, scope, *CELL, row, "another")
        with pytest.raises(NotFound):
            unseal(session, scope, *CELL, row, cell)


@pytest.mark.slow
def test_no_nonce_comes_twice(db: Database) -> None:
    scope, row = new_id(), new_id()
    with db.write() as session:
        nonces = {
            seal(session, scope, *CELL, row, "x")[len(VERSION) : len(VERSION) + NONCE]
            for _each in range(2_000)
        }
    assert len(nonces) == 2_000


def fill(db: Database, count: int) -> dict[Any, bytes]:
    """Seal one cell in each of some scopes; return the cells by scope."""
    with db.write() as session:
        scopes = [new_id() for _each in range(count)]
        return {scope: seal(session, scope, *CELL, scope, SECRET) for scope in scopes}


def check(db: Database, cells: dict[Any, bytes]) -> None:
    """Hold that each cell opens."""
    with db.read() as session:
        for scope, cell in cells.items():
            assert unseal(session, scope, *CELL, scope, cell) == SECRET


def check_anew(db: Database, path: Path, cells: dict[Any, bytes]) -> None:
    """Hold that each cell opens for a process that starts now."""
    fresh = Database(address_of(db), load_key_file(path))
    check(fresh, cells)
    fresh.dispose()


def test_a_rotation_wraps_every_key_and_removes_the_old_one(own: Database, path: Path) -> None:
    cells = fill(own, 25)
    (old,) = load_key_file(path).keys
    idle = Database(address_of(own), load_key_file(path))
    done = life.rotate(own, path, batch=10)
    assert (done.removed, done.wrapped) == ((old,), 25)
    assert list(load_key_file(path).keys) == [done.current]
    assert path.stat().st_mode & 0o077 == 0
    # The process that ran all the while, and one that starts now.
    check(own, cells)
    check_anew(own, path, cells)
    with own.read() as session:
        assert set(session.scalars(sa.select(col(ScopeKey.master_id)))) == {done.current}
    # One that was idle wraps what is new under the new key at once.
    fresh = fill(idle, 1)
    idle.dispose()
    check_anew(own, path, fresh)
    again = life.rotate(own, path)
    assert again.current != done.current


def test_a_rotation_that_was_stopped_is_finished_and_not_begun_anew(
    own: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = fill(own, 25)

    def stop(*_given: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(life, "_wrap_all", stop)
        with pytest.raises(KeyboardInterrupt):
            life.rotate(own, path)
    both = load_key_file(path)
    assert len(both.keys) == 2
    check(own, cells)
    fresh = fill(own, 2)
    done = life.rotate(own, path, batch=7)
    assert (done.current, done.wrapped) == (both.current, 25)
    check(own, {**cells, **fresh})


def write_on(address: str, path: Path, begun: Any, stop: Any, told: Any) -> None:
    """Seal cells in new scopes until told to stop, as another process that serves does."""
    db = Database(address, load_key_file(path))
    cells: dict[str, str] = {}
    while not stop.is_set():
        for scope, cell in fill(db, 1).items():
            cells[str(scope)] = cell.hex()
        begun.release()
        time.sleep(0.005)
    db.dispose()
    told.put(json.dumps(cells))


@pytest.mark.slow
def test_it_is_rotated_while_other_processes_write(own: Database, path: Path) -> None:
    cells = fill(own, 60)
    address = address_of(own)
    context = multiprocessing.get_context("spawn")
    stop, told = context.Event(), context.Queue()
    begun = [context.Semaphore(0) for _each in range(2)]
    writers = [
        context.Process(target=write_on, args=(address, path, one, stop, told)) for one in begun
    ]
    for writer in writers:
        writer.start()
    for one in begun * 5:
        assert one.acquire(timeout=60)
    try:
        rotations = [life.rotate(own, path, batch=20) for _each in range(3)]
    finally:
        stop.set()
    written = [json.loads(told.get(timeout=60)) for _each in writers]
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert all(written), "nobody wrote meanwhile"
    for each in written:
        cells.update({UUID(scope): bytes.fromhex(cell) for scope, cell in each.items()})
    assert len({done.current for done in rotations}) == 3
    assert list(load_key_file(path).keys) == [rotations[-1].current]
    check_anew(own, path, cells)


def test_two_rotations_do_not_run_at_once(
    own: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(own, 1)
    begun, go_on = threading.Event(), threading.Event()
    finish = life._finish

    def wait(db: Database, ring: Keyring, where: Path) -> bool:
        begun.set()
        go_on.wait(10)
        return finish(db, ring, where)

    monkeypatch.setattr(life, "_finish", wait)
    first = threading.Thread(target=life.rotate, args=(own, path))
    first.start()
    assert begun.wait(10)
    with pytest.raises(OperatorError, match="Another rotation"):
        life.rotate(own, path)
    go_on.set()
    first.join()


def test_a_key_that_is_missing_stops_a_rotation_and_loses_nothing(
    own: Database, path: Path
) -> None:
    cells = fill(own, 3)
    kept = path.read_text()
    path.unlink()
    make_key_file(path)
    other = Database(address_of(own), load_key_file(path))
    with pytest.raises(Unavailable):
        life.rotate(other, path)
    other.dispose()
    path.write_text(kept)
    check_anew(own, path, cells)
