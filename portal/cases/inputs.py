"""What the forms of a case may send."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from portal.cases.models import (
    CaseEnding,
    Circle,
    EntryKind,
    Placement,
    PopulationGroup,
    Priority,
    RightState,
    Situation,
)
from portal.inputs import Input, PastDay, refusal
from portal.places.inputs import District
from portal.texts import _l

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]


class EditCase(Input):
    """The head of a case."""

    situation: Situation
    priority: Priority
    district: District
    groups: Annotated[list[PopulationGroup], AfterValidator(sorted)] = Field(default_factory=list)
    summary: Text = ""


class WriteEntry(Input):
    """An entry of the timeline, with who will read it."""

    kind: EntryKind = EntryKind.NOTE
    circle: Circle = Circle.TEAM
    happened_at: datetime | None = None
    person_id: UUID | None = None
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000)]
    readers: list[UUID] = Field(default_factory=list)


class CorrectEntry(Input):
    """What the entry should have said; what it said stays, struck."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000)]


class AskEntries(Input):
    """Which entries of a timeline are shown: of a type, an institution, a person, some days."""

    kind: EntryKind | None = None
    agency: UUID | None = None
    author: UUID | None = None
    since: date | None = None
    until: date | None = None

    @field_validator("until")
    @classmethod
    def not_before(cls, until: date | None, info: ValidationInfo) -> date | None:
        """Refuse an end before the beginning."""
        since = info.data.get("since")
        if until is not None and since is not None and until < since:
            raise refusal(_l("The last day is before the first."))
        return until


class StrikeEntry(Input):
    """Why an entry is struck; it stays readable."""

    reason: Reason


class SetRight(Input):
    """How a right stands and since when, who answers for it and what comes next.

    `also` are the siblings for whom the same holds.
    """

    state: RightState
    since: PastDay | None = None
    agency_id: UUID | None = None
    next_step: Line = ""
    evidence: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""
    also: list[UUID] = Field(default_factory=list)


class SetPlacement(Input):
    """With whom the child is; the whereabouts are sealed."""

    placement: Placement
    whereabouts: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""


class MeetTerm(Input):
    """The act was done; a late one says why (the act stays valid, TUO of Ley 27444 art. 140.3)."""

    late_reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""


class SuspendTerm(Input):
    """On what norm or resolution a term stands still, and why."""

    basis: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=120)]
    reason: Reason


class HowItEnded(Input):
    """How it ended; `since` and `visit_on` are asked of a return to the family."""

    ending: CaseEnding | None = None
    since: PastDay | None = None
    visit_on: date | None = None
    lacking_reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""


class EndChild(HowItEnded):
    """How it ended for one child, where it is otherwise than for all."""

    person_id: UUID


class EndCase(HowItEnded):
    """How it ended for all of the children or for some, and on what norm."""

    children: list[EndChild] = Field(default_factory=list)
    basis: Line = ""


class CloseCase(EndCase):
    """How a case ended, by which resolution, and why."""

    document: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
    dated: PastDay
    explanation: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)
    ]


class Reopen(Input):
    """Why a case is taken up again, and whether no resolution had concluded it."""

    reason: Reason
    by_mistake: bool = False


class GiveReason(Input):
    """A reason alone."""

    reason: Reason
