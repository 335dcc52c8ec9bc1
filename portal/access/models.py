"""Tables of memberships, of the duty roster and of posts that are handed over."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, UniqueConstraint

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


class StaffSession(Identified, table=True):
    """An administrator's look at one agency: for a reason, until a moment, reading only.

    It belongs to one sign-in, and ends by itself when nothing is asked for some minutes.
    """

    __tablename__ = "portal_staff_session"

    user_id: UUID = Field(foreign_key="portal_user.id")
    sign_in_id: UUID = Field(foreign_key="portal_sign_in.id", index=True)
    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    reason_sealed: bytes
    opened_at: datetime
    until: datetime
    seen_at: datetime
    ended_at: datetime | None = None


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


class SignerAct(StrEnum):
    """What a signer signs; `any` stands for every kind of act."""

    ANY = "any"
    RESOLUTION = "resolution"
    LETTER = "letter"
    DATA_ANSWER = "data_answer"


class SignerStanding(StrEnum):
    """Whether a person signs by right or in the other's absence."""

    TITULAR = "titular"
    ALTERNATE = "alternate"


class Signer(Identified, Versioned, table=True):
    """Who signs for an agency (firmante), by which resolution, from when until when.

    `until` is the first day without. Without an account only the name is known.
    """

    __tablename__ = "portal_signer"

    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    user_id: UUID | None = Field(default=None, foreign_key="portal_user.id", index=True)
    name: str = Field(max_length=120)
    post: str = Field(default="", max_length=120)
    standing: SignerStanding = Field(sa_column=enum_column(SignerStanding))
    act: SignerAct = Field(default=SignerAct.ANY, sa_column=enum_column(SignerAct))
    resolution: str = Field(max_length=120)
    resolved_on: date
    since: date
    until: date | None = None


class ReviewDecision(StrEnum):
    """What a review finds of one role: it stays, or it ends."""

    KEEP = "keep"
    END = "end"


class AccessReview(Identified, Versioned, table=True):
    """The review of who holds which role in an agency (None: on the instance), every six months.

    DS 016-2024-JUS art. 46. The administrator decides each line, another person confirms them all.
    """

    __tablename__ = "portal_access_review"
    __table_args__ = (
        Index(
            "uq_portal_access_review_open",
            "agency_id",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )

    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    opened_at: datetime
    due_on: date
    decided_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    decided_at: datetime | None = None
    closed_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    closed_at: datetime | None = None


class AccessReviewLine(Identified, table=True):
    """One role of one person in a review: when it was last used, and what was decided."""

    __tablename__ = "portal_access_review_line"
    __table_args__ = (UniqueConstraint("review_id", "membership_id"),)

    review_id: UUID = Field(foreign_key="portal_access_review.id")
    membership_id: UUID = Field(foreign_key="portal_membership.id")
    used_at: datetime | None = None
    decision: ReviewDecision | None = Field(
        default=None, sa_column=enum_column(ReviewDecision, nullable=True)
    )
