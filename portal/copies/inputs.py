"""What the forms of copies may send."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from portal.copies.models import HistoryKind, Purpose
from portal.inputs import Input, PastDay, PastMoment

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=400)]


class AskHistory(Input):
    """For what the history is taken out, as what, and how far it goes."""

    purpose: Purpose
    reason: Reason
    kind: HistoryKind
    with_names: bool = False
    with_restricted: bool = False


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=160)]


class BeginCopy(Input):
    """For which court, and which pieces go in; the court is chosen or written."""

    court_id: UUID | None = None
    court: Annotated[str, StringConstraints(strip_whitespace=True, max_length=160)] = ""
    court_number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    signer_id: UUID | None = None
    pieces: list[str] = Field(min_length=1, max_length=2000)


class ArrangeCopy(Input):
    """The places of the pieces, in the order of the page, or one piece that moves or goes."""

    piece: list[UUID] = Field(default=[], max_length=2000)
    place: list[Annotated[int, Field(ge=1, le=9999)]] = Field(default=[], max_length=2000)
    up: UUID | None = None
    down: UUID | None = None
    out: UUID | None = None
    back: UUID | None = None


class WithholdPiece(Input):
    """The resolution that keeps a piece out, and why (R 40)."""

    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=300)]


class DeliverCopy(Input):
    """When the court received it, who received it and under which number."""

    delivered_at: PastMoment
    received_by: Words
    receipt: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    late_reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""


class NoteDeclaration(Input):
    """The resolution that declares provisional unprotection, its day and measure (DL 50)."""

    resolution: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)
    ]
    declared_on: PastDay
    measure: Annotated[str, StringConstraints(strip_whitespace=True, max_length=160)] = ""
