"""The table of codes in official systems."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from portal.db import Identified, Versioned, enum_column


class System(StrEnum):
    """An official system in which a case or child is registered; OTHER is named beside it."""

    SISPE = "sispe"
    SISDNA = "sisdna"
    SISNNA = "sisnna"
    SIAGIE = "siagie"
    SIS = "sis"
    PROSECUTOR = "prosecutor"
    COURT = "court"
    OTHER = "other"


class OfficialCode(Identified, Versioned, table=True):
    """Which number a case, or one child of it, has in an official system. Wrong ones are struck."""

    __tablename__ = "portal_official_code"

    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="portal_person.id")
    system: System = Field(sa_column=enum_column(System))
    name: str = Field(default="", max_length=80)
    number: str = Field(max_length=60)
    recorded_at: datetime
    recorded_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    struck_at: datetime | None = None
    struck_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
