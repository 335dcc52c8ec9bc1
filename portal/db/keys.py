"""The life of the master key: rotated online, kept in escrow, never in the database.

A rotation re-wraps the scopes' keys and touches no cell. It goes on where it was stopped, and the
portal serves meanwhile: see `sealing.Keyring`.
"""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.db.engine import Database
from portal.db.models import ScopeKey
from portal.db.sealing import Keyring, load_key_file, new_master, parse_keys
from portal.errors import OperatorError

BATCH = 500
CHECK_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: the key that wraps now, those that went, how many keys were wrapped."""

    current: str
    removed: tuple[str, ...]
    wrapped: int


def rotate(db: Database, path: Path, *, batch: int = BATCH) -> Rotation:
    """Make a new master key current, wrap every scope's key under it, and remove the old one.

    A rotation that was stopped is finished instead of a new one begun. Raises OperatorError where
    another one runs, or where a key is missing from the file.
    """
    with _alone(path):
        ring = load_key_file(path)
        with db.read() as session:
            unfinished = is_unfinished(session, ring)
        if not unfinished:
            name, key = new_master()
            write_key_file(path, {**ring.keys, name: key})
            ring = load_key_file(path)
        old = tuple(name for name in ring.keys if name != ring.current)
        wrapped = 0
        while True:
            wrapped += _wrap_all(db, ring, batch)
            if _finish(db, ring, path):
                return Rotation(ring.current, old, wrapped)


def is_unfinished(session: Session, ring: Keyring) -> bool:
    """Tell whether a rotation was stopped: an old key is at hand still, or wraps a scope's key."""
    return len(ring.keys) > 1 or _count(session, ring.current) > 0


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.with_suffix(".rotating").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OperatorError("Another rotation is running: wait for it.") from error
        yield


def _count(session: Session, current: str) -> int:
    """Return how many scopes' keys are wrapped under another master key than the current one."""
    statement = sa.select(sa.func.count()).select_from(ScopeKey)
    return session.scalar(statement.where(col(ScopeKey.master_id) != current)) or 0


def _wrap_all(db: Database, ring: Keyring, batch: int) -> int:
    wrapped = 0
    while True:
        with db.write() as session:
            statement = sa.select(ScopeKey).where(col(ScopeKey.master_id) != ring.current)
            found = session.scalars(statement.limit(batch).with_for_update()).all()
            for row in found:
                row.master_id, row.wrapped = ring.wrap(row.scope, ring.unwrap(row))
        wrapped += len(found)
        if not found:
            return wrapped


def _finish(db: Database, ring: Keyring, path: Path) -> bool:
    """Remove the old keys once nothing needs them; False where something does again.

    Whoever makes a scope's key looks at the file within its transaction. So no transaction that
    could still wrap under an old key may be open while it is looked for and the file is written.
    """
    with db.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(sa.text("LOCK TABLE portal_scope_key IN SHARE ROW EXCLUSIVE MODE"))
        if _count(session, ring.current):
            return False
        write_key_file(path, {ring.current: ring.keys[ring.current]})
        return True


def write_key_file(path: Path, keys: dict[str, bytes]) -> None:
    """Put a key file in the place of the old one, at once and durably; the last key is current."""
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.writelines(f"{name} {key.hex()}\n" for name, key in keys.items())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def check_value(text: str) -> str:
    """Return the short text by which two copies of a key file are told to be the same."""
    return hashlib.sha256(f"articula key file\n{text}".encode()).hexdigest()[:CHECK_LENGTH]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A copy of the key file that one recipient can open, as text that may be printed."""

    recipient: str
    path: Path


def escrow(path: Path, recipients: Sequence[str], folder: Path) -> list[Envelope]:
    """Write the key file encrypted to each recipient, each into an envelope of its own.

    Raises OperatorError for no recipient, a wrong one, or an envelope that is there already.
    """
    load_key_file(path)
    text = path.read_text()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    envelopes = []
    for number, recipient in enumerate(parse_recipients(recipients), 1):
        target = folder / f"sealing-key-{check_value(text)}-{number}.age"
        if target.exists():
            raise OperatorError(f"{target} exists already; choose another folder.")
        from pyrage import encrypt

        target.touch(mode=0o600)
        target.write_bytes(encrypt(text.encode(), [recipient], armored=True))
        envelopes.append(Envelope(str(recipient), target))
    return envelopes


def open_envelope(envelope: Path, identity: Path) -> str:
    """Return the key file's text from an envelope; raises OperatorError where it does not open."""
    from pyrage import DecryptError, decrypt

    try:
        text: str = decrypt(envelope.read_bytes(), read_identities(identity)).decode()
    except (DecryptError, UnicodeDecodeError) as error:
        raise OperatorError(f"{envelope} does not open with {identity}.") from error
    parse_keys(text, envelope)
    return text


def parse_recipients(texts: Sequence[str]) -> list[object]:
    """Return age recipients; raises OperatorError where there is none, or one is none."""
    from pyrage import RecipientError, x25519

    if not texts:
        raise OperatorError(
            "Name whom it is encrypted to: set backup_recipients, or give --to age1…"
        )
    try:
        return [x25519.Recipient.from_str(text.strip()) for text in texts]
    except RecipientError as error:
        raise OperatorError("A recipient is not an age public key: age1…") from error


def read_identities(path: Path) -> list[object]:
    """Return the age identities of a file; raises OperatorError where it holds none."""
    from pyrage import IdentityError, x25519

    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
        found = [x25519.Identity.from_str(line) for line in lines if line and line[0] != "#"]
    except (IdentityError, UnicodeDecodeError) as error:
        raise OperatorError(f"{path} holds no age identity: AGE-SECRET-KEY-1…") from error
    if not found:
        raise OperatorError(f"{path} holds no age identity: AGE-SECRET-KEY-1…")
    return found
