"""The table of people."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field

from portal.db import Identified, Versioned, enum_column


class Sex(StrEnum):
    """Sex as the civil registry records it, or not yet known."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class DocumentKind(StrEnum):
    """Kind of identity document; IN_PROCESS is a registration that has begun."""

    NONE = "none"
    IN_PROCESS = "in_process"
    DNI = "dni"
    CUI = "cui"
    CE = "ce"
    PASSPORT = "passport"
    CPP = "cpp"
    PTP = "ptp"


class Person(Identified, Versioned, table=True):
    """A child or adult, with what is known of the identity.

    Either surname may be missing. Where the birth date is unknown, `estimated_age` (years) was
    estimated on `estimated_on`. Names stay as they are written; they are read only through what
    names the person (a case, an alert, a referral).
    """

    __tablename__ = "portal_person"

    given_names: str = Field(default="", max_length=80)
    first_surname: str = Field(default="", max_length=80)
    second_surname: str = Field(default="", max_length=80)
    born_on: date | None = None
    estimated_age: int | None = None
    estimated_on: date | None = None
    sex: Sex = Field(default=Sex.UNKNOWN, sa_column=enum_column(Sex))
    document_kind: DocumentKind = Field(
        default=DocumentKind.NONE, sa_column=enum_column(DocumentKind)
    )
    document_number: str = Field(default="", max_length=20, index=True)
    language: str = Field(default="", max_length=40)
    interpreter_needed: bool = False
    created_at: datetime
