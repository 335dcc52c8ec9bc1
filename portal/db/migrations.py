"""Migrations: one Alembic environment for the core and every module, a version table each.

An owner's tables begin with `<owner>_`, the core's with `portal_`. Nothing here runs on import or
at start-up; Alembic is imported where it is used, because it costs as much as the whole portal.
"""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from portal.db import models
from portal.db.engine import Database
from portal.db.paths import folder
from portal.errors import OperatorError

CORE = "portal"


def versions_of(owner: str, where: Path | None = None) -> Path:
    """Return the folder of an owner's revisions; `where` is a module's migrations folder."""
    return (where or folder("migrations")) / "versions"


def _config(
    owner: str, where: Path | None, connection: sa.Connection | None, keys: Any = None
) -> Any:
    """Return Alembic's configuration; a revision that seals or opens cells finds `keys` in it."""
    from alembic.config import Config

    models.load()
    # What Alembic would print for its own users says nothing to ours.
    config = Config(stdout=StringIO())
    config.set_main_option("script_location", str(folder("migrations")))
    config.set_main_option("version_locations", str(versions_of(owner, where)))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes.update(owner=owner, connection=connection, keys=keys)
    return config


@contextmanager
def _connection(db: Database) -> Iterator[sa.Connection]:
    """Open a connection for schema changes: foreign keys are off while SQLite rebuilds a table.

    A rebuild drops the old table, and with foreign keys on its children would vanish with it.
    """
    with db.writer.connect() as connection:
        raw = connection.connection.dbapi_connection
        if not db.is_sqlite or raw is None:
            with connection.begin():
                yield connection
            return
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise OperatorError(f"The migration would orphan rows of {broken[0][0]}.")
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


@contextmanager
def _lock(db: Database) -> Iterator[None]:
    """Let one process at a time change the schema of a SQLite file."""
    if not db.is_sqlite or not db.url.database:
        yield
        return
    with Path(db.url.database + ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def upgrade(db: Database, owner: str = CORE, where: Path | None = None, to: str = "head") -> None:
    """Bring an owner's tables up to a revision; where they are there already, nothing is touched.

    Before tables with data are changed, a SQLite file is copied beside itself, as
    `<file>.before-<owner>`.
    """
    from alembic import command

    with _lock(db):
        if current(db, owner) == (head(owner, where) if to == "head" else to):
            return
        _keep_copy(db, owner)
        with _connection(db) as connection:
            command.upgrade(_config(owner, where, connection, db.keys), to)


def _keep_copy(db: Database, owner: str) -> None:
    if not db.is_sqlite or not db.url.database or current(db, owner) is None:
        return
    path = Path(f"{db.url.database}.before-{owner}")
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    with closing(sqlite3.connect(db.url.database)) as old, closing(sqlite3.connect(path)) as copy:
        old.backup(copy)


def downgrade(db: Database, owner: str = CORE, where: Path | None = None, to: str = "base") -> None:
    """Take an owner's tables back to a revision."""
    from alembic import command

    with _lock(db), _connection(db) as connection:
        command.downgrade(_config(owner, where, connection, db.keys), to)


def revisions(owner: str = CORE, where: Path | None = None) -> list[str]:
    """Return an owner's revisions, the first one first.

    They are numbered and named like their files, so that Alembic need not be loaded to ask.
    """
    return sorted(path.stem for path in versions_of(owner, where).glob("[0-9]*.py"))


def head(owner: str = CORE, where: Path | None = None) -> str | None:
    """Return the newest revision of an owner's folder, or None where it has none."""
    return next(reversed(revisions(owner, where)), None)


def current(db: Database, owner: str = CORE) -> str | None:
    """Return the revision that the database is at, or None where there is none; makes no file."""
    if db.is_sqlite and db.url.database and not Path(db.url.database).exists():
        return None
    table = sa.table(f"{owner}_version", sa.column("version_num"))
    with db.engine.connect() as connection:
        if not sa.inspect(connection).has_table(table.name):
            return None
        return connection.scalar(sa.select(table.c.version_num))


def check(db: Database, owner: str = CORE, where: Path | None = None) -> None:
    """Raise OperatorError where the database and the code disagree; change nothing."""
    from alembic import command
    from alembic.util import AutogenerateDiffsDetected

    require_head(db, owner, where)
    with db.engine.connect() as connection:
        try:
            command.check(_config(owner, where, connection))
        except AutogenerateDiffsDetected as error:
            raise OperatorError(f"The tables of {owner} differ from the code: {error}") from error


def require_head(db: Database, owner: str = CORE, where: Path | None = None) -> None:
    """Raise OperatorError, in one line, where the database is not at the newest revision."""
    found, known = current(db, owner), revisions(owner, where)
    if found == head(owner, where):
        return
    whose = "" if owner == CORE else f" of the module {owner}"
    if found is None and owner == CORE:
        raise OperatorError("There is no database yet: run 'portal init'.")
    if found is not None and found not in known:
        raise OperatorError(f"The database{whose} is newer than the code: install what wrote it.")
    raise OperatorError(f"The database{whose} is not at this version: run 'portal db upgrade'.")


def autogenerate(db: Database, message: str, owner: str = CORE, where: Path | None = None) -> None:
    """Write a revision from the difference between models and database, to be reviewed by hand."""
    from alembic import command

    number = len(list(versions_of(owner, where).glob("*.py"))) + 1
    with _connection(db) as connection:
        command.revision(
            _config(owner, where, connection),
            message=message,
            autogenerate=True,
            rev_id=f"{number:04d}_{message}",
        )
