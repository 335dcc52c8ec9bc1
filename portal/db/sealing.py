"""Encryption of single cells, bound to the place where they stand.

AES-256-GCM with a random nonce; the associated data name table, column, row, scope and key, so that
a cell copied elsewhere does not open (SECURITY 5.10). The master key lies in a file outside the
database and wraps one random key for each scope: a case, an alert, a meeting, a person.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Collection, Sequence
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import Session, col

from portal import clock
from portal.db.models import ScopeKey
from portal.errors import NotFound, OperatorError, Unavailable
from portal.texts import _

NONCE = 12
KEY = 32
DAMAGED = "The sealing key {} is damaged: restore it from escrow."
VERSION = b"\x01"


class Keyring:
    """The master keys by their identifier; the current one wraps new scope keys.

    The file they came from is looked at again when it changed, so that a process that runs through
    a rotation wraps nothing under a key that is going, and opens what the new one wrapped.
    """

    def __init__(self, current: str, keys: dict[str, bytes], path: Path | None = None) -> None:
        self._path, self._seen = path, _mark_of(path)
        self._held = (current, keys)

    @property
    def current(self) -> str:
        """Return the identifier of the key that wraps what is new."""
        return self._held[0]

    @property
    def keys(self) -> dict[str, bytes]:
        """Return the keys at hand by their identifier."""
        return self._held[1]

    def wrap(self, scope: UUID, key: bytes) -> tuple[str, bytes]:
        """Encrypt a scope's key under the current master key; returns that key's identifier too."""
        self._look_again()
        current, keys = self._held
        return current, _encrypt(keys[current], key, _bind("scope", current, str(scope)))

    def unwrap(self, row: ScopeKey) -> bytes:
        """Decrypt a scope's key.

        Raises Unavailable where its master key is not at hand, NotFound where the row was bent.
        """
        if row.master_id not in self.keys:
            self._look_again()
        if row.master_id not in self.keys:
            raise Unavailable(f"The sealing key {row.master_id} is missing from the key file.")
        aad = _bind("scope", row.master_id, str(row.scope))
        try:
            return _decrypt(self.keys[row.master_id], row.wrapped, aad)
        except InvalidTag as error:
            raise NotFound from error

    def _look_again(self) -> None:
        mark = _mark_of(self._path)
        if self._path is None or mark is None or mark == self._seen:
            return
        fresh = load_key_file(self._path)
        # What was read before a rotation ended may still need the key that went.
        self._held, self._seen = (fresh.current, {**self.keys, **fresh.keys}), mark


def _mark_of(path: Path | None) -> tuple[int, int] | None:
    """Return what changes when a file is put in another's place; None where there is no file."""
    try:
        found = path.stat() if path else None
    except FileNotFoundError:
        return None
    return (found.st_ino, found.st_mtime_ns) if found else None


def make_key_file(path: Path) -> Keyring:
    """Write a new master key, readable by its owner alone; refuses to replace one.

    Raises OperatorError where the file exists.
    """
    if path.exists():
        raise OperatorError(f"{path} exists already; rotate the key instead of replacing it.")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    name, key = new_master()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{name} {key.hex()}\n")
    return Keyring(name, {name: key}, path)


def new_master() -> tuple[str, bytes]:
    """Return a new master key and its identifier."""
    return secrets.token_hex(4), secrets.token_bytes(KEY)


def load_key_file(path: Path) -> Keyring:
    """Read the master keys, one a line as `identifier hex`; the last is the current one.

    Raises OperatorError where the file is missing or damaged.
    """
    try:
        text = path.read_text()
    except FileNotFoundError as error:
        raise OperatorError(f"The sealing key {path} is missing: run 'portal init'.") from error
    except UnicodeDecodeError as error:
        raise OperatorError(DAMAGED.format(path)) from error
    current, keys = parse_keys(text, path)
    return Keyring(current, keys, path)


