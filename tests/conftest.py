"""What every test starts from: a database built by the migrations, keys, a clock, no network."""

import fcntl
import gc
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from portal import host
from portal.app import create_app
from portal.db import Database, WritingSession, migrations
from portal.db.sealing import Keyring, make_key_file
from portal.settings import Mode, Settings
from tests.postgresql import Server, running
from tests.serving import DEMO, Operator
from tests.webclient import Browser

os.environ.pop("PORTAL_CONFIG", None)
# Garbage in cycles is looked for more seldom: a run takes a twentieth less time.
gc.set_threshold(100_000, 50, 1_000)
# How slow a machine is fails no test.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")


WHOLE = frozenset({"app", "application", "new_app"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks the whole application: the quick check leaves it to the whole run."""
    for item in items:
        if isinstance(item, pytest.Function) and not WHOLE.isdisjoint(item.fixturenames):
            item.add_marker("web")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    """Return a master key made for this run."""
    return make_key_file(tmp_path_factory.mktemp("keys") / "sealing.key")


Shared = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Shared:
    """Return what gives a folder by name to all processes of this run.

    Whoever needs it first makes it, and the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent

    def give(name: str, make: Callable[[Path], None]) -> Path:
        folder, made = base / name, base / f"{name}.made"
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                make(folder)
                made.touch()
        return folder

    return give


@pytest.fixture(scope="session")
def template(shared: Shared) -> Path:
    """Return a SQLite file that the migrations built; each test gets a copy."""

    def make(folder: Path) -> None:
        folder.mkdir()
        db = Database(f"sqlite:///{folder / 'portal.db'}")
        migrations.upgrade(db)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.dispose()

    return shared("template", make) / "portal.db"


def movable(address: str, keys: Keyring) -> Database:
    """Return a database that is where its address says at present.

    Each test has its own, and statements are compiled once for all.
    """
    made = Database(address, keys)

    def at_present(_dialect: Any, _record: Any, arguments: Any, named: dict[str, Any]) -> None:
        if made.is_sqlite:
            arguments[0] = made.url.database
        else:
            named["dbname"] = made.url.database

    for each in made.engines:
        event.listen(each, "do_connect", at_present)
    return made


@pytest.fixture(scope="session")
def on_sqlite(template: Path, keys: Keyring) -> Database:
    """Return the one SQLite database of this run."""
    return movable(f"sqlite:///{template}", keys)


@pytest.fixture(scope="session")
def prepared(shared: Shared) -> Path:
    """Return the folder of a demonstration just made; whoever needs one takes a copy."""

    def make(folder: Path) -> None:
        made = Operator(folder, DEMO, is_forking=True).run("demo", "--prepare")
        assert made.returncode == 0, made.stderr

    return shared("demonstration", make)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return a PostgreSQL server, started by the first test that asks for it.

    Its folder is its own: where root runs tests the server is another user, and a second run of
    pytest closes the folder of temporary files to all but root.
    """
    with TemporaryDirectory(prefix="articula-") as folder, running(Path(folder)) as started:
        yield started


@pytest.fixture(scope="session")
def on_postgresql(server: Server, keys: Keyring) -> Database:
    """Return the one PostgreSQL database of this run."""
    return movable(server.address("postgres"), keys)


@pytest.fixture(scope="session")
def engine() -> str:
    """Return the kind of database; `ON_BOTH` sets it."""
    return "sqlite"


@pytest.fixture
def db(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return a database of the test's own; whoever asked for a connection must have given it up."""
    made: Database = request.getfixturevalue(f"on_{engine}")
    with ExitStack() as stack:
        if made.is_sqlite:
            copy = shutil.copy(request.getfixturevalue("template"), tmp_path / "portal.db")
            address = f"sqlite:///{copy}"
        else:
            address = stack.enter_context(request.getfixturevalue("server").place())
        made.url = sa.make_url(address)
        yield made
        check_given_up(made)
        made.dispose()


def check_given_up(db: Database) -> None:
    """Hold that no connection is still in use."""
    pools: list[Any] = [each.pool for each in db.engines]
    assert sum(pool.checkedout() for pool in pools) == 0


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

    COUNTED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")

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

    for each in db.engines:
        event.listen(each, "before_cursor_execute", before)
    yield watched
    for each in db.engines:
        event.remove(each, "before_cursor_execute", before)


def settings_for(db: Database, folder: Path) -> Settings:
    """Return the settings of a test's instance."""
    return Settings(
        mode=Mode.DEVELOPMENT,
        database_url=db.url.render_as_string(hide_password=False),
        data_dir=folder,
        secret_key="s" * 40,
        weak_hash=True,
        https=False,
        strict_plugins=True,
    )


@pytest.fixture(scope="session")
def application(template: Path, keys: Keyring) -> tuple[Flask, host.Host]:
    """Return the application, made once for all tests, and its host of modules."""
    db = Database(f"sqlite:///{template}", keys)
    return create_app(settings_for(db, template.parent), keys=keys), host.current()


@pytest.fixture
def new_app(db: Database, keys: Keyring, tmp_path: Path) -> Flask:
    """Return an application made for one test, which has changed what is installed."""
    return create_app(settings_for(db, tmp_path), keys=keys)


@pytest.fixture
def app(application: tuple[Flask, host.Host], db: Database, tmp_path: Path) -> Iterator[Flask]:
    """Return the application on the test's database, with nothing left of the test before."""
    made, modules = application
    parts = made.extensions["portal"]
    made.extensions["portal"] = replace(parts, settings=settings_for(db, tmp_path), db=db)
    with host.using(modules):
        yield made


@pytest.fixture
def browser(app: Flask, db: Database) -> Callable[[], Browser]:
    """Return a maker of browsers: one for each person of a test."""
    return lambda: Browser(app, db)
