"""Pure decisions about plans: what stood in which version, and how two versions differ.

A line (an objective or an activity) stands from version `since` until before version `until`. What
is in preparation is the version after the one in force, so that approving it changes no line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar
from uuid import UUID


class Line(Protocol):
    """What a version holds: an objective or an activity; `line_id` stays through changes."""

    line_id: UUID
    since: int
    until: int | None


L = TypeVar("L", bound=Line)


class Mark(StrEnum):
    """How a line of a version differs from the version before."""

    SAME = ""
    ADDED = "added"
    CHANGED = "changed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Compared(Generic[L]):
    """A line of a version, or one that it dropped, beside what stood before."""

    line: L
    mark: Mark
    before: L | None = None


def stands_in(line: Line, number: int) -> bool:
    """Tell whether a line stands in a version."""
    return line.since <= number and (line.until is None or line.until > number)


def must_go(line: Line, number: int) -> bool:
    """Let a line stand no more from a version in preparation on.

    Returns whether its row is to be deleted, because it stood in no version before.
    """
    if line.since == number:
        return True
    line.until = number
    return False


def standing(lines: Iterable[L], number: int) -> list[L]:
    """Return the lines of a version, in the order in which they were first written."""
    written = list(lines)
    order = {line_id: place for place, line_id in enumerate(_lines_of(written))}
    found = [line for line in written if stands_in(line, number)]
    return sorted(found, key=lambda line: order[line.line_id])


def _lines_of(written: Iterable[Line]) -> dict[UUID, None]:
    return dict.fromkeys(line.line_id for line in written)


def compare(lines: Sequence[L], number: int) -> list[Compared[L]]:
    """Return the lines of a version as they differ from the version before, and what it dropped."""
    before = {line.line_id: line for line in standing(lines, number - 1)}
    found: list[Compared[L]] = []
    for line in standing(lines, number):
        old = before.pop(line.line_id, None)
        if old is None:
            found.append(Compared(line, Mark.ADDED if number > 1 else Mark.SAME))
        else:
            mark = Mark.CHANGED if line.since == number else Mark.SAME
            found.append(Compared(line, mark, old))
    return found + [Compared(old, Mark.DROPPED, old) for old in before.values()]
