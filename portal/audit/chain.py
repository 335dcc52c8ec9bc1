"""The chain over the trail: one sealer links new entries; verify finds any change, gap or cut.

An entry's hash covers its every field; a link's head covers the entry's hash and the head before.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from sqlmodel import Session, col

from portal import clock
from portal.audit.models import AuditEntry, AuditLink
from portal.db.engine import Database
from portal.errors import OperatorError

GENESIS = "0" * 64
VERSION = 1
TABLES = ("portal_audit_entry", "portal_audit_link", "portal_audit_reason")
FIELDS = tuple(AuditEntry.model_fields)
CHUNK = 1000
LOOK_BACK_MS = 600_000


def entry_values(entry: Any) -> dict[str, Any]:
    """Return what an entry says, as texts, with the version of this form."""
    values: dict[str, Any] = {name: _text(getattr(entry, name)) for name in FIELDS}
    return {**values, "version": VERSION}


def entry_hash(entry: Any) -> str:
    """Return the hash of an entry: SHA-256 of a domain byte and its canonical JSON."""
    body = json.dumps(
        entry_values(entry), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(b"\x00" + body.encode()).hexdigest()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return str(value)


def link_hash(seq: int, entry: str, before: str) -> str:
    """Return the head after a link."""
    return hashlib.sha256(b"\x01" + f"{seq}:{entry}:{before}".encode()).hexdigest()


def head(session: Session) -> tuple[int, str]:
    """Return the size of the chain and its head."""
    last = session.execute(
        sa.select(col(AuditLink.seq), col(AuditLink.head))
        .order_by(col(AuditLink.seq).desc())
        .limit(1)
    ).first()
    return (last[0], last[1]) if last else (0, GENESIS)


def link_entries(session: Session, *, recent: bool = False) -> int:
    """Link every entry that has no link yet, whatever order they were committed in.

    `recent` looks back ten minutes from the newest link only, longer than any act takes, so that
    the work of each second does not grow with the trail. One sealer at a time: the writing session
    holds the lock on SQLite, an advisory lock does on PostgreSQL. Returns how many were linked.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(1297)"))
    seq, before = head(session)
    is_linked = sa.exists().where(col(AuditLink.entry_id) == col(AuditEntry.id))
    waiting = sa.select(AuditEntry).where(~is_linked)
    if recent and seq:
        waiting = waiting.where(col(AuditEntry.id) >= _oldest(session, seq))
    fresh = session.scalars(waiting.order_by(col(AuditEntry.at), col(AuditEntry.id))).all()
    for entry in fresh:
        seq += 1
        own = entry_hash(entry)
        before = link_hash(seq, own, before)
        session.add(AuditLink(seq=seq, entry_id=entry.id, entry_hash=own, head=before))
    session.flush()
    return len(fresh)


def _oldest(session: Session, seq: int) -> UUID:
    """Return the lowest identifier made up to ten minutes before the entry of a link."""
    newest = session.scalars(sa.select(col(AuditLink.entry_id)).where(col(AuditLink.seq) == seq))
    made_at = newest.one().int >> 80
    return UUID(int=max(made_at - LOOK_BACK_MS, 0) << 80)


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong with the trail: which link, which entry, what."""

    seq: int
    entry_id: str
    what: str


def verify(db: Database, against: "Checkpoint | None" = None) -> Finding | None:
    """Link what is new, then walk the whole chain; returns the first finding, or None.

    With a checkpoint kept elsewhere a cut tail or a rewritten chain is found too.
    """
    with db.write() as session:
        link_entries(session)
    with db.read() as session:
        return _walk(session, against)


def _walk(session: Session, against: "Checkpoint | None") -> Finding | None:
    expected, before = 0, GENESIS
    statement = (
        sa.select(AuditLink, AuditEntry)
        .join(AuditEntry, col(AuditEntry.id) == col(AuditLink.entry_id), isouter=True)
        .order_by(col(AuditLink.seq))
    )
    with session.execute(statement.execution_options(yield_per=CHUNK)) as found:
        for link, entry in found:
            expected += 1
            if link.seq != expected:
                return Finding(expected, "", f"link {expected} is missing")
            if finding := _check(link, entry, before):
                return finding
            before = link.head
            if against is not None and against.size == link.seq and against.head != link.head:
                return Finding(link.seq, str(link.entry_id), "differs from the checkpoint")
    if against is not None and against.size > expected:
        return Finding(expected, "", f"cut: the checkpoint knows {against.size} entries")
    return None


def _check(link: AuditLink, entry: AuditEntry | None, before: str) -> Finding | None:
    if entry is None:
        return Finding(link.seq, str(link.entry_id), "the entry is gone")
    if entry_hash(entry) != link.entry_hash:
        return Finding(link.seq, str(entry.id), f"the entry was changed ({entry.action})")
    if link_hash(link.seq, link.entry_hash, before) != link.head:
        return Finding(link.seq, str(entry.id), "the link was changed")
    return None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The signed head of the chain at a moment; kept where the database cannot reach."""

    origin: str
    size: int
    head: str
    at: str
    key: str
    signature: str = ""

    def signed_text(self) -> bytes:
        """Return what the signature covers."""
        body = {name: value for name, value in asdict(self).items() if name != "signature"}
        return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()

    @property
    def printed(self) -> str:
        """Return the line that an acta carries: size and 16 characters of the head."""
        return f"{self.size} · {self.head[:16]}"


