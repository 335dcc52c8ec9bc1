"""Tables of the individual work plan (Plan de Trabajo Individual, PTI; DL 30; R 42–47)."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, UniqueConstraint

from portal.cases.models import Right
from portal.db import Identified, Versioned, enum_column, new_id
from portal.errors import Conflict
from portal.texts import _l


class Progress(StrEnum):
    """How an activity or a visit stands; overdue is computed."""

    PENDING = "pending"
    DONE = "done"
    NOT_DONE = "not_done"


class Outcome(StrEnum):
    """Why a plan ends (DL 42, 63, 91)."""

    GOALS_MET = "goals_met"
    RETURNED = "returned"
    OTHER_REGIME = "other_regime"
    OF_AGE = "of_age"
    TERM_OVER = "term_over"
    OTHER = "other"


class Decision(StrEnum):
    """What a review decides (DL 60, 88)."""

    KEEP = "keep"
    CHANGE = "change"
    END = "end"


class Plan(Identified, Versioned, table=True):
    """The plan of one child of a case: siblings share the case, and each has a plan.

    `number` is the version in force, 0 before the first is approved. `declared_on` is the day of
    the resolution from which its life counts (R 42.6). `changed_at` moves with every change of what
    is in preparation, so that nobody approves what was not read. A case that is reopened may have
    another plan.
    """

    __tablename__ = "portal_plan"
    __table_args__ = (
        Index(
            "uq_portal_plan_current",
            "case_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        Index("ix_portal_plan_case_id", "case_id"),
        Index("ix_portal_plan_person_id", "person_id"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id")
    person_id: UUID = Field(foreign_key="portal_person.id")
    number: int = 0
    declared_on: date | None = None
    started_at: datetime
    started_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    changed_at: datetime
    ended_at: datetime | None = None
    ended_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    outcome: Outcome | None = Field(default=None, sa_column=enum_column(Outcome, nullable=True))
    outcome_words: str = Field(default="", max_length=1000)

    @property
    def is_in_force(self) -> bool:
        """Tell whether a version was approved and the plan has not ended."""
        return self.number > 0 and self.ended_at is None

    def approve(self, number: int) -> None:
        """Put the next version in force; raises Conflict for another, or once it has ended."""
        if self.ended_at is not None or number != self.number + 1:
            raise Conflict(_l("This plan is no longer in that state. Look at it again."))
        self.number = number

    def end(self, outcome: Outcome, words: str, by: UUID | None, at: datetime) -> None:
        """End the plan; raises Conflict where none is in force."""
        if not self.is_in_force:
            raise Conflict(_l("This plan is no longer in that state. Look at it again."))
        self.outcome, self.outcome_words, self.ended_by, self.ended_at = outcome, words, by, at


class PlanVersion(Identified, Versioned, table=True):
    """A version of a plan: in preparation until `approved_at`, and never changed afterwards.

    The child's opinion is an interview of the register, or words, with how it was
    weighed; or why there is none (DL 7, 9; R 30.1).
    """

    __tablename__ = "portal_plan_version"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    plan_id: UUID = Field(foreign_key="portal_plan.id")
    number: int
    background: str = Field(default="", max_length=3000)
    problems: str = Field(default="", max_length=3000)
    measures: str = Field(default="", max_length=2000)
    follow_up: str = Field(default="", max_length=1000)
    in_charge: str = Field(default="", max_length=160)
    interview_id: UUID | None = Field(default=None, foreign_key="portal_interview.id", index=True)
    opinion: str = Field(default="", max_length=2000)
    weighed: str = Field(default="", max_length=1000)
    no_opinion: str = Field(default="", max_length=400)
    begun_at: datetime
    begun_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    reason: str = Field(default="", max_length=400)
    resolution: str = Field(default="", max_length=80)
    resolved_on: date | None = None
    approved_at: datetime | None = None
    approved_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")

    @property
    def has_opinion(self) -> bool:
        """Tell whether the child's opinion stands here, or why there is none."""
        heard = self.interview_id is not None or bool(self.opinion)
        return (heard and bool(self.weighed)) or bool(self.no_opinion)


class Objective(Identified, Versioned, table=True):
    """An objective as it stood from version `since` until before version `until`.

    A change writes another row with the same `line_id`; what stood before stays.
    """

    __tablename__ = "portal_plan_objective"
    __table_args__ = (Index("ix_portal_plan_objective_plan_id", "plan_id"),)

    plan_id: UUID = Field(foreign_key="portal_plan.id")
    line_id: UUID = Field(default_factory=new_id)
    since: int
    until: int | None = None
    right: Right | None = Field(default=None, sa_column=enum_column(Right, nullable=True))
    text: str = Field(max_length=600)


