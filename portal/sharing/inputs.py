"""What the forms about who sees a case may send."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from portal.cases.models import Circle, Level, Verdict
from portal.inputs import Input, refusal
from portal.people.inputs import PersonName
from portal.places.inputs import read_district
from portal.texts import _l

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=400)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
Known = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=24)]


def _district(value: object) -> object:
    return read_district(value) if value else ""


class AskEmergency(Input):
    """What is known of a case tonight (its code, a document, or an exact identity) and why."""

    known: Known = ""
    reason: Reason
    given_names: PersonName = ""
    first_surname: PersonName = ""
    second_surname: PersonName = ""
    born_on: date | None = None
    district: Annotated[str, BeforeValidator(_district)] = ""

    @model_validator(mode="after")
    def says_enough(self) -> Self:
        """Refuse a search: a code or number, or the whole of names, birth date and district."""
        names = self.given_names and self.first_surname
        if not self.known and not (names and self.born_on and self.district):
            raise refusal(
                _l("Write the case code or document number; or names, birth date and district.")
            )
        return self

    @property
    def by_identity(self) -> bool:
        """Tell whether a child is looked for, rather than a case by its code."""
        return "-" not in self.known


class Review(Input):
    """What a review of an emergency access found."""

    verdict: Verdict
    words: Words


class ShareWith(Input):
    """An institution to bring onto the case: at what level, on what basis, until what day."""

    agency_id: UUID
    level: Level = Level.INFORMED
    norm: Annotated[str, StringConstraints(max_length=40)] = ""
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    until: date | None = None


class ChangeParty(Input):
    """What an institution is on the case from now on."""

    level: Level
    norm: Annotated[str, StringConstraints(max_length=40)] = ""
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    until: date | None = None


class BarPerson(Input):
    """Who is barred from a case, by exact user name, and why."""

    username: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    reason: Words


class GiveWords(Input):
    """A reason alone."""

    reason: Words


class DeclineLead(Input):
    """In whose favour competence of a case is declined, why, and that no child waits for it."""

    agency_id: UUID
    reason: Reason
    is_safe: bool = False


class AcceptLead(Input):
    """Taking a declined case in charge asks for nothing but the word."""


class Assign(Input):
    """Colleagues to put on a case."""

    user_ids: Annotated[list[UUID], Field(min_length=1, max_length=30)]


class MoveEntry(Input):
    """Who may read a piece from now on, and why where more people will."""

    circle: Circle
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""
    readers: list[UUID] = Field(default_factory=list)


class NameReaders(Input):
    """Who else may open a piece of restricted access, and why."""

    readers: list[UUID] = Field(default_factory=list)
    username: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    reason: Words


class OpenStaffSession(Input):
    """Which agency an administrator must look at, and why."""

    agency_id: UUID
    reason: Reason
