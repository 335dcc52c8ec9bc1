"""What the forms about privacy may send."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from portal.privacy.models import Nature

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
Document = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Za-z]{6,15}$", max_length=15)
]
Surname = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]


class Finding(BaseModel):
    """What the privacy officer found of an unusual reading, and on what."""

    outcome: Literal["explained", "not_explained"]
    words: Words


class Said(BaseModel):
    """What the reader says of it; nobody has to."""

    words: Words


class Kin(BaseModel):
    """A relative's document."""

    document: Document


class Declare(BaseModel):
    """What a person declares, so that the watch may keep them from what is theirs."""

    first_surname: Surname = ""
    second_surname: Surname = ""
    district: Annotated[str, StringConstraints(pattern=r"^(|\d{6})$")] = ""
    document: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^(|\d{8})$")] = ""
    kin: list[Kin] = []


class OpenIncident(BaseModel):
    """Whose account, from when until when, when it became known, what happened."""

    user_id: UUID
    nature: Nature
    since: datetime
    until: datetime
    known_at: datetime
    happened: Words


class Describe(BaseModel):
    """What a person must write of an incident (DS 016-2024-JUS art. 34)."""

    happened: Words
    consequences: Words
    measures: Words
    contact: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
