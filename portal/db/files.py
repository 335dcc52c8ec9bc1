"""Files beside the database: encrypted piece by piece under a key of their own, by random names.

Each file has a key that only a sealed cell of the database holds; whoever deletes the row makes the
file unreadable, wherever a copy of it lies. A file is written once and never changed, but for an
upload that goes on where it was cut (`FileStore.append`).
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.errors import NotFound

PIECE = 256 * 1024
NONCE = 12
KEY = 32
LENGTH = 4
NAME = re.compile(r"^[0-9a-f]{32}$")


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it was written: its name and key, its bytes in the clear, and their hash."""

    name: str
    key: bytes
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class End:
    """Where an upload that goes on ends: bytes in the clear, bytes on disk, pieces."""

    size: int
    stored: int
    pieces: int


class FileStore:
    """The folder of an instance's files; nobody but its owner looks into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Return where a file lies; raises NotFound for a name that is none of ours."""
        if not NAME.match(name):
            raise NotFound
        return self.folder / name[:2] / name

    def begin(self) -> "Writing":
        """Begin a new file under a new key."""
        return Writing(self)

    def write(self, pieces: Iterable[bytes]) -> Written:
        """Write a new file whole; nothing stays of one that could not be written."""
        writing = self.begin()
        try:
            for piece in pieces:
                writing.write(piece)
        except BaseException:
            writing.discard()
            raise
        return writing.finish()

    def append(self, name: str, key: bytes, end: End, data: bytes) -> End:
        """Add to an upload at its known end; what a cut line left beyond that goes first."""
        place = self.path(name)
        _make_room(place.parent)
        handle = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            file.truncate(end.stored)
            file.seek(end.stored)
            number = end.pieces
            for start in range(0, len(data), PIECE):
                _put(file, key, name, number, data[start : start + PIECE])
                number += 1
            _to_disk(file)
            return End(end.size + len(data), file.tell(), number)

    def read(self, name: str, key: bytes) -> Iterator[bytes]:
        """Yield a file's pieces in the clear; raises NotFound where it is gone, cut or bent."""
        try:
            file = self.path(name).open("rb")
        except FileNotFoundError as error:
            raise NotFound from error
        pieces = _pieces(file, key, name)
        # The first piece now, so that whoever asks learns at once.
        return chain([next(pieces, b"")], pieces)

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone already is well."""
        self.path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[tuple[str, float]]:
        """Yield the name of each file here and when it was last written."""
        for path in self.folder.glob("??/*"):
            try:
                yield path.name, path.stat().st_mtime
            except FileNotFoundError:
                continue


class Writing:
    """A file that is being written; the folder knows of it from its first byte on."""

    def __init__(self, store: FileStore) -> None:
        self.name, self.key = secrets.token_hex(16), secrets.token_bytes(KEY)
        self.size, self._pieces = 0, 0
        self._store, self._waiting = store, bytearray()
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Take some bytes."""
        self._hash.update(data)
        self.size += len(data)
        self._waiting += data
        while len(self._waiting) >= PIECE:
            self._flush(bytes(self._waiting[:PIECE]))
            del self._waiting[:PIECE]
        return len(data)

    def _flush(self, piece: bytes) -> None:
        if self._file is None:
            place = self._store.path(self.name)
            _make_room(place.parent)
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(handle, "wb")
        _put(self._file, self.key, self.name, self._pieces, piece)
        self._pieces += 1

    def finish(self) -> Written:
        """Bring the last piece to the disk."""
        if self._waiting or self._file is None:
            self._flush(bytes(self._waiting))
            self._waiting.clear()
        if self._file is not None:
            _to_disk(self._file)
            self._file.close()
        return Written(self.name, self.key, self.size, self._hash.hexdigest())

    def discard(self) -> None:
        """Leave nothing of it."""
        self._waiting.clear()
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._store.remove(self.name)


def _make_room(folder: Path) -> None:
    for each in (folder.parent, folder):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _put(file: BinaryIO, key: bytes, name: str, number: int, piece: bytes) -> None:
    nonce = secrets.token_bytes(NONCE)
    sealed = nonce + AESGCM(key).encrypt(nonce, piece, _bind(name, number))
    file.write(len(sealed).to_bytes(LENGTH, "big") + sealed)


def _pieces(file: BinaryIO, key: bytes, name: str) -> Iterator[bytes]:
    cipher, number = AESGCM(key), 0
    with file:
        while head := file.read(LENGTH):
            sealed = file.read(int.from_bytes(head, "big"))
            try:
                yield cipher.decrypt(sealed[:NONCE], sealed[NONCE:], _bind(name, number))
            except (InvalidTag, ValueError) as error:
                raise NotFound from error
            number += 1


def _bind(name: str, number: int) -> bytes:
    return f"file\x1f{name}\x1f{number}".encode()
