"""The table of preliminary assessments."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.sdk import Identified, Versioned, enum_column


class AssessmentLevel(StrEnum):
    """What the assessment found (R 26–27): the Tabla de Valoración grades no further."""

    NO_RISK = "no_risk"
    RISK = "risk"
    UNPROTECTION = "unprotection"


class Ground(StrEnum):
    """On what it rests; poverty or disability alone never separate a child (DL 1297 art. 3.g)."""

    PHYSICAL_VIOLENCE = "physical_violence"
    PSYCHOLOGICAL_VIOLENCE = "psychological_violence"
    SEXUAL_VIOLENCE = "sexual_violence"
    NEGLECT = "neglect"
    ABANDONMENT = "abandonment"
    STREET_LIFE = "street_life"
    EXPLOITATION = "exploitation"
    PARENTS_UNABLE = "parents_unable"
    POVERTY = "poverty"
    DISABILITY = "disability"


class Assessment(Identified, Versioned, table=True):
    """A preliminary assessment (valoración preliminar) of a case: one, and one more when reopened.

    The resolution must say how the child's opinion was weighed, or why it is missing (DL 7, 9, 29).
    `number` counts those of a case. `reopened_at` is when the case was taken up again after it, so
    that another one is due.
    """

    __tablename__ = "procedure_assessment"
    __table_args__ = (sa.UniqueConstraint("case_id", "number"),)

    case_id: UUID = Field(foreign_key="portal_case.id")
    number: int = 1
    level: AssessmentLevel = Field(sa_column=enum_column(AssessmentLevel))
    grounds: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    resolution: str = Field(max_length=80)
    resolved_on: date
    urgent_measure: str = Field(default="", max_length=160)
    opinion_sealed: bytes
    recorded_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    recorded_at: datetime
    reopened_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Tell whether it is the case's assessment: no other is due."""
        return self.reopened_at is None
