"""What every test starts from: a database built by the migrations, keys, a clock, no network."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from portal.app import create_app
from portal.db import Database, WritingSession, migrations
from portal.db.sealing import Keyring, make_key_file
from portal.settings import Mode, Settings
from tests.webclient import Browser

os.environ.pop("PORTAL_CONFIG", None)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    """Return a master key made for this run."""
    return make_key_file(tmp_path_factory.mktemp("keys") / "sealing.key")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file that the migrations built; each test gets a copy."""
    path = tmp_path_factory.mktemp("template") / "portal.db"
    db = Database(f"sqlite:///{path}")
    migrations.upgrade(db)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.dispose()
    return path


@pytest.fixture
def db(template: Path, tmp_path: Path, keys: Keyring) -> Iterator[Database]:
    """Return a database of the test's own."""
    path = tmp_path / "portal.db"
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}", keys)
    yield database
    database.dispose()


@pytest.fixture
def session(db: Database) -> Iterator[WritingSession]:
    """Return a writing session, for tests of services; what it wrote goes with the test."""
    with db.writing_session() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that reaches beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "localhost", "::1"):
            pytest.fail(f"the test reached for {address[0]}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


class Statements:
    """The statements that reached the database while this was watched."""

    COUNTED = ("SELECT", "INSERT", "UPDATE", "DELETE")

    def __init__(self) -> None:
        self.seen: list[str] = []

    @property
    def count(self) -> int:
        """Return how many statements read or wrote rows."""
        return len(self.seen)

    def note(self, statement: str) -> None:
        """Keep a statement that reads or writes rows."""
        if statement.lstrip().upper().startswith(self.COUNTED):
            self.seen.append(statement)


@pytest.fixture
def statements(db: Database) -> Iterator[Statements]:
    """Watch the statements of a test's database; `statements.seen.clear()` starts anew."""
    watched = Statements()

    def before(_connection: sa.Connection, _cursor: object, statement: str, *_rest: object) -> None:
        watched.note(statement)

    event.listen(db.engine, "before_cursor_execute", before)
    yield watched
    event.remove(db.engine, "before_cursor_execute", before)


@pytest.fixture
def app(db: Database, keys: Keyring, tmp_path: Path) -> Flask:
    """Return the application on the test's database."""
    settings = Settings(
        mode=Mode.DEVELOPMENT,
        database_url=db.url.render_as_string(hide_password=False),
        data_dir=tmp_path,
        secret_key="s" * 40,
        weak_hash=True,
        https=False,
        strict_plugins=True,
    )
    made = create_app(settings, keys=keys)
    made.extensions["portal"].db = db
    made.testing = False
    return made


@pytest.fixture
def browser(app: Flask, db: Database) -> Callable[[], Browser]:
    """Return a maker of browsers: one for each person of a test."""
    return lambda: Browser(app, db)