def checkpoint(db: Database, data_dir: Path) -> Checkpoint:
    """Link what is new and append a signed checkpoint to `checkpoints.jsonl` in the data folder."""
    key = _signing_key(data_dir / "keys" / "checkpoint.key")
    with db.write() as session:
        link_entries(session)
        size, top = head(session)
    public = key.public_key().public_bytes_raw().hex()
    unsigned = Checkpoint("articula", size, top, clock.now().isoformat(), public)
    signed = Checkpoint(**{**asdict(unsigned), "signature": key.sign(unsigned.signed_text()).hex()})
    with checkpoints_path(data_dir).open("a") as file:
        file.write(json.dumps(asdict(signed), sort_keys=True) + "\n")
    return signed


def checkpoints_path(data_dir: Path) -> Path:
    """Return the file to which checkpoints are appended."""
    return data_dir / "checkpoints.jsonl"


def read_checkpoint(path: Path, *, key: str = "") -> Checkpoint:
    """Return the last checkpoint of a file; raises OperatorError where none holds.

    `key` is the public key as it was noted elsewhere: without it a checkpoint is only known to be
    whole, not to be ours.
    """
    try:
        last = path.read_text().strip().splitlines()[-1]
        found = Checkpoint(**json.loads(last))
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(found.key))
        public.verify(bytes.fromhex(found.signature), found.signed_text())
    except (OSError, IndexError, TypeError, ValueError, InvalidSignature) as error:
        raise OperatorError(f"{path} holds no valid checkpoint.") from error
    if key and found.key != key.strip().lower():
        raise OperatorError(f"The checkpoint of {path} was signed with another key.")
    return found


def _signing_key(path: Path) -> Ed25519PrivateKey:
    if path.exists():
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(key.private_bytes_raw().hex())
    return key


def install_triggers(connection: sa.Connection) -> None:
    """Make the database refuse UPDATE and DELETE on the trail; run by the migration."""
    if connection.dialect.name == "sqlite":
        for table in TABLES:
            for verb in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
                )
        return
    connection.exec_driver_sql(
        "CREATE FUNCTION portal_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$"
    )
    for table in TABLES:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION portal_audit_refuse()"
        )


def refuse_truncate(connection: sa.Connection) -> None:
    """Make PostgreSQL refuse to empty the trail at one blow; SQLite knows no TRUNCATE."""
    if connection.dialect.name == "sqlite":
        return
    for table in TABLES:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION portal_audit_refuse()"
        )


def allow_truncate(connection: sa.Connection) -> None:
    """Take that away; for a migration's way back."""
    if connection.dialect.name == "sqlite":
        return
    for table in TABLES:
        connection.exec_driver_sql(f"DROP TRIGGER {table}_no_truncate ON {table}")


def remove_triggers(connection: sa.Connection) -> None:
    """Take all triggers away; for a migration's way back."""
    if connection.dialect.name == "sqlite":
        for table in TABLES:
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
        return
    for table in TABLES:
        connection.exec_driver_sql(f"DROP TRIGGER {table}_append_only ON {table}")
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")
    connection.exec_driver_sql("DROP FUNCTION portal_audit_refuse()")
