"""What the forms about a family may send."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from portal.cases.models import Placement
from portal.family.models import Parting, Relation
from portal.inputs import Input, PastDay, refusal
from portal.people.inputs import PersonDetails, PersonInput, PersonName
from portal.texts import _l

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Place = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]

MOST_CHILDREN = 12
MOST_ADULTS = 8


class AdultRow(PersonInput):
    """An adult of a family, in the form that registers all of it."""

    relation: Relation
    lives_with: bool = False
    is_caregiver: bool = False
    has_died: bool = False
    note: Line = ""


class RegisterFamily(Input):
    """Siblings and the adults around them: what they share is written once.

    The shared surnames stand for a child of whom neither surname is written; the relation of each
    adult is to all the children of the case.
    """

    first_surname: PersonName = ""
    second_surname: PersonName = ""
    people: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    language: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    interpreter_needed: bool = False
    children: list[PersonInput] = Field(default_factory=list, max_length=MOST_CHILDREN)
    placement: Placement | None = None
    whereabouts: Place = ""
    adults: list[AdultRow] = Field(default_factory=list, max_length=MOST_ADULTS)
    said_by: Short = ""


class EditRelative(Input):
    """What a person is to the children, in which days, and who said so."""

    relation: Relation
    child_ids: list[UUID] = Field(default_factory=list)
    lives_with: bool = False
    is_caregiver: bool = False
    since: PastDay | None = None
    until: date | None = None
    said_by: Short = ""
    note: Line = ""
    parting: Parting | None = None

    @field_validator("until")
    @classmethod
    def ends_after_it_began(cls, until: date | None, info: ValidationInfo) -> date | None:
        """Refuse an end before the beginning."""
        since = info.data.get("since")
        if until is not None and since is not None and until < since:
            raise refusal(_l("It cannot end before it began."))
        return until

    @field_validator("parting")
    @classmethod
    def is_of_a_parent(cls, parting: Parting | None, info: ValidationInfo) -> Parting | None:
        """Refuse it of whoever is neither mother nor father."""
        relation = info.data.get("relation")
        if parting is not None and relation not in (None, Relation.MOTHER, Relation.FATHER):
            raise refusal(_l("Only of a mother or a father: leave it empty here."))
        return parting


class AddRelative(EditRelative, PersonDetails):
    """One more person of the family, with what is known of the identity."""

    whereabouts: Place = ""
    whereabouts_open: bool = False


class SetWhereabouts(Input):
    """Where a relative is and how to reach them; read by few unless it is open."""

    whereabouts: Place = ""
    whereabouts_open: bool = False


class StrikeRelative(Input):
    """Why somebody is struck from the family; the row stays."""

    reason: Reason
