"""The trail: whatever is changed in it, taken out of it or cut from it is found."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from portal import audit
from portal.actor import system_actor
from portal.audit import chain
from portal.audit import trail as trail_module
from portal.audit.models import AuditEntry, AuditLink
from portal.db import Database, new_id
from portal.errors import OperatorError
from tests.postgresql import ON_BOTH

ENTRIES = 6
MIDDLE = 3
GOLDEN = (
    "93dbfd2c419cfd9cacb1bb366673ef2f223ef0f30fdfb70ceba21c62aef10ae2",
    "619b383e94900cec4e80dd8096061bc4673dc7fb0075a78c9c90f7e63473fc11",
)
GOLDEN_LINK = "ee5d0ff23607ab21e63fe6305d0f62ffa29a10ffb92a99fc55b607e77fef535e"
OTHER = {
    "at": "2020-01-01 00:00:00",
    "user_id": "0" * 32,
    "agency_id": "0" * 32,
    "action": "cases.case.shown",
    "subject_id": "0" * 32,
    "case_id": "0" * 32,
    "outcome": "refused",
    "request_id": "other",
    "sign_in_id": "0" * 32,
    "facts": '{"name":"otro"}',
    "reason_hash": "f" * 64,
}


@pytest.fixture
def trail(db: Database) -> Database:
    """Return a database whose trail has some entries, linked."""
    write(db, ENTRIES)
    assert chain.verify(db) is None
    return db


def write(db: Database, count: int) -> None:
    with db.write() as session:
        for number in range(count):
            audit.record(
                session, system_actor(), "test.act", new_id(), case=new_id(), number=str(number)
            )


@contextmanager
def tampering(db: Database) -> Iterator[sa.Connection]:
    """Work in the database as somebody who owns it: the triggers are taken away and put back."""
    with db.writer.begin() as connection:
        chain.remove_triggers(connection)
        yield connection
        chain.install_triggers(connection)


def entry_at(connection: sa.Connection, seq: int) -> UUID:
    found = sa.select(col(AuditLink.entry_id)).where(col(AuditLink.seq) == seq)
    made: UUID = connection.execute(found).scalar_one()
    return made


def finding(db: Database, against: chain.Checkpoint | None = None) -> chain.Finding:
    found = chain.verify(db, against)
    assert found is not None
    return found


@ON_BOTH
def test_a_whole_trail_is_said_to_be_whole_and_grows(trail: Database) -> None:
    with trail.read() as session:
        assert chain.head(session)[0] == ENTRIES
    write(trail, 1)
    assert chain.verify(trail) is None
    with trail.read() as session:
        assert chain.head(session)[0] == ENTRIES + 1


def test_every_column_of_an_entry_is_covered() -> None:
    assert set(OTHER) | {"id"} == set(AuditEntry.model_fields)


def test_the_canonical_form_gives_the_same_hash_for_ever() -> None:
    """A change of these is a new version of the trail (SECURITY 5.9), with a way to verify both."""
    plain = AuditEntry(id=UUID(int=1), at=datetime(2026, 3, 2, 14, 5, 9, 120, UTC), action="a.b")
    full = AuditEntry(
        id=UUID(int=2),
        at=datetime(2026, 3, 2, 14, 5, 9, tzinfo=UTC),
        user_id=UUID(int=3),
        case_id=UUID(int=4),
        action="cases.case.read",
        facts=trail_module.canonical({"ids": ["b", "a"], "número": 7}),
        reason_hash="f" * 64,
    )
    assert (chain.entry_hash(plain), chain.entry_hash(full)) == GOLDEN
    assert chain.link_hash(7, "a" * 64, chain.GENESIS) == GOLDEN_LINK


@pytest.mark.parametrize("column", OTHER)
def test_a_changed_column_names_its_entry(trail: Database, column: str) -> None:
    with tampering(trail) as connection:
        changed = entry_at(connection, MIDDLE)
        connection.execute(
            sa.text(f"UPDATE portal_audit_entry SET {column} = :other WHERE id = :id"),
            {"other": OTHER[column], "id": changed.hex},
        )
    found = finding(trail)
    assert (found.seq, found.entry_id) == (MIDDLE, str(changed))
    assert "changed" in found.what


@ON_BOTH
def test_an_entry_that_was_deleted_is_missed(trail: Database) -> None:
    with tampering(trail) as connection:
        gone = entry_at(connection, MIDDLE)
        connection.execute(sa.delete(AuditEntry).where(col(AuditEntry.id) == gone))
    found = finding(trail)
    assert (found.seq, found.entry_id, found.what) == (MIDDLE, str(gone), "the entry is gone")


@ON_BOTH
def test_a_link_that_was_deleted_with_its_entry_leaves_a_gap(trail: Database) -> None:
    with tampering(trail) as connection:
        gone = entry_at(connection, MIDDLE)
        connection.execute(sa.delete(AuditLink).where(col(AuditLink.seq) == MIDDLE))
        connection.execute(sa.delete(AuditEntry).where(col(AuditEntry.id) == gone))
    assert finding(trail) == chain.Finding(MIDDLE, "", f"link {MIDDLE} is missing")


def test_two_entries_that_changed_places_are_found(trail: Database) -> None:
    with tampering(trail) as connection:
        one, two = (entry_at(connection, seq) for seq in (MIDDLE, MIDDLE + 1))
        for seq, entry in ((MIDDLE, new_id()), (MIDDLE + 1, one), (MIDDLE, two)):
            put = sa.update(AuditLink).where(col(AuditLink.seq) == seq).values(entry_id=entry)
            connection.execute(put)
    assert finding(trail).seq == MIDDLE


@ON_BOTH
def test_a_cut_tail_is_found_against_a_checkpoint_kept_elsewhere(
    trail: Database, tmp_path: Path
) -> None:
    kept = audit.checkpoint(trail, tmp_path)
    with tampering(trail) as connection:
        last = entry_at(connection, ENTRIES)
        connection.execute(sa.delete(AuditLink).where(col(AuditLink.seq) == ENTRIES))
        connection.execute(sa.delete(AuditEntry).where(col(AuditEntry.id) == last))
    assert chain.verify(trail) is None, "without the checkpoint nothing tells of the tail"
    assert finding(trail, kept).what == f"cut: the checkpoint knows {ENTRIES} entries"


def test_a_chain_written_anew_differs_from_a_checkpoint(trail: Database, tmp_path: Path) -> None:
    kept = audit.checkpoint(trail, tmp_path)
    with tampering(trail) as connection:
        changed = entry_at(connection, MIDDLE)
        other = sa.update(AuditEntry).where(col(AuditEntry.id) == changed).values(action="other")
        connection.execute(other)
        connection.execute(sa.delete(AuditLink))
    assert chain.verify(trail) is None
    assert finding(trail, kept).what == "differs from the checkpoint"


def test_a_checkpoint_is_read_back_and_a_bent_one_is_refused(
    trail: Database, tmp_path: Path
) -> None:
    made = audit.checkpoint(trail, tmp_path)
    path = tmp_path / "checkpoints.jsonl"
    assert chain.read_checkpoint(path) == made
    path.write_text(path.read_text().replace(f'"size": {ENTRIES}', f'"size": {ENTRIES - 1}'))
    with pytest.raises(OperatorError, match="no valid checkpoint"):
        chain.read_checkpoint(path)
    with pytest.raises(OperatorError, match="no valid checkpoint"):
        chain.read_checkpoint(tmp_path / "absent")


def test_a_checkpoint_of_another_key_than_was_noted_is_refused(
    trail: Database, tmp_path: Path
) -> None:
    """Whoever owns the server can sign anew with a key of their own: the key is kept apart."""
    noted = audit.checkpoint(trail, tmp_path).key
    path = tmp_path / "checkpoints.jsonl"
    assert chain.read_checkpoint(path, key=f"{noted.upper()}\n").key == noted
    (tmp_path / "keys" / "checkpoint.key").unlink()
    audit.checkpoint(trail, tmp_path)
    with pytest.raises(OperatorError, match="another key"):
        chain.read_checkpoint(path, key=noted)


@ON_BOTH
@pytest.mark.parametrize("table", chain.TABLES)
def test_the_database_itself_refuses_to_change_the_trail(trail: Database, table: str) -> None:
    with trail.write() as session:
        audit.record(session, system_actor(), "test.act", None, reason="una razón")
    assert chain.verify(trail) is None
    column = "head" if table.endswith("link") else "entry_id" if "reason" in table else "action"
    refused = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    for statement in refused if trail.is_sqlite else [*refused, f"TRUNCATE {table} CASCADE"]:
        with (
            pytest.raises(sa.exc.SQLAlchemyError, match="append-only"),
            trail.writer.begin() as connection,
        ):
            connection.exec_driver_sql(statement)


def test_the_work_of_each_second_looks_at_recent_entries_only(
    db: Database, statements: Any
) -> None:
    with db.write() as session:
        entry = audit.record(session, system_actor(), "test.act", None)
        old = UUID(int=(entry.id.int >> 80) - chain.LOOK_BACK_MS - 1 << 80)
        session.execute(sa.insert(AuditEntry), [{**entry.model_dump(), "id": old}])
        chain.link_entries(session)
    with db.write() as session:
        late = UUID(int=old.int + 1)
        recent = audit.record(session, system_actor(), "test.act", None)
        session.execute(sa.insert(AuditEntry), [{**recent.model_dump(), "id": late}])
        session.flush()
        assert chain.link_entries(session, recent=True) == 1
        assert chain.link_entries(session) == 1, "the checkpoint's walk finds what came too late"
