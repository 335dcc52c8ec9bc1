"""The tables of core and admitted modules together: renewed, or held against the code."""

from collections.abc import Iterator
from pathlib import Path

from portal.db import Database, migrations
from portal.host import loading
from portal.host.queries import admitted


def _owners(db: Database) -> Iterator[tuple[str, Path | None]]:
    """Yield the core, then each loaded module that is admitted and has tables, once it is asked."""
    yield migrations.CORE, None
    with db.read() as session:
        known = admitted(session)
    for slug, module in loading.current().loaded.items():
        if slug in known and module.migrations:
            yield slug, module.migrations


def upgrade(db: Database) -> None:
    """Bring all tables to the newest revision; where there is nothing to do, nothing is touched."""
    for owner, folder in _owners(db):
        migrations.upgrade(db, owner, folder)


def check(db: Database) -> None:
    """Raise OperatorError where a table differs from the code; change nothing."""
    for owner, folder in _owners(db):
        migrations.check(db, owner, folder)


def require_head(db: Database) -> None:
    """Raise OperatorError, in one line, where anything is not at the newest revision."""
    for owner, folder in _owners(db):
        migrations.require_head(db, owner, folder)
