"""Tables of referrals."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, UniqueConstraint

from portal.cases.models import Priority, Right
from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l


class ReferralStatus(StrEnum):
    """How a referral (derivación) stands; overdue is never a state."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    CLOSED = "closed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class ReturnReason(StrEnum):
    """Why a receiver returns a referral."""

    NOT_COMPETENT = "not_competent"
    OUTSIDE_AREA = "outside_area"
    NO_CAPACITY = "no_capacity"
    MISSING_DATA = "missing_data"
    NOT_FOUND = "not_found"
    ALREADY_ATTENDED = "already_attended"


class Outcome(StrEnum):
    """What a health service answers, and no more: no diagnosis stands in the portal (R 52.2)."""

    APPOINTMENT = "appointment"
    ATTENDED = "attended"
    NOT_COME = "not_come"


class LetterKind(StrEnum):
    """What an oficio is for: the referral itself, or its silence, to the head of the receiver."""

    REFERRAL = "referral"
    HEAD = "head"


class Silence(StrEnum):
    """How far the silence of a receiver has led, each step after the one before."""

    NONE = "none"
    REMINDED = "reminded"
    COORDINATOR = "coordinator"
    HEAD = "head"
    COUNCIL = "council"


# What documents that hang on a referral name it as.
PIECE = "referral"
OPEN = (ReferralStatus.SENT, ReferralStatus.ACCEPTED, ReferralStatus.ANSWERED)


# Whose receiver owes something.
OWED = (ReferralStatus.SENT, ReferralStatus.ACCEPTED)

# What to do instead of an act that the state of a referral does not allow.
INSTEAD: dict[ReferralStatus, Any] = {
    ReferralStatus.DRAFT: _l("This referral was not sent yet: its sender sends it first."),
    ReferralStatus.SENT: _l(
        "This referral was not accepted yet: accept it, or return it with a reason."
    ),
    ReferralStatus.ACCEPTED: _l("This referral was accepted already: now it is answered."),
    ReferralStatus.ANSWERED: _l(
        "This referral was answered already: its sender closes it, and sends another one for what "
        "is left."
    ),
    ReferralStatus.CLOSED: _l("This referral is closed: send another one for what is left."),
    ReferralStatus.RETURNED: _l(
        "This referral was returned: its sender sends it to whom should have it."
    ),
    ReferralStatus.WITHDRAWN: _l(
        "Its sender took this referral back: nothing is asked by it any more."
    ),
}


