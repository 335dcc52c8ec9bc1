"""Histories of cases that somebody asked for: made by the worker, fetched once."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, Index

from portal.db import Identified, Versioned, enum_column


class HistoryKind(StrEnum):
    """How a history is set: on paper, or as data with the files; the value is how its name ends."""

    PDF = "pdf"
    ZIP = "zip"


class Purpose(StrEnum):
    """For what somebody takes a history out of the portal; words are asked for beside it."""

    STUDY = "study"
    MEETING = "meeting"
    HAND_OVER = "hand_over"
    AUTHORITY = "authority"
    OTHER = "other"


class HistoryState(StrEnum):
    """How a history stands: being made, ready, not to be made, fetched or run out."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"


class HistoryFile(Identified, Versioned, table=True):
    """The history of a case as one person may read it: its own alone, for a while, fetched once.

    `entry_id` is its entry in the trail: nothing is made before that is linked in the chain. The
    file lies in the store under a key that only `key_sealed` holds; `problem` says why there is
    none.
    """

    __tablename__ = "portal_history"
    __table_args__ = (Index("ix_portal_history_owner", "owner_id", "made_at"),)

    number: str = Field(max_length=12, unique=True)
    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    owner_id: UUID = Field(foreign_key="portal_user.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    kind: HistoryKind = Field(sa_column=enum_column(HistoryKind))
    purpose: Purpose = Field(sa_column=enum_column(Purpose))
    reason_sealed: bytes
    with_names: bool = False
    with_restricted: bool = False
    entry_id: UUID
    state: HistoryState = Field(default=HistoryState.WAITING, sa_column=enum_column(HistoryState))
    made_at: datetime
    ready_at: datetime | None = None
    gone_at: datetime | None = None
    file: str = Field(default="", max_length=32)
    key_sealed: bytes | None = None
    size: int = 0
    sha256: str = Field(default="", max_length=64)
    problem: str = Field(default="", max_length=20)
