"""Goal 13: whoever owns the database bends the trail in eight ways; each time it is found."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from portal import audit
from portal.actor import system_actor
from portal.audit import chain
from portal.audit.models import AuditEntry, AuditLink
from portal.db import Database, new_id
from tests.security.ground import Ground, Measure

GOAL = "13 tampering with the trail"
EACH = 25
LEAST = 300
KEPT = ("portal_audit_entry", "portal_audit_link")


class Forger:
    """Somebody with all rights on the database, at a place of the chain drawn by chance."""

    def __init__(self, connection: sa.Connection, size: int, dice: random.Random) -> None:
        self.connection, self.size = connection, size
        self.at = dice.randrange(2, size - 2)

    def entry(self, seq: int) -> UUID:
        """Return the entry of a link."""
        found: UUID = self.connection.scalars(
            sa.select(col(AuditLink.entry_id)).where(col(AuditLink.seq) == seq)
        ).one()
        return found

    def change(self, seq: int) -> None:
        """Change what an entry says."""
        self.connection.execute(
            sa.update(AuditEntry)
            .where(col(AuditEntry.id) == self.entry(seq))
            .values(action="cases.case.nothing")
        )

    def delete_links(self, condition: Any) -> None:
        """Take links away."""
        self.connection.execute(sa.delete(AuditLink).where(condition))

    def link_anew(self, first: int, entries: list[UUID]) -> None:
        """Link entries from a place on, with hashes that hold together."""
        self.delete_links(col(AuditLink.seq) >= first)
        before = chain.GENESIS
        if first > 1:
            before = self.connection.scalars(
                sa.select(col(AuditLink.head)).where(col(AuditLink.seq) == first - 1)
            ).one()
        for seq, entry_id in enumerate(entries, first):
            row = self.connection.execute(
                sa.select(AuditEntry).where(col(AuditEntry.id) == entry_id)
            ).one()
            own = chain.entry_hash(row)
            before = chain.link_hash(seq, own, before)
            self.connection.execute(
                sa.insert(AuditLink).values(seq=seq, entry_id=entry_id, entry_hash=own, head=before)
            )

    def entries(self, first: int) -> list[UUID]:
        """Return the entries from a link on."""
        return list(
            self.connection.scalars(
                sa.select(col(AuditLink.entry_id))
                .where(col(AuditLink.seq) >= first)
                .order_by(col(AuditLink.seq))
            )
        )


def _change(forger: Forger) -> None:
    forger.change(forger.at)


def _delete_entry(forger: Forger) -> None:
    gone = forger.entry(forger.at)
    forger.connection.execute(sa.delete(AuditEntry).where(col(AuditEntry.id) == gone))


def _delete_with_link(forger: Forger) -> None:
    _delete_entry(forger)
    forger.delete_links(col(AuditLink.seq) == forger.at)


def _swap(forger: Forger) -> None:
    one, two = forger.entry(forger.at), forger.entry(forger.at + 1)
    for seq, entry in ((forger.at, new_id()), (forger.at + 1, one), (forger.at, two)):
        forger.connection.execute(
            sa.update(AuditLink).where(col(AuditLink.seq) == seq).values(entry_id=entry)
        )


def _insert(forger: Forger) -> None:
    """Put an entry that never was between two, and link all that follow anew."""
    false = new_id()
    row = forger.connection.execute(
        sa.select(AuditEntry).where(col(AuditEntry.id) == forger.entry(forger.at))
    ).one()
    forger.connection.execute(sa.insert(AuditEntry).values({**row._mapping, "id": false}))
    forger.link_anew(forger.at, [false, *forger.entries(forger.at)])


def _cut(forger: Forger) -> None:
    """Take away the end, entries and links."""
    gone = forger.entries(forger.at)
    forger.delete_links(col(AuditLink.seq) >= forger.at)
    forger.connection.execute(sa.delete(AuditEntry).where(col(AuditEntry.id).in_(gone)))


def _rewrite_rest(forger: Forger) -> None:
    """Take one entry out and link all that follow anew."""
    rest = forger.entries(forger.at)
    forger.link_anew(forger.at, rest[1:])
    forger.connection.execute(sa.delete(AuditEntry).where(col(AuditEntry.id) == rest[0]))


def _rewrite_all(forger: Forger) -> None:
    """Change an entry and write the whole chain anew."""
    forger.change(forger.at)
    forger.link_anew(1, forger.entries(1))


KINDS: dict[str, Callable[[Forger], None]] = {
    "an entry changed": _change,
    "an entry deleted": _delete_entry,
    "an entry deleted with its link": _delete_with_link,
    "two entries swapped": _swap,
    "an entry put in": _insert,
    "the end cut off": _cut,
    "rewritten from a place on": _rewrite_rest,
    "rewritten from the start": _rewrite_all,
}


@contextmanager
def bent(db: Database) -> Iterator[sa.Connection]:
    """Give the owner's connection for a block, with the triggers away; the trail is kept aside."""
    with db.writer.begin() as connection:
        for table in KEPT:
            connection.exec_driver_sql(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
        chain.remove_triggers(connection)
        yield connection


def put_back(db: Database) -> None:
    """Put the trail back as it was before it was bent."""
    with db.writer.begin() as connection:
        for table in reversed(KEPT):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        for table in KEPT:
            connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM kept_{table}")
            connection.exec_driver_sql(f"DROP TABLE kept_{table}")
        chain.install_triggers(connection)


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal on a trail of its own; `size` is how often each of the kinds is tried."""
    with ground.elsewhere() as db:
        return _measure(db, ground.folder / "tampering", size)


def _measure(db: Database, folder: Path, size: int) -> Measure:
    dice = random.Random(13)
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    with db.write() as session:
        for _number in range(LEAST):
            audit.record(session, system_actor(), "test.act", new_id(), case=new_id())
    kept = audit.checkpoint(db, folder)
    missed, alone, tried = [], 0, 0
    for name, bend in KINDS.items():
        for _time in range(size):
            with bent(db) as connection:
                bend(Forger(connection, kept.size, dice))
            found, lonely = chain.verify(db, kept), chain.verify(db)
            put_back(db)
            tried += 1
            alone += lonely is not None
            if found is None:
                missed.append(name)
    whole = chain.verify(db, kept) is None
    return Measure(
        GOAL,
        f"{tried} of {tried} found with a checkpoint",
        f"{tried - len(missed)} of {tried} (the chain alone: {alone})",
        not missed and whole,
        tuple(dict.fromkeys(missed)),
    )