class Referral(Identified, Versioned, table=True):
    """What is asked of an agency for children of a case, with the minimum of identity for it.

    `identity_fields` are the fields ticked for this act; the receiver sees no others. `opened_at`
    is the receipt (cargo de recepción): when the receiver first opened it, and `opened_by` whom;
    of an agency without users the sender notes it from the stamped copy, with the number that the
    receiver gave it (`receiver_number`). `answered_at` is when the last answer came, a partial one
    while the status is `accepted`. A returned one waits until its sender has sent it on or taken
    note (`settled_at`); `follows_id` is the returned one that this one sends on. `sets_right` tells
    whether it put the right in process; a notice or a report asked for does not. A unit to which
    its receiver passed it on is `to_agency_id`, and the receiver `via_agency_id`. `patient_until`
    is the last day before silence leads on (`silence`, since `silence_at`).
    """

    __tablename__ = "portal_referral"
    __table_args__ = (
        Index("ix_portal_referral_in", "to_agency_id", "status", "due_on", "id"),
        Index("ix_portal_referral_out", "from_agency_id", "status", "due_on", "id"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    from_agency_id: UUID = Field(foreign_key="portal_agency.id")
    to_agency_id: UUID = Field(foreign_key="portal_agency.id")
    sent_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    status: ReferralStatus = Field(
        default=ReferralStatus.DRAFT, sa_column=enum_column(ReferralStatus)
    )
    right: Right = Field(sa_column=enum_column(Right))
    priority: Priority = Field(sa_column=enum_column(Priority))
    asked: str = Field(max_length=2000)
    identity_fields: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    contact: str = Field(default="", max_length=120)
    proposes_team: bool = False
    due_on: date
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    opened_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    receiver_number: str = Field(default="", max_length=60)
    accepted_at: datetime | None = None
    accepted_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    return_reason: str = Field(default="", max_length=20)
    return_words: str = Field(default="", max_length=400)
    should_go_to: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    answered_at: datetime | None = None
    silence: Silence = Field(default=Silence.NONE, sa_column=enum_column(Silence))
    silence_at: datetime | None = None
    patient_until: date | None = Field(default=None, index=True)
    ended_at: datetime | None = None
    settled_at: datetime | None = None
    via_agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id", index=True)
    passed_at: datetime | None = None
    follows_id: UUID | None = Field(default=None, foreign_key="portal_referral.id", unique=True)
    sets_right: bool = True

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still owes something."""
        return self.status in OPEN

    def must_be(self, *states: ReferralStatus) -> None:
        """Raise Conflict, saying what to do instead, where it is in none of these states."""
        if self.status not in states:
            raise Conflict(INSTEAD[self.status])

    def send(self, at: datetime) -> None:
        """Send a draft."""
        self.must_be(ReferralStatus.DRAFT)
        self.status, self.sent_at = ReferralStatus.SENT, at

    def accept(self, *, by: UUID | None, at: datetime) -> None:
        """Take it on."""
        self.must_be(ReferralStatus.SENT)
        self.status, self.accepted_by, self.accepted_at = ReferralStatus.ACCEPTED, by, at

    def pass_on(self, unit_id: UUID, at: datetime) -> None:
        """Hand it to a unit of its receiver, for which it waits from then on."""
        self.must_be(ReferralStatus.SENT, ReferralStatus.ACCEPTED)
        self.via_agency_id, self.to_agency_id, self.passed_at = self.to_agency_id, unit_id, at
        self.status, self.accepted_at, self.accepted_by = ReferralStatus.SENT, None, None

    def give_back(
        self, reason: ReturnReason, words: str, should_go_to: UUID | None, at: datetime
    ) -> None:
        """Return it with a reason, naming who should have it."""
        self.must_be(ReferralStatus.SENT)
        self.status, self.ended_at = ReferralStatus.RETURNED, at
        self.return_reason, self.return_words, self.should_go_to = reason.value, words, should_go_to

    def reply(self, *, is_partial: bool, at: datetime) -> None:
        """Answer it, wholly or in part; a part leaves it accepted."""
        self.must_be(ReferralStatus.SENT, ReferralStatus.ACCEPTED)
        self.status = ReferralStatus.ACCEPTED if is_partial else ReferralStatus.ANSWERED
        self.answered_at = at

    def close(self, at: datetime) -> None:
        """End it once answered, by its sender."""
        self.must_be(ReferralStatus.ANSWERED)
        self.status, self.ended_at = ReferralStatus.CLOSED, at

    def settle(self, at: datetime) -> None:
        """Take note that it was returned, by its sender."""
        self.must_be(ReferralStatus.RETURNED)
        if self.settled_at is not None:
            raise Conflict(_l("This returned referral was dealt with already."))
        self.settled_at = at

    def withdraw(self, at: datetime) -> None:
        """Take it back before it is accepted, by its sender."""
        self.must_be(ReferralStatus.DRAFT, ReferralStatus.SENT)
        self.status, self.ended_at = ReferralStatus.WITHDRAWN, at


class ReferralAnswer(Identified, table=True):
    """An answer, whole or in part, with its document; a later one adds and replaces nothing.

    `for_them` marks one that the sender entered for an agency without users: `agency_id` and
    `by_id` are always of whoever entered it.
    """

    __tablename__ = "portal_referral_answer"
    __table_args__ = (Index("ix_portal_referral_answer_at", "referral_id", "at"),)

    referral_id: UUID = Field(foreign_key="portal_referral.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    by_id: UUID | None = Field(default=None, foreign_key="portal_user.id")
    for_them: bool = False
    at: datetime
    answer: str = Field(default="", max_length=2000)
    document: str = Field(default="", max_length=120)
    dated: date | None = None
    outcome: Outcome | None = Field(default=None, sa_column=enum_column(Outcome, nullable=True))
    appointment_on: date | None = None
    is_partial: bool = False
    restores: bool = False


class ReferralChild(Identified, table=True):
    """A child for whom a referral asks."""

    __tablename__ = "portal_referral_child"
    __table_args__ = (UniqueConstraint("referral_id", "person_id"),)

    referral_id: UUID = Field(foreign_key="portal_referral.id")
    person_id: UUID = Field(foreign_key="portal_person.id")


class Letter(Identified, table=True):
    """An oficio: its number in its agency's series of the year, who signs it, to whom it goes.

    Its text is that of the referral; nothing of it is kept here.
    """

    __tablename__ = "portal_letter"
    __table_args__ = (UniqueConstraint("agency_id", "year", "number"),)

    referral_id: UUID = Field(foreign_key="portal_referral.id", index=True)
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    to_agency_id: UUID = Field(foreign_key="portal_agency.id")
    kind: LetterKind = Field(sa_column=enum_column(LetterKind))
    year: int
    number: int
    signer_id: UUID | None = Field(default=None, foreign_key="portal_signer.id")
    made_at: datetime
