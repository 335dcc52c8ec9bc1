"""What the forms about privacy may send."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from portal.inputs import Input, PastMoment, shaped
from portal.privacy.models import (
    Authority,
    Decision,
    Nature,
    OrderKind,
    Piece,
    RequestKind,
    Standing,
)
from portal.texts import _l

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
Document = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=15),
    shaped(r"[0-9A-Za-z]{6,15}", _l("Write 6 to 15 digits or letters, without spaces.")),
]
Surname = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]


class Finding(Input):
    """What the privacy officer found of an unusual reading, and on what."""

    outcome: Literal["explained", "not_explained"]
    words: Words


class Said(Input):
    """What the reader says of it; nobody has to."""

    words: Words


class Kin(Input):
    """A relative's document; a blank row is dropped, so the page asks for none."""

    document: Document = Field(default="", validate_default=True)


class Declare(Input):
    """What a person declares, so that the watch may keep them from what is theirs."""

    first_surname: Surname = ""
    second_surname: Surname = ""
    district: Annotated[str, StringConstraints(pattern=r"^(|\d{6})$")] = ""
    document: Annotated[
        str,
        StringConstraints(strip_whitespace=True),
        shaped(r"(\d{8})?", _l("Write the eight digits of the DNI.")),
    ] = ""
    kin: list[Kin] = []


class OpenIncident(Input):
    """Whose account, from when until when, when it became known, what happened."""

    user_id: UUID
    nature: Nature
    since: datetime
    until: datetime
    known_at: PastMoment
    happened: Words


class Describe(Input):
    """What a person must write of an incident (DS 016-2024-JUS art. 34)."""

    happened: Words
    consequences: Words
    measures: Words
    contact: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Names = Annotated[str, StringConstraints(max_length=2000)]


class RegisterOrder(Input):
    """An order of an authority: which, of whom, what, how far, and who else is named in it.

    `names` are third parties whom the texts name, one a line: they are reduced to initials.
    """

    kind: OrderKind
    authority: Annotated[Line, StringConstraints(min_length=3)]
    order_number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    dated: date | None = None
    asked: Words
    person_ids: list[UUID] = Field(min_length=1)
    pieces: list[Piece] = Field(min_length=1)
    since: date | None = None
    until: date | None = None
    names: Names = ""

    @property
    def thirds(self) -> list[str]:
        """Return the names, one by one."""
        return lines_of(self.names)


class Reason(Input):
    """On what somebody agrees or refuses."""

    outcome: Literal["agree", "refuse"]
    reason: Words


class RegisterRequest(Input):
    """Who asks what of whose data, how the person was identified, and when it was received."""

    kind: RequestKind
    person_id: UUID
    standing: Standing
    who: Annotated[Line, StringConstraints(min_length=3)]
    identified: Annotated[Line, StringConstraints(min_length=3)]
    asked: Words
    received_at: PastMoment


class DecideRequest(Input):
    """Who asks in law, what is given, and why."""

    authority: Authority
    decision: Literal[Decision.GRANTED, Decision.REFUSED]
    pieces: list[Piece] = []
    names: Names = ""
    reason: Words

    @property
    def thirds(self) -> list[str]:
        """Return the names, one by one."""
        return lines_of(self.names)


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]
