"""Tables of alerts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, UniqueConstraint

from portal.cases.models import Priority, Situation
from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import Said, _l


class AlertStatus(StrEnum):
    """How an alert stands; overdue is never a state."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    JOINED = "joined"
    PASSED_ON = "passed_on"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"


# An alert that was passed on waits at its new authority as one that was sent does.
WAITING = (AlertStatus.SENT, AlertStatus.PASSED_ON)


class Sign(StrEnum):
    """What was seen, as plain signs; some are population groups of the programme."""

    ALONE_TONIGHT = "alone_tonight"
    INJURIES = "injuries"
    SEXUAL_VIOLENCE = "sexual_violence"
    STREET = "street"
    RECRUITMENT = "recruitment"
    PARENT_IN_PRISON = "parent_in_prison"
    PARENT_IN_HOSPITAL = "parent_in_hospital"
    ORPHAN = "orphan"
    NO_SCHOOL = "no_school"
    NO_DOCUMENT = "no_document"


class ArchiveKind(StrEnum):
    """Why an alert ends without a case (DL 1297 art. 18)."""

    NO_RISK = "no_risk"
    NOT_FOUND = "not_found"
    HOAX = "hoax"
    CUSTODY_DISPUTE = "custody_dispute"


class Alert(Identified, Versioned, table=True):
    """A child or siblings at risk, as somebody saw it, and the authority proposed.

    Where the children are and how to get there is encrypted. `learned_at` is when the sender knew
    of it, where that was said: the duty to report runs from there (R 23). `sent_at` is when the
    authority received it: procedural terms run from there (DL 1297 arts. 18–19). `list_id` names
    the list that it came in. Nobody having opened it, `called_at` is when the next on the roster
    was called and `escalated_at` when it went beyond its authority.
    """

    __tablename__ = "portal_alert"
    __table_args__ = (
        Index("ix_portal_alert_inbox", "authority_id", "status", "sent_at", "id"),
        Index("ix_portal_alert_sender", "sender_id", "created_at", "id"),
    )

    code: str = Field(max_length=12, unique=True)
    status: AlertStatus = Field(default=AlertStatus.DRAFT, sa_column=enum_column(AlertStatus))
    sender_id: UUID = Field(foreign_key="portal_agency.id")
    author_id: UUID | None = Field(default=None, foreign_key="portal_user.id")
    authority_id: UUID = Field(foreign_key="portal_agency.id")
    situation: Situation = Field(sa_column=enum_column(Situation))
    priority: Priority = Field(sa_column=enum_column(Priority))
    district: str = Field(max_length=6)
    is_here: bool = False
    signs: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    what_happens: str = Field(default="", max_length=2000)
    where_sealed: bytes
    telephone: str = Field(default="", max_length=20)
    why: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    created_at: datetime
    learned_at: datetime | None = None
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    called_at: datetime | None = None
    escalated_at: datetime | None = None
    ended_at: datetime | None = None
    case_id: UUID | None = Field(default=None, foreign_key="portal_case.id")
    list_id: UUID | None = Field(default=None, foreign_key="portal_alert_list.id", index=True)
    archive_kind: str = Field(default="", max_length=20)
    reason_sealed: bytes | None = None
    erased_at: datetime | None = None

    @property
    def reasons(self) -> list[Said]:
        """Return why it went where it went, sentence by sentence."""
        return [Said(text, facts) for text, facts in self.why[:-1]]

    @property
    def pressing(self) -> Said | None:
        """Return what the signs say of how pressing it is: the last of what is kept."""
        return Said(*self.why[-1]) if self.why else None

    @property
    def is_of_list(self) -> bool:
        """Tell whether it came in a list and is not pressing: it waits with the others of it."""
        return self.list_id is not None and self.priority is not Priority.IMMEDIATE

    def must_be(self, *states: AlertStatus) -> None:
        """Raise Conflict where it is in none of these states."""
        if self.status not in states:
            raise Conflict(_l("This alert was attended to already."))

    def send(self, at: datetime) -> None:
        """Send a draft to the authority; raises Conflict for anything else."""
        self.must_be(AlertStatus.DRAFT)
        self.status, self.sent_at = AlertStatus.SENT, at

    def accept(self, case_id: UUID, at: datetime) -> None:
        """Take it up as a case."""
        self.must_be(*WAITING)
        self.status, self.case_id, self.ended_at = AlertStatus.ACCEPTED, case_id, at

    def join(self, case_id: UUID, at: datetime) -> None:
        """Take it up in a case that exists."""
        self.must_be(*WAITING)
        self.status, self.case_id, self.ended_at = AlertStatus.JOINED, case_id, at

    def pass_on(self, authority_id: UUID) -> None:
        """Hand it to another authority, where it waits anew."""
        self.must_be(*WAITING)
        self.status = AlertStatus.PASSED_ON
        self.authority_id = authority_id
        self.opened_at = self.called_at = self.escalated_at = None

    def archive(self, kind: ArchiveKind, at: datetime) -> None:
        """End it by reasoned resolution."""
        self.must_be(*WAITING)
        self.status, self.archive_kind, self.ended_at = AlertStatus.ARCHIVED, kind.value, at

    def withdraw(self, at: datetime) -> None:
        """Take it back, by its sender."""
        self.must_be(AlertStatus.DRAFT, *WAITING)
        self.status, self.ended_at = AlertStatus.WITHDRAWN, at


class AlertChild(Identified, table=True):
    """A child of an alert."""

    __tablename__ = "portal_alert_child"
    __table_args__ = (UniqueConstraint("alert_id", "person_id"),)

    alert_id: UUID = Field(foreign_key="portal_alert.id")
    person_id: UUID = Field(foreign_key="portal_person.id", index=True)
    position: int = 0


class AlertReporter(Identified, table=True):
    """Who told it, where the identity is reserved or given (R 23.2): a sealed record of its own."""

    __tablename__ = "portal_alert_reporter"

    alert_id: UUID = Field(foreign_key="portal_alert.id", unique=True)
    is_reserved: bool = False
    name_sealed: bytes


class AlertRecipient(Identified, table=True):
    """An agency that sees an alert besides its authority: escalated to it, or handed on by it."""

    __tablename__ = "portal_alert_recipient"
    __table_args__ = (UniqueConstraint("alert_id", "agency_id"),)

    alert_id: UUID = Field(foreign_key="portal_alert.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    since: datetime


class AlertCall(Identified, table=True):
    """A person of the authority's roster who was called because nobody had opened an alert.

    Whoever was called sees it and attends to it, on duty already or not.
    """

    __tablename__ = "portal_alert_call"
    __table_args__ = (UniqueConstraint("alert_id", "user_id"),)

    alert_id: UUID = Field(foreign_key="portal_alert.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    user_id: UUID = Field(foreign_key="portal_user.id", index=True)
    at: datetime