class Activity(Identified, Versioned, table=True):
    """An act for an objective, with who answers for it and by when, from version to version.

    What came of it is written on the row itself and makes no version. One that another institution
    owes is followed as its commitment.
    """

    __tablename__ = "portal_plan_activity"
    __table_args__ = (
        Index("ix_portal_plan_activity_plan_id", "plan_id"),
        Index("ix_portal_plan_activity_owed", "agency_id", "progress", "due_on"),
    )

    plan_id: UUID = Field(foreign_key="portal_plan.id")
    objective_line: UUID
    line_id: UUID = Field(default_factory=new_id)
    since: int
    until: int | None = None
    act: str = Field(max_length=600)
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    person: str = Field(default="", max_length=160)
    due_on: date
    progress: Progress = Field(default=Progress.PENDING, sa_column=enum_column(Progress))
    done_on: date | None = None
    result: str = Field(default="", max_length=1000)
    finished_at: datetime | None = None
    finished_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    commitment_id: UUID | None = Field(default=None, foreign_key="portal_commitment.id", index=True)

    def must_be_pending(self) -> None:
        """Raise Conflict where what came of it was said already."""
        if self.progress is not Progress.PENDING:
            raise Conflict(_l("What came of this was recorded already. Look at it again."))

    def finish(
        self, progress: Progress, done_on: date | None, result: str, by: UUID | None, at: datetime
    ) -> None:
        """Say what came of it; raises Conflict where that was said already."""
        self.must_be_pending()
        self.progress, self.done_on, self.result = progress, done_on, result
        self.finished_by, self.finished_at = by, at


class Visit(Identified, Versioned, table=True):
    """A follow-up visit (visita de seguimiento; R 45): planned, made, or not made and why."""

    __tablename__ = "portal_plan_visit"
    __table_args__ = (
        Index("ix_portal_plan_visit_plan_id", "plan_id"),
        Index("ix_portal_plan_visit_owed", "agency_id", "progress", "planned_on"),
    )

    plan_id: UUID = Field(foreign_key="portal_plan.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    planned_on: date | None = None
    purpose: str = Field(default="", max_length=300)
    progress: Progress = Field(default=Progress.PENDING, sa_column=enum_column(Progress))
    happened_at: datetime | None = None
    visitor: str = Field(default="", max_length=160)
    found: str = Field(default="", max_length=300)
    note: str = Field(default="", max_length=4000)
    recorded_at: datetime | None = None
    recorded_by: UUID | None = Field(default=None, foreign_key="portal_user.id")

    def must_be_pending(self) -> None:
        """Raise Conflict where it was recorded already."""
        if self.progress is not Progress.PENDING:
            raise Conflict(_l("This visit was recorded already. Look at it again."))

    def record(
        self, progress: Progress, happened_at: datetime, by: UUID | None, at: datetime
    ) -> None:
        """Say that it was made, or not; raises Conflict where that was said already."""
        self.must_be_pending()
        self.progress, self.happened_at = progress, happened_at
        self.recorded_by, self.recorded_at = by, at


class Review(Identified, Versioned, table=True):
    """A review of the plan and its measure (DL 60, 88): by when, and once held, what it decided."""

    __tablename__ = "portal_plan_review"
    __table_args__ = (Index("ix_portal_plan_review_plan_id", "plan_id", "due_on"),)

    plan_id: UUID = Field(foreign_key="portal_plan.id")
    due_on: date
    held_on: date | None = None
    decision: Decision | None = Field(default=None, sa_column=enum_column(Decision, nullable=True))
    words: str = Field(default="", max_length=2000)
    recorded_at: datetime | None = None
    recorded_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")

    def must_be_pending(self) -> None:
        """Raise Conflict where it was held already."""
        if self.held_on is not None:
            raise Conflict(_l("This review was recorded already. Look at it again."))

    def hold(
        self, held_on: date, decision: Decision, words: str, by: UUID | None, at: datetime
    ) -> None:
        """Say what the review found; raises Conflict where it was held already."""
        self.must_be_pending()
        self.held_on, self.decision, self.words = held_on, decision, words
        self.recorded_by, self.recorded_at = by, at
