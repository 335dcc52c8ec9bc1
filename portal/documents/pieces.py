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
    """A kind of piece: who sees one, what people call it, and where its pages begin."""

    seen: Seen
    label: Any
    pages: str

    def url(self, piece_id: UUID) -> str:
        """Return the address of one."""
        return f"{self.pages}/{piece_id}"


_known: dict[str, Piece] = {}


def register(kind: str, seen: Seen, *, label: Any, pages: str) -> None:
    """Let documents hang on a kind of piece.

    `seen(actor)` is the condition under which the actor sees the piece of a `Document` row, such as
    `exists().where(Commitment.id == Document.piece_id, visible_commitments(actor))`.
    """
    _known[kind] = Piece(seen, label, pages)


def known() -> Mapping[str, Piece]:
    """Return what documents may hang on beside entries of the timeline, by kind."""
    return _known
