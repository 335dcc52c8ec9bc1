"""The table of monitoring visits."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from portal.sdk import Identified, Versioned, enum_column


class VisitKind(StrEnum):
    """How a visit was made; an unannounced one is lawful (Ley 26520 art. 16)."""

    UNANNOUNCED = "unannounced"
    ANNOUNCED = "announced"


class Visit(Identified, Versioned, table=True):
    """A visit to an agency: when, what was found, and the recommendation that came of it.

    What was found is encrypted. The recommendation lives on as a commitment of the core, found by
    this row's identifier.
    """

    __tablename__ = "defensoria_visit"

    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    visited_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    case_id: UUID | None = Field(default=None, foreign_key="portal_case.id", index=True)
    kind: VisitKind = Field(sa_column=enum_column(VisitKind))
    visited_on: date
    found_sealed: bytes
    recommendation: str = Field(max_length=600)
    recorded_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    recorded_at: datetime
