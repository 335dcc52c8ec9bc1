"""The tables of people, of their documents, and of the words of their names."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from portal.db import Identified, Versioned, enum_column


class Sex(StrEnum):
    """Sex as the civil registry records it, or not yet known."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class DocumentKind(StrEnum):
    """Kind of identity document; IN_PROCESS is a registration that has begun.

    CNV is the certificate of a live birth and ACTA the birth record, where no DNI exists yet.
    """

    NONE = "none"
    IN_PROCESS = "in_process"
    DNI = "dni"
    CUI = "cui"
    CNV = "cnv"
    ACTA = "acta"
    CE = "ce"
    PASSPORT = "passport"
    CPP = "cpp"
    PTP = "ptp"


class NamePart(StrEnum):
    """Which part of a name a word stands in."""

    GIVEN = "given"
    FIRST = "first"
    SECOND = "second"


class Person(Identified, Versioned, table=True):
    """A child or adult, with what is known of the identity.

    Either surname may be missing. Where the birth date is unknown, `estimated_age` (years) was
    estimated on `estimated_on`. Names stay as they are written; they are read only through what
    names the person (a case, an alert, a referral). Where nobody knows the name, the one written
    was assigned (DL 1297 art. 44.a). `people` is the indigenous people that the person names as
    one's own, apart from the language. The main identity document stands in the row, the others
    beside it (`PersonDocument`). Description, disability and pregnancy are encrypted under
    the person's key.
    """

    __tablename__ = "portal_person"

    given_names: str = Field(default="", max_length=80)
    first_surname: str = Field(default="", max_length=80)
    second_surname: str = Field(default="", max_length=80)
    name_is_assigned: bool = False
    born_on: date | None = Field(default=None, index=True)
    estimated_age: int | None = None
    estimated_on: date | None = None
    sex: Sex = Field(default=Sex.UNKNOWN, sa_column=enum_column(Sex))
    document_kind: DocumentKind = Field(
        default=DocumentKind.NONE, sa_column=enum_column(DocumentKind)
    )
    document_number: str = Field(default="", max_length=20, index=True)
    document_country: str = Field(default="", max_length=60)
    document_since: date | None = None
    document_said_by: str = Field(default="", max_length=120)
    registry_office: str = Field(default="", max_length=120)
    people: str = Field(default="", max_length=60)
    language: str = Field(default="", max_length=40)
    interpreter_needed: bool = False
    has_died: bool = False
    description_sealed: bytes | None = None
    disability_sealed: bytes | None = None
    pregnancy_sealed: bytes | None = None
    created_at: datetime


class PersonDocument(Identified, table=True):
    """One more identity document of a person, such as the CNV or the acta of who has a DNI too.

    `country` issued a foreign one; `said_by` is who showed it, or said so.
    """

    __tablename__ = "portal_person_document"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "kind", "number"),
        sa.Index("ix_portal_person_document_by_number", "number"),
    )

    person_id: UUID = Field(foreign_key="portal_person.id")
    kind: DocumentKind = Field(sa_column=enum_column(DocumentKind))
    number: str = Field(max_length=20)
    country: str = Field(default="", max_length=60)
    since: date | None = None
    said_by: str = Field(default="", max_length=120)
    recorded_at: datetime


class PersonName(SQLModel, table=True):
    """A word of a person's name, folded, and where it stands: what the index of names meets.

    `names` are all words of the name with the first letter of their part (` cedro/f rosa/g`), so
    that a walk of the bearers of one word tells who bears another without looking each up.
    Copied from `portal_person` in the transaction of the change, in one place (`index.keep`).
    """

    __tablename__ = "portal_person_name"
    __table_args__ = (
        sa.Index("ix_portal_person_name_person_id", "person_id", "word"),
        {"sqlite_with_rowid": False},
    )

    word: str = Field(max_length=40, primary_key=True)
    person_id: UUID = Field(foreign_key="portal_person.id", primary_key=True)
    part: NamePart = Field(sa_column=enum_column(NamePart, primary_key=True))
    names: str = Field(sa_type=sa.Text)


# Beginnings of keys are looked up as a range, which the order of a language would break.
BY_BYTES = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")


class NameKey(SQLModel, table=True):
    """A word that stands in some name under how it sounds, and under that less one letter."""

    __tablename__ = "portal_name_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: str = Field(sa_column=sa.Column(BY_BYTES, primary_key=True))
    word: str = Field(max_length=40, primary_key=True)
    is_whole: bool
