"""One generated world for all tests of a file: they only read it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.db import Database
from portal.db.sealing import Keyring
from tests.visibility.world import World, make_world

QUICK = 1297
SEEDS = [QUICK, pytest.param(26520, marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    """Return what a world is drawn from: a small one in the quick check, a larger one beside it."""
    return int(request.param)


@pytest.fixture(scope="module")
def db(
    seed: int, template: Path, tmp_path_factory: pytest.TempPathFactory, keys: Keyring
) -> Iterator[Database]:
    """Return the database of a file's world, one for each seed."""
    path = tmp_path_factory.mktemp(f"world{seed}") / "portal.db"
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}", keys)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def world(db: Database, seed: int) -> World:
    """Return the world that stands in the database."""
    with db.write() as session:
        made = make_world(session, seed, size=5 if seed == QUICK else 12)
        session.flush()
        session.expunge_all()
    made.is_thorough = seed != QUICK
    return made
