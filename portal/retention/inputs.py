"""What the forms of retention may send."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from portal import clock
from portal.actor import AgencyKind
from portal.inputs import Input, PastDay, refusal
from portal.retention.accounts import ANSWERABLE_YEARS
from portal.retention.models import CountedFrom, Ground, RecordKind
from portal.texts import _l

MOST_YEARS = 120
SHORTEST_DOCUMENT = 5

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=400)]
Document = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=120)]
Norm = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=200)]
Code = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=2, max_length=60)
]


class EnterRule(Input):
    """For how long a kind of record is kept, from when, for whom, and what says so."""

    record: RecordKind
    years: int = Field(ge=0, le=MOST_YEARS)
    counted_from: CountedFrom
    agency_kind: AgencyKind | None = None
    agency_id: UUID | None = None
    norm: Norm
    norm_on: PastDay
    doubt: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""

    @field_validator("record")
    @classmethod
    def ends_by_rule(cls, record: RecordKind) -> RecordKind:
        """Refuse a rule for one child of a case: a rule ends the case as a whole."""
        if record is RecordKind.CHILD:
            raise refusal(_l("A rule ends a case as a whole."))
        return record

    @field_validator("years")
    @classmethod
    def long_enough(cls, years: int, info: ValidationInfo) -> int:
        """Refuse to forget an account before who looked need be answerable no longer."""
        if info.data.get("record") is RecordKind.ACCOUNT and years < ANSWERABLE_YEARS:
            raise refusal(
                _l("Two years at least: until then who looked must be answerable (art. 46).")
            )
        return years

    @field_validator("counted_from")
    @classmethod
    def of_a_child(cls, counted: CountedFrom, info: ValidationInfo) -> CountedFrom:
        """Refuse to count an account from somebody's majority."""
        if info.data.get("record") is RecordKind.ACCOUNT and counted is CountedFrom.MAJORITY:
            raise refusal(_l("An account is counted from the day on which the person left."))
        return counted


class WithdrawRule(Input):
    """Why a rule no longer holds."""

    reason: Reason


class PlaceHold(Input):
    """What a hold keeps: a record by its code, alone or with every record of its children."""

    code: Code
    with_children: bool = False
    document: Document
    reason: Reason
    until: date | None = None

    @field_validator("until")
    @classmethod
    def still_ahead(cls, until: date | None) -> date | None:
        """Refuse a hold that has ended already."""
        if until is not None and until < clock.today():
            raise refusal(_l("This day has passed."))
        return until


class LiftHold(Input):
    """Why a hold no longer stands."""

    reason: Reason


class ProposeErasure(Input):
    """Which records are to be erased, on what ground, and why."""

    record_ids: list[UUID] = Field(min_length=1, max_length=200)
    ground: Ground
    document: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = Field(
        default="", validate_default=True
    )
    reason: Reason

    @field_validator("document")
    @classmethod
    def names_the_decision(cls, document: str, info: ValidationInfo) -> str:
        """Ask for the decision that granted a cancellation."""
        if info.data.get("ground") is Ground.CANCELLATION and len(document) < SHORTEST_DOCUMENT:
            raise refusal(_l("Write the number and date of the decision that granted it."))
        return document


class DecideErasure(Input):
    """Why an erasure is approved, refused or withdrawn."""

    reason: Reason
