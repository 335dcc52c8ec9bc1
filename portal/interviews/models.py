"""The register of interviews, and the reports that were asked for instead of a new one."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, Index

from portal.cases.models import Circle
from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l


class InterviewKind(StrEnum):
    """How a child was heard; the single interview is anticipated evidence (TUO Ley 30364 art. 28).

    The child's opinion is heard before each decision by law (DL 7, 9, 29).
    """

    SINGLE = "single"
    PSYCHOLOGICAL = "psychological"
    SOCIAL = "social"
    OPINION = "opinion"
    HEALTH = "health"
    SCHOOL = "school"
    OTHER = "other"


class AskRule(StrEnum):
    """Who may ask for the report of an interview."""

    TEAM = "team"
    LEAD = "lead"
    JUSTICE = "justice"


class Interview(Identified, Versioned, table=True):
    """An interview of a child, without what was said: that stays in the report.

    `agency_id` heard the child, or `heard_by` outside the portal; `holder_id` keeps the report.
    `again_why` is why a child was heard who had been heard before. It is struck, never deleted.
    """

    __tablename__ = "portal_interview"
    __table_args__ = (
        Index("ix_portal_interview_person_id", "person_id", "heard_on"),
        Index("ix_portal_interview_case_id", "case_id", "heard_on"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id")
    person_id: UUID = Field(foreign_key="portal_person.id")
    kind: InterviewKind = Field(sa_column=enum_column(InterviewKind))
    heard_on: date
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    heard_by: str = Field(default="", max_length=160)
    subject: str = Field(max_length=300)
    holder_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    report: str = Field(default="", max_length=200)
    may_ask: AskRule = Field(sa_column=enum_column(AskRule))
    circle: Circle = Field(sa_column=enum_column(Circle))
    again_why: str = Field(default="", max_length=400)
    author_id: UUID | None = Field(default=None, foreign_key="portal_user.id")
    author_agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    recorded_at: datetime
    struck_at: datetime | None = None
    struck_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    strike_reason_sealed: bytes | None = None

    def must_stand(self) -> None:
        """Raise Conflict where it was struck."""
        if self.struck_at is not None:
            raise Conflict(_l("This interview was struck already."))

    def strike(self, by: UUID | None, at: datetime) -> None:
        """Strike it; raises Conflict where it was struck already."""
        self.must_stand()
        self.struck_at, self.struck_by = at, by


class ReportRequest(Identified, table=True):
    """That an institution asked for the report of an interview, by a referral to its holder."""

    __tablename__ = "portal_report_request"
    __table_args__ = (Index("ix_portal_report_request_interview_id", "interview_id", "agency_id"),)

    interview_id: UUID = Field(foreign_key="portal_interview.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    referral_id: UUID = Field(foreign_key="portal_referral.id", index=True)
    at: datetime
