"""Tombstones outside the database: a file beside it, so that a restored backup erases again.

A line is written and synchronised before the erasure is committed. A crash between the two leaves a
line whose record still stands, and what two people approved is done at the next start. Each line
carries the hash of the one before, so that a line that was taken out is noticed.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from portal.errors import OperatorError

FILE = "tombstones.jsonl"
BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Stone:
    """One erased record as the file keeps it; identifiers as text, `at` an ISO instant in UTC."""

    record: str
    record_id: str
    salt: str
    code_hash: str
    agency_id: str
    ground: str
    rule_id: str
    erasure_id: str
    proposed_by: str
    decided_by: str
    at: str


def append(folder: Path, stones: Iterable[Stone]) -> None:
    """Write lines to the file, durably; a record that stands there already is left."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / FILE
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = _whole(file.read())
        file.truncate(len(text.encode()))
        lines = text.splitlines()
        known = {each.record_id for each in _parse(lines, path)}
        before = _hash(lines[-1]) if lines else BEGINNING
        for stone in stones:
            if stone.record_id in known:
                continue
            line = json.dumps({**asdict(stone), "before": before}, sort_keys=True)
            file.write(line + "\n")
            known.add(stone.record_id)
            before = _hash(line)
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path) -> list[Stone]:
    """Return the file's lines; raises OperatorError where one is damaged or missing."""
    path = folder / FILE
    return _parse(_whole(path.read_text()).splitlines(), path) if path.exists() else []


def _whole(text: str) -> str:
    """Leave out a last line that a crash cut off: its erasure was never committed."""
    return text[: text.rfind("\n") + 1]


def _parse(lines: list[str], path: Path) -> list[Stone]:
    stones, before = [], BEGINNING
    for number, line in enumerate(lines, 1):
        try:
            values = json.loads(line)
            if values.pop("before") != before:
                raise ValueError(number)
            stones.append(Stone(**values))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise OperatorError(
                f"{path}, line {number}: damaged or missing; take the file from a later backup."
            ) from error
        before = _hash(line)
    return stones


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
