"""The trail written elsewhere too: one JSON line for each linked entry, appended to a file.

The file itself says how far it is, so that a process that was killed loses nothing and writes
nothing twice: a line cut short is taken away, the next is the one after the last whole line.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.audit.chain import entry_values
from portal.audit.models import AuditEntry, AuditLink
from portal.db.engine import Database

CHUNK = 500
TAIL = 65_536


def stream(db: Database, path: Path) -> int:
    """Append what was linked since the file's last line; returns how many lines.

    One process at a time writes; another that comes meanwhile writes nothing. Raises OSError where
    the file cannot be written.
    """
    written = 0
    with open(path, "ab+", opener=_private) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        last = _last_seq(file)
        while lines := _lines_after(db, last):
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
            written += len(lines)
            last += len(lines)
    return written


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _last_seq(file: BinaryIO) -> int:
    """Return the number of the last whole line; a line that was cut short is taken away."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL))
    tail = file.read()
    whole = tail.rfind(b"\n") + 1
    if whole < len(tail):
        file.truncate(size - len(tail) + whole)
    lines = tail[:whole].splitlines()
    return int(json.loads(lines[-1])["seq"]) if lines else 0


def _lines_after(db: Database, seq: int) -> list[bytes]:
    with db.read() as session:
        return [_line(link, entry) for link, entry in _linked(session, seq)]


def _linked(session: Session, seq: int) -> Sequence[Any]:
    return session.execute(
        sa.select(AuditLink, AuditEntry)
        .join(AuditEntry, col(AuditEntry.id) == col(AuditLink.entry_id))
        .where(col(AuditLink.seq) > seq)
        .order_by(col(AuditLink.seq))
        .limit(CHUNK)
    ).all()


def _line(link: AuditLink, entry: AuditEntry) -> bytes:
    values = {**entry_values(entry), "seq": link.seq, "hash": link.entry_hash, "head": link.head}
    return json.dumps(values, sort_keys=True, ensure_ascii=False).encode() + b"\n"
