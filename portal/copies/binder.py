"""Runs `binding` in a process of its own: what it is given, and what comes back."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.copies import binding
from portal.db.files import PIECE, FileStore, Written
from portal.documents.apart import apart, give

SECONDS = {"measure": 45.0, "bind": 200.0}


class Unbound(Exception):
    """What was given cannot be put on paper; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Part:
    """A file to put on folios: what it is, its bytes, and on which sheets of the whole."""

    kind: str
    size: int
    pieces: Iterable[bytes]
    at: Sequence[int]


def measure(kind: str, pieces: Iterable[bytes]) -> list[tuple[float, float]]:
    """Return how wide and high each page of a file is; raises Unbound."""
    with _binding("measure", kind) as process:
        give(process, pieces)
        told = _told(process.stdout.readline())
    return [(float(width), float(height)) for width, height in told["pages"]]


def bind(
    store: FileStore,
    base: bytes,
    parts: Sequence[Part],
    *,
    sheets: int,
    outline: Sequence[tuple[str, int]],
) -> Written:
    """Return the finished copy, encrypted in the store; raises Unbound and leaves nothing.

    `sheets` is how many pages the base has beside the index, which stands behind the first.
    """
    head = {
        "base": len(base),
        "sheets": sheets,
        "parts": [{"kind": each.kind, "size": each.size, "at": list(each.at)} for each in parts],
        "outline": [list(each) for each in outline],
    }
    with _binding("bind") as process:
        give(process, _all(json.dumps(head).encode() + b"\n", base, parts))
        _told(process.stdout.readline())
        written = store.write(iter(lambda: process.stdout.read(PIECE), b""))
        process.wait()
    if process.returncode != 0:
        store.remove(written.name)
        raise Unbound("broken")
    return written


def _all(head: bytes, base: bytes, parts: Sequence[Part]) -> Iterator[bytes]:
    yield head
    yield base
    for each in parts:
        yield from each.pieces


def _told(line: bytes) -> dict[str, Any]:
    """Return what the process says; one that broke off found the file unreadable."""
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise Unbound("unreadable") from error
    if code := told.get("refused"):
        raise Unbound(str(code))
    return told


def _binding(*words: str) -> AbstractContextManager[Any]:
    return apart(Path(binding.__file__), *words, seconds=SECONDS[words[0]])
