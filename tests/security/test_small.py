"""The measured goals without timings, at a size that every run of the tests can bear."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from portal import host
from portal.db import Database, new_id
from portal.db.sealing import Keyring, load_key_file
from tests.security.__main__ import ROWS
from tests.security.ground import Ground, copy_of, prepare

pytestmark = pytest.mark.slow
# Timings, and what tests/visibility tries by itself.
ELSEWHERE = {"3 time", "18 time", "4 matrix", "4 graphs", "22 incident"}


@pytest.fixture(scope="module")
def demonstration(
    prepared: Path, template: Path, keys: Keyring, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """Return a copy of the demonstration with strangers in it, for this file."""
    folder = tmp_path_factory.mktemp("security") / "data"
    shutil.copytree(prepared, folder)
    before = host.current()
    own = load_key_file(folder / "keys" / "sealing.key")
    db = Database(f"sqlite:///{folder / 'portal.db'}", own)
    made = prepare(db, own, folder, is_built=True)
    made.another, made.is_small = partial(fresh, template, keys, folder), True
    yield made
    host.install(before)
    db.dispose()


@contextmanager
def fresh(template: Path, keys: Keyring, folder: Path) -> Iterator[Database]:
    """Give a copy of the migrated file for a block."""
    migrated = Database(f"sqlite:///{template}", keys)
    db = copy_of(migrated, keys, folder / f"{new_id()}.db")
    migrated.dispose()
    yield db
    db.dispose()


@pytest.mark.parametrize("goal", [name for name in ROWS if name not in ELSEWHERE])
def test_a_goal_holds(demonstration: Ground, goal: str) -> None:
    row = ROWS[goal]
    found = row.check(demonstration, size=row.small)
    assert found.holds, f"{found.found}: {found.faults}"
