"""On what documents may hang: each context says who sees its kind of piece (`register`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from portal.actor import Actor

Seen = Callable[[Actor], sa.ColumnElement[bool]]

ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class Piece:
    """A kind of piece: who sees one, what people call it, and where its pages begin.

    What hangs on a frozen one stays as it is, and finds room in a case that is full.
    """

    seen: Seen
    label: Any
    pages: str
    is_frozen: bool = False

    def url(self, piece_id: UUID) -> str:
        """Return the address of one."""
        return f"{self.pages}/{piece_id}"


_known: dict[str, Piece] = {}


def register(kind: str, seen: Seen, *, label: Any, pages: str, is_frozen: bool = False) -> None:
    """Let documents hang on a kind of piece.

    `seen(actor)` is the condition under which the actor sees the piece of a `Document` row, such as
    `exists().where(Commitment.id == Document.piece_id, visible_commitments(actor))`.
    """
    _known[kind] = Piece(seen, label, pages, is_frozen)


def known() -> Mapping[str, Piece]:
    """Return what documents may hang on beside entries of the timeline, by kind."""
    return _known


def frozen() -> list[str]:
    """Return the kinds of pieces whose documents stay as they are."""
    return [kind for kind, piece in _known.items() if piece.is_frozen]
