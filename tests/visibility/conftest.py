"""Generated worlds for all tests of a file: they only read them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from portal.db import Database
from portal.db.sealing import Keyring
from tests.postgresql import Server
from tests.visibility.rules import World
from tests.visibility.world import make_world


@dataclass(frozen=True)
class Draw:
    """What a world is drawn from: its database, the dice, how many files, every address or some."""

    engine: str
    seed: int
    size: int
    is_thorough: bool


DRAWS = [
    pytest.param(Draw("sqlite", 26520, 6, is_thorough=True), id="sqlite"),
    pytest.param(
        Draw("postgresql", 1297, 4, is_thorough=False), id="postgresql", marks=pytest.mark.postgres
    ),
]


@pytest.fixture(scope="module", params=DRAWS)
def draw(request: pytest.FixtureRequest) -> Draw:
    """Return what the world of a file is drawn from."""
    drawn: Draw = request.param
    return drawn


@pytest.fixture(scope="module")
def db(
    draw: Draw,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    keys: Keyring,
) -> Iterator[Database]:
    """Return the database of a file's world, one for each draw."""
    if draw.engine == "postgresql":
        server: Server = request.getfixturevalue("server")
        with server.database(keys) as made:
            yield made
        return
    path = tmp_path_factory.mktemp(f"world{draw.seed}") / "portal.db"
    shutil.copy(request.getfixturevalue("template"), path)
    database = Database(f"sqlite:///{path}", keys)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def world(db: Database, draw: Draw) -> World:
    """Return the world that stands in the database."""
    with db.write() as session:
        made = make_world(session, draw.seed, size=draw.size)
        session.flush()
        session.expunge_all()
    made.is_thorough = draw.is_thorough
    return made