def parse_keys(text: str, path: Path) -> tuple[str, dict[str, bytes]]:
    """Return the current identifier and the keys of a key file's text; raises OperatorError."""
    try:
        pairs = [line.split() for line in text.splitlines() if line.strip()]
        keys = {name: bytes.fromhex(key) for name, key in pairs}
    except ValueError as error:
        raise OperatorError(DAMAGED.format(path)) from error
    if not keys or any(len(key) != KEY for key in keys.values()):
        raise OperatorError(DAMAGED.format(path))
    return pairs[-1][0], keys


def seal(session: Session, scope: UUID, table: str, column: str, row: UUID, text: str) -> bytes:
    """Encrypt a text for one cell; makes the scope's key at its first use.

    Needs a writing session; the cell's column is named `<what>_sealed`.
    """
    key = _scope_key(session, scope, make=True)
    return VERSION + _encrypt(key, text.encode(), _cell(scope, table, column, row))


def unseal(session: Session, scope: UUID, table: str, column: str, row: UUID, cell: bytes) -> str:
    """Decrypt a cell; raises NotFound where its key was destroyed or the cell was moved."""
    key = _scope_key(session, scope, make=False)
    if cell[:1] != VERSION:
        raise NotFound
    try:
        return _decrypt(key, cell[1:], _cell(scope, table, column, row)).decode()
    except (InvalidTag, ValueError) as error:
        raise NotFound from error


def fingerprint(session: Session, scope: UUID, text: str) -> str:
    """Return the mark of a text under a scope's key: the same for the same text, telling nothing.

    For the trail, which holds no contents. Needs a writing session where the scope is new.
    """
    key = _scope_key(session, scope, make=True)
    return hmac.new(key, b"fingerprint\0" + text.encode(), hashlib.sha256).hexdigest()


def opened(
    session: Session, scope: UUID, table: str, column: str, row: UUID, cell: bytes | None
) -> str:
    """Return what a cell says for the copy of a person's data: nothing where it is empty.

    A cell whose key was destroyed says so, and the copy is made all the same.
    """
    if not cell:
        return ""
    try:
        return unseal(session, scope, table, column, row, cell)
    except NotFound:
        return _("Erased, can no longer be read")


def load_keys(session: Session, scopes: Collection[UUID]) -> Sequence[ScopeKey]:
    """Read the keys of several scopes in one statement; they serve for as long as this is kept."""
    return session.scalars(sa.select(ScopeKey).where(col(ScopeKey.scope).in_(scopes))).all()


def destroy(session: Session, scopes: Collection[UUID]) -> int:
    """Destroy the keys of scopes: no cell of theirs opens again. Returns how many there were.

    A backup holds the key still; whoever restores one erases again (`portal.retention.tombstones`).
    """
    gone = session.execute(sa.delete(ScopeKey).where(col(ScopeKey.scope).in_(scopes)))
    session.expire_all()
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _scope_key(session: Session, scope: UUID, *, make: bool) -> bytes:
    ring: Keyring = session.info["keys"]
    row = session.get(ScopeKey, scope)
    if row is not None:
        return ring.unwrap(row)
    if not make:
        raise NotFound
    if session.get_bind().dialect.name == "postgresql":
        # What a rotation that ends waits for: no key is being wrapped under the one that goes.
        session.execute(sa.text("LOCK TABLE portal_scope_key IN ROW EXCLUSIVE MODE"))
    key = secrets.token_bytes(KEY)
    master_id, wrapped = ring.wrap(scope, key)
    session.add(ScopeKey(scope=scope, wrapped=wrapped, master_id=master_id, created_at=clock.now()))
    session.flush()
    return key


def _cell(scope: UUID, table: str, column: str, row: UUID) -> bytes:
    return _bind("cell", str(scope), table, column, str(row))


def _bind(*parts: str) -> bytes:
    return "\x1f".join(parts).encode()


def _encrypt(key: bytes, clear: bytes, aad: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, clear, aad)


def _decrypt(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], aad)
