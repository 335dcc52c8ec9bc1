"""What the forms of a referral may send."""

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints

from portal.cases.models import Priority, Right
from portal.inputs import Input
from portal.referrals.models import Outcome, ReturnReason
from portal.referrals.rules import IdentityField

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]


class SendReferral(Input):
    """What is asked of whom, for which children and right, by when, with which identity."""

    to_agency_id: UUID
    asked: Words
    person_ids: list[UUID] = Field(min_length=1)
    right: Right
    priority: Priority = Priority.REGULAR
    due_on: date
    identity_fields: list[IdentityField] = Field(default_factory=list)
    contact: Short = ""
    proposes_team: bool = False


class PassReferral(Input):
    """To which of its own units an institution hands a referral."""

    unit_id: UUID


class ReturnReferral(Input):
    """Why it goes back, and who should have it."""

    reason: ReturnReason
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
    should_go_to: UUID | None = None


class AnswerReferral(Input):
    """The answer in words, with its document; whether the right is restored by it."""

    answer: Words
    document: Short = ""
    dated: date | None = None
    is_partial: bool = False
    restores: bool = False
    outcome: ClassVar[Outcome | None] = None
    appointment_on: ClassVar[date | None] = None


class AnswerHealth(Input):
    """What a health service answers: appointment, attended or not come; no diagnosis (R 52.2)."""

    outcome: Outcome
    appointment_on: date | None = None
    answer: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""
    document: Short = ""
    dated: date | None = None
    restores: bool = False

    @property
    def is_partial(self) -> bool:
        """Tell whether more is to come: an appointment is kept or missed later."""
        return self.outcome is Outcome.APPOINTMENT


class NoteReceipt(Input):
    """The number that the receiver gave it; of one without users, when it was received as well."""

    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    received_at: datetime | None = None
