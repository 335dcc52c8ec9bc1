"""What the form of a search may send."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from portal.inputs import Input, refusal
from portal.people.inputs import OLDEST_YEARS
from portal.places.inputs import District
from portal.texts import _l

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]


class State(StrEnum):
    """How what is looked for stands: open or closed cases, alerts that wait."""

    OPEN = "open"
    CLOSED = "closed"
    WAITING = "waiting"


class LookFor(Input):
    """What is looked for; all of it must fit, and one thing is enough."""

    text: Text = ""
    words: Text = ""
    district: District | None = None
    age_from: int | None = Field(default=None, ge=0, le=OLDEST_YEARS)
    age_to: int | None = Field(default=None, ge=0, le=OLDEST_YEARS)
    agency_id: UUID | None = None
    state: State | None = None
    mine: bool = False

    @field_validator("age_to")
    @classmethod
    def ends_after_it_begins(cls, age_to: int | None, info: ValidationInfo) -> int | None:
        """Refuse ages that end before they begin."""
        age_from = info.data.get("age_from")
        if age_from is not None and age_to is not None and age_to < age_from:
            raise refusal(_l("The first age is greater than the second."))
        return age_to

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is looked for."""
        return not self.model_dump(exclude_defaults=True)

    @property
    def is_fine(self) -> bool:
        """Tell whether any detail besides the text was chosen."""
        return bool(self.model_dump(exclude_defaults=True, exclude={"text"}))


class SaveSearch(Input):
    """The name under which a search stays."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
