"""Tables of retention: how long records are kept, what holds them, and how they end.

No period is fixed by law for these files (Ley 25323: each institution's programme of archives), so
rules are rows, none at first. What is left of an erased record is a tombstone without a person.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, UniqueConstraint

from portal.actor import AgencyKind
from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l


class RecordKind(StrEnum):
    """What is kept and ends as a whole: a case with its alerts, an alert that became none.

    Or the account of a person who worked here and left, or one child's part in a case of several.
    """

    CASE = "case"
    ALERT = "alert"
    ACCOUNT = "account"
    CHILD = "child"


class CountedFrom(StrEnum):
    """From when the years of a rule run."""

    CLOSING = "closing"
    MAJORITY = "majority"


class Ground(StrEnum):
    """On what a record is erased: its term has passed, or a cancellation was granted."""

    RULE = "rule"
    CANCELLATION = "cancellation"


class ErasureStatus(StrEnum):
    """How an erasure stands; what it still has to do is computed from its records."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ItemStatus(StrEnum):
    """How one record of an erasure stands; a kept one is kept by what arose after the plan."""

    PLANNED = "planned"
    ERASED = "erased"
    KEPT = "kept"


class RetentionRule(Identified, Versioned, table=True):
    """For how many years a kind of record is kept, and the norm or programme that says so.

    `agency_id` wins over `agency_kind`, and both over a rule for everybody. `doubt` is shown
    wherever the rule is.
    """

    __tablename__ = "portal_retention_rule"

    record: RecordKind = Field(sa_column=enum_column(RecordKind))
    agency_kind: AgencyKind | None = Field(
        default=None, sa_column=enum_column(AgencyKind, nullable=True)
    )
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id", index=True)
    counted_from: CountedFrom = Field(sa_column=enum_column(CountedFrom))
    years: int
    norm: str = Field(max_length=200)
    norm_on: date
    doubt: str = Field(default="", max_length=400)
    entered_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    entered_at: datetime
    withdrawn_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    withdrawn_at: datetime | None = None


class LegalHold(Identified, Versioned, table=True):
    """Something that keeps a record, or all records of a person, from being erased.

    Exactly one of the four is named; `user_id` is the account of a person who works here or left.
    `until` is the last day; None holds until it is lifted.
    """

    __tablename__ = "portal_legal_hold"

    case_id: UUID | None = Field(default=None, foreign_key="portal_case.id", index=True)
    alert_id: UUID | None = Field(default=None, foreign_key="portal_alert.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="portal_person.id", index=True)
    user_id: UUID | None = Field(default=None, foreign_key="portal_user.id", index=True)
    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    document: str = Field(max_length=120)
    reason_sealed: bytes
    until: date | None = None
    placed_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    placed_at: datetime
    lifted_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    lifted_at: datetime | None = None
    lift_reason_sealed: bytes | None = None


class Erasure(Identified, Versioned, table=True):
    """An erasure of records of one institution: one person proposes it, another approves it.

    `by_officer`: the institution's own privacy officer proposed it; else that officer must approve.
    """

    __tablename__ = "portal_erasure"

    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    ground: Ground = Field(sa_column=enum_column(Ground))
    document: str = Field(default="", max_length=120)
    status: ErasureStatus = Field(
        default=ErasureStatus.PROPOSED, sa_column=enum_column(ErasureStatus)
    )
    reason_sealed: bytes
    by_officer: bool = False
    proposed_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    proposed_at: datetime
    decided_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    decided_at: datetime | None = None

    def must_wait(self) -> None:
        """Raise Conflict where it was decided."""
        if self.status is not ErasureStatus.PROPOSED:
            raise Conflict(_l("This erasure was decided already. Load the page again."))

    def decide(self, to: ErasureStatus, *, by: UUID | None, at: datetime) -> None:
        """Approve, refuse or withdraw it; raises Conflict where it was decided already."""
        self.must_wait()
        self.status, self.decided_by, self.decided_at = to, by, at


class ErasureItem(Identified, table=True):
    """One record of an erasure: the plan that was shown, and what was done.

    `planned` and `done` map tables to [rows erased, rows held]; `why` is a text to translate that
    says what kept it.
    """

    __tablename__ = "portal_erasure_item"
    __table_args__ = (UniqueConstraint("erasure_id", "record_id"),)

    erasure_id: UUID = Field(foreign_key="portal_erasure.id")
    record: RecordKind = Field(sa_column=enum_column(RecordKind))
    record_id: UUID = Field(index=True)
    rule_id: UUID | None = Field(default=None, foreign_key="portal_retention_rule.id")
    due_on: date | None = None
    status: ItemStatus = Field(default=ItemStatus.PLANNED, sa_column=enum_column(ItemStatus))
    planned: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    done: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    why: str = Field(default="", max_length=200)
    ended_at: datetime | None = None


class Tombstone(Identified, table=True):
    """What is left of an erased record: which, when, on what ground, decided by whom; no person.

    `code_hash` is the SHA-256 of the salt and the code that people used, so that a paper which
    bears the code can still be answered. A file beside the database holds the same.
    """

    __tablename__ = "portal_tombstone"

    record: RecordKind = Field(sa_column=enum_column(RecordKind))
    record_id: UUID = Field(unique=True)
    salt: str = Field(max_length=32)
    code_hash: str = Field(max_length=64)
    agency_id: UUID = Field(index=True)
    ground: Ground = Field(sa_column=enum_column(Ground))
    rule_id: UUID | None = None
    erasure_id: UUID
    proposed_by: UUID | None = None
    decided_by: UUID | None = None
    erased_at: datetime
