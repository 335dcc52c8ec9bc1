"""Tables of memberships, of the duty roster and of posts that are handed over."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index

from portal.actor import Role
from portal.db import Identified, Versioned, enum_column


class Membership(Identified, Versioned, table=True):
    """One role of a person in an agency (None: on the instance), from `since` until `until`.

    Acts from the next request; `until` is the first moment at which it is no longer held.
    `suspended_at` holds it back until it is lifted. `post` is the person's post (cargo) there.
    """

    __tablename__ = "portal_membership"

    user_id: UUID = Field(foreign_key="portal_user.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id", index=True)
    role: Role = Field(sa_column=enum_column(Role))
    since: datetime
    until: datetime | None = None
    granted_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    post: str = Field(default="", max_length=120)
    suspended_at: datetime | None = None


class DutyShift(Identified, Versioned, table=True):
    """A turn of the duty roster (rol de turno): who answers the telephone, from when until when."""

    __tablename__ = "portal_duty_shift"

    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    user_id: UUID = Field(foreign_key="portal_user.id")
    telephone: str = Field(max_length=20)
    starts_at: datetime
    ends_at: datetime


class HandoverKind(StrEnum):
    """Why a post is handed over: its holder leaves, moves, loses a role, or left without it."""

    LEAVES = "leaves"
    MOVES = "moves"
    ROLE_ENDS = "role_ends"
    LEFT_BEHIND = "left_behind"


class Handover(Identified, Versioned, table=True):
    """A hand-over of a post (entrega de cargo): what a person holds for an agency gets new owners.

    `roles` are those that end at `ends_at` once it is complete; `to_agency_id` with its roles is
    where the person goes. `follower_id` becomes administrator where the last one leaves. `noted`
    counts what nobody takes over, such as personal drafts.
    """

    __tablename__ = "portal_handover"
    __table_args__ = (
        Index(
            "uq_portal_handover_open",
            "agency_id",
            "user_id",
            unique=True,
            sqlite_where=sa.text("completed_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("completed_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    agency_id: UUID = Field(foreign_key="portal_agency.id")
    user_id: UUID = Field(foreign_key="portal_user.id", index=True)
    kind: HandoverKind = Field(sa_column=enum_column(HandoverKind))
    ends_at: datetime
    roles: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    noted: dict[str, int] = Field(default_factory=dict, sa_type=sa.JSON)
    to_agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    to_roles: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    to_post: str = Field(default="", max_length=120)
    follower_id: UUID | None = Field(default=None, foreign_key="portal_user.id")
    opened_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    opened_at: datetime
    completed_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    completed_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it still waits for owners."""
        return self.completed_at is None and self.withdrawn_at is None


class HandoverLine(Identified, table=True):
    """What got a new owner by a hand-over: what kind, which record, who has it now."""

    __tablename__ = "portal_handover_line"

    handover_id: UUID = Field(foreign_key="portal_handover.id", index=True)
    kind: str = Field(max_length=40)
    subject_id: UUID
    to_user_id: UUID = Field(foreign_key="portal_user.id")
