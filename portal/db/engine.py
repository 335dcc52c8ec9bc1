"""Engine and sessions: many readers, one writer at a time, the same way on both databases.

SQLite runs in WAL with full synchronisation, because an acknowledged record must survive a power
cut. Writers take the lock at BEGIN; a reader that then tries to write fails at once instead of
losing somebody's update.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVarTuple

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlmodel import Session

Ts = TypeVarTuple("Ts")

# A statement of many columns; beyond ten they are not typed one by one.
AnyColumns = sa.Select[*tuple[Any, ...]]

PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "busy_timeout": "5000",
    "foreign_keys": "ON",
    "secure_delete": "ON",
    # Pages are read where the system holds them, up to this many bytes, instead of being copied.
    "mmap_size": str(2**31),
}
# So many statements are kept prepared on a connection of SQLite; the pages ask several hundred.
PREPARED = 512


class ReadingSession(Session):
    """A session that cannot write: the database refuses."""


class WritingSession(Session):
    """A session whose transaction holds the writer's lock from its first statement."""


class Database:
    """One database: where its reading and writing sessions come from.

    On SQLite `writer` has connections of its own: that one may write is a setting of a connection,
    and each change of it would throw away the statements that are prepared there. `keys` (a
    `sealing.Keyring`) travels in each session's `info`, so that cells can be opened.
    """

    def __init__(self, url: str, keys: Any = None) -> None:
        self.url = sa.make_url(url)
        self.keys = keys
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.engine = self._on_sqlite("BEGIN", query_only="ON")
            self.writer = self._on_sqlite("BEGIN IMMEDIATE", query_only="OFF")
        else:
            self.engine = sa.create_engine(self.url, pool_size=20, max_overflow=20)
            self.writer = self.engine.execution_options(writes=True)
            event.listen(self.engine, "begin", _begin_postgresql)

    def _on_sqlite(self, begin: str, **pragmas: str) -> sa.Engine:
        """Return an engine whose latest connection is taken first, as it has most prepared."""
        arguments = {"cached_statements": PREPARED}
        engine = sa.create_engine(self.url, pool_use_lifo=True, connect_args=arguments)

        @event.listens_for(engine, "connect")
        def opened(dbapi: Any, _record: Any) -> None:
            dbapi.isolation_level = None
            for name, value in {**PRAGMAS, **pragmas}.items():
                dbapi.execute(f"PRAGMA {name}={value}")

        @event.listens_for(engine, "begin")
        def begun(connection: sa.Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    @property
    def _info(self) -> dict[str, Any]:
        return {"keys": self.keys, "engine": self.engine}

    def reader(self) -> ReadingSession:
        """Return a reading session; the caller closes it."""
        return ReadingSession(self.engine, autoflush=False, info=self._info)

    def writing_session(self) -> WritingSession:
        """Return a writing session; the caller commits or rolls back, and closes it."""
        return WritingSession(self.writer, expire_on_commit=False, info=self._info)

    @contextmanager
    def read(self) -> Iterator[ReadingSession]:
        """Open a reading session for a block."""
        with self.reader() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[WritingSession]:
        """Open a writing session for a block: committed at its end, rolled back if it raises."""
        with self.writing_session() as session:
            yield session
            session.commit()

    def dispose(self, *, close: bool = True) -> None:
        """Close pooled connections, or only forget those that another process has too."""
        for engine in self.engines:
            engine.dispose(close=close)

    @property
    def engines(self) -> list[sa.Engine]:
        """Return the engines that have connections of their own."""
        return [self.engine, self.writer] if self.is_sqlite else [self.engine]


def unused(session: Session, column: Any, make: Callable[[], str]) -> str:
    """Return a made value that no row holds in a column; the few retries cost and say nothing."""
    while True:
        value = make()
        if not session.scalar(sa.select(sa.exists().where(column == value))):
            return value


def beside(session: Session) -> ReadingSession:
    """Return a reading session beside a writing one: what takes time holds no writer's lock."""
    return ReadingSession(session.info["engine"], autoflush=False, info=session.info)


def rows(
    session: Session, statement: sa.Select[*Ts], given: Mapping[str, Any] | None = None
) -> Sequence[tuple[*Ts]]:
    """Return the rows of a statement as typed tuples: what lists are made of.

    `given` are the values of the parameters that a statement put together once has names for.
    """
    return orm.Session.execute(session, statement, given).all()


def plain_rows(
    session: Session, statement: sa.Select[*Ts], given: Mapping[str, Any] | None = None
) -> Sequence[tuple[*Ts]]:
    """Return `rows` of columns alone past the mapper, which makes records and takes a tenth of it.

    For what is asked at every letter typed, over very many rows.
    """
    if session.autoflush:
        session.flush()
    return session.connection().execute(statement, given).all()


def _begin_postgresql(connection: sa.Connection) -> None:
    if not connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
