"""Tables of the signs on a case, and of the notices that they oblige to give."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index

from portal import clock
from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l


class Sign(StrEnum):
    """What was found on a case, or became of it, and obliges whoever leads it to tell others."""

    CRIME = "crime"
    SEXUAL_VIOLENCE = "sexual_violence"
    INJURIES = "injuries"
    TRAFFICKING = "trafficking"
    FAMILY_VIOLENCE = "family_violence"
    SCHOOL_STAFF = "school_staff"
    FOREIGN_CHILD = "foreign_child"
    MISSING = "missing"
    UNPROTECTION = "unprotection"
    GIVEN_UP = "given_up"
    NEWBORN_HANDED = "newborn_handed"
    PRISON_MISTREATMENT = "prison_mistreatment"
    CONCLUSION = "conclusion"


# What somebody finds and records; a conclusion comes of itself when a case closes.
FOUND = tuple(each for each in Sign if each is not Sign.CONCLUSION)


class DutyStatus(StrEnum):
    """How a notice stands; late is never a state, it is computed."""

    OWED = "owed"
    SENT = "sent"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    DROPPED = "dropped"


class Channel(StrEnum):
    """How it was given: as a referral in the portal, or by an oficio outside it."""

    REFERRAL = "referral"
    LETTER = "letter"


OPEN = (DutyStatus.OWED, DutyStatus.SENT)


class CaseSign(Identified, table=True):
    """A sign on a case, or on one of its children, since it is known; withdrawn where mistaken.

    Without `recorded_by` it came with the alert.
    """

    __tablename__ = "portal_case_sign"
    __table_args__ = (Index("ix_portal_case_sign_case_id", "case_id", "sign"),)

    case_id: UUID = Field(foreign_key="portal_case.id")
    person_id: UUID | None = Field(default=None, foreign_key="portal_person.id", index=True)
    sign: Sign = Field(sa_column=enum_column(Sign))
    known_at: datetime
    recorded_at: datetime
    recorded_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = Field(default=None, foreign_key="portal_user.id")

    def must_stand(self) -> None:
        """Raise Conflict where it was withdrawn."""
        if self.withdrawn_at is not None:
            raise Conflict(_l("This sign was withdrawn already."))


class Duty(Identified, Versioned, table=True):
    """A notice that the institution in charge owes, by a rule of the catalogue, until confirmed.

    It is met when the addressee's own document is known (`answer_document`, `answer_dated`).
    `steps` explain how its last hour was counted. `told_late_at` is when its coordinators were told
    that the term had passed.
    """

    __tablename__ = "portal_duty"
    __table_args__ = (
        Index("ix_portal_duty_case_id", "case_id", "rule_code"),
        Index("ix_portal_duty_open", "status", "due_at"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id")
    sign_id: UUID = Field(foreign_key="portal_case_sign.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="portal_person.id", index=True)
    rule_code: str = Field(max_length=60)
    status: DutyStatus = Field(default=DutyStatus.OWED, sa_column=enum_column(DutyStatus))
    known_at: datetime
    due_on: date
    due_at: datetime
    steps: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    addressee: str = Field(default="", max_length=160)
    channel: Channel | None = Field(default=None, sa_column=enum_column(Channel, nullable=True))
    referral_id: UUID | None = Field(default=None, foreign_key="portal_referral.id", index=True)
    letter_document: str = Field(default="", max_length=120)
    letter_dated: date | None = None
    sent_at: datetime | None = None
    sent_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    answer_document: str = Field(default="", max_length=120)
    answer_dated: date | None = None
    confirmed_at: datetime | None = None
    refusal: str = Field(default="", max_length=400)
    refused_at: datetime | None = None
    refused_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    told_late_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it is still to be given or confirmed."""
        return self.status in OPEN

    @property
    def is_late(self) -> bool:
        """Tell whether nobody has confirmed it past its term."""
        return self.is_open and self.due_at < clock.now()

    @property
    def may_be_sent(self) -> bool:
        """Tell whether it is still to be given, or a letter without an answer is sent again."""
        again = self.status is DutyStatus.SENT and self.channel is Channel.LETTER
        return again or self.status in (DutyStatus.OWED, DutyStatus.REFUSED)

    @property
    def may_be_confirmed(self) -> bool:
        """Tell whether the addressee's document is still to be noted."""
        return self.status is DutyStatus.SENT

    @property
    def may_be_refused(self) -> bool:
        """Tell whether it is still to be decided that nobody is told."""
        return self.status is DutyStatus.OWED

    @staticmethod
    def must_be(so: bool) -> None:
        """Raise Conflict where it is no longer in the state that an act asks for."""
        if not so:
            raise Conflict(_l("This notice is no longer in that state. Look at it again."))

    def _send(self, by: UUID | None, at: datetime) -> None:
        self.must_be(self.may_be_sent)
        self.status, self.sent_at, self.sent_by = DutyStatus.SENT, at, by
        self.refusal, self.refused_at, self.refused_by = "", None, None

    def refer(self, referral_id: UUID, agency_id: UUID, *, by: UUID | None, at: datetime) -> None:
        """Give it as a referral."""
        self._send(by, at)
        self.channel, self.referral_id = Channel.REFERRAL, referral_id
        self.agency_id, self.addressee = agency_id, ""
        self.letter_document, self.letter_dated = "", None

    def write_to(
        self,
        agency_id: UUID | None,
        addressee: str,
        document: str,
        dated: date,
        *,
        by: UUID | None,
        at: datetime,
    ) -> None:
        """Give it by an oficio with its number and date."""
        self._send(by, at)
        self.channel, self.referral_id = Channel.LETTER, None
        self.agency_id, self.addressee = agency_id, addressee
        self.letter_document, self.letter_dated = document, dated

    def come_back(self) -> None:
        """Owe it again: its referral was returned or taken back."""
        if self.status is DutyStatus.SENT:
            self.status, self.channel, self.referral_id = DutyStatus.OWED, None, None
            self.agency_id, self.sent_at, self.sent_by = None, None, None

    def confirm(self, document: str, dated: date | None, at: datetime) -> None:
        """Note the addressee's own document."""
        self.must_be(self.may_be_confirmed)
        self.status, self.confirmed_at = DutyStatus.CONFIRMED, at
        self.answer_document, self.answer_dated = document, dated

    def refuse(self, reason: str, *, by: UUID | None, at: datetime) -> None:
        """Decide with a reason that it is not given."""
        self.must_be(self.may_be_refused)
        self.status, self.refusal = DutyStatus.REFUSED, reason
        self.refused_at, self.refused_by = at, by

    def drop(self) -> None:
        """End it unsent: its sign was a mistake."""
        if self.status is DutyStatus.OWED:
            self.status = DutyStatus.DROPPED
