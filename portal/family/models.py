"""Tables of the family of a case."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, UniqueConstraint

from portal.db import Identified, Versioned, enum_column


class Relation(StrEnum):
    """What an adult or sibling is to the children, with the side of the family where it is known.

    Whoever lives with them is family of origin, other relatives are extended family (DL 1297
    art. 3.a–b).
    """

    MOTHER = "mother"
    FATHER = "father"
    MATERNAL_GRANDPARENT = "maternal_grandparent"
    PATERNAL_GRANDPARENT = "paternal_grandparent"
    GRANDPARENT = "grandparent"
    MATERNAL_AUNT_UNCLE = "maternal_aunt_uncle"
    PATERNAL_AUNT_UNCLE = "paternal_aunt_uncle"
    AUNT_UNCLE = "aunt_uncle"
    SIBLING = "sibling"
    STEPPARENT = "stepparent"
    COUSIN = "cousin"
    GUARDIAN = "guardian"
    CARER = "carer"
    OTHER = "other"


class Parting(StrEnum):
    """How a parent stands apart from the other one; in fact, or by a judgement or agreement."""

    SEPARATED = "separated"
    DIVORCED = "divorced"


class Relative(Identified, Versioned, table=True):
    """A person of the family of a case, as somebody told it: to whom, since when, in the household.

    Without a row of `RelativeChild` the relation is to every child of the case. `since` and `until`
    are when it held. `parting` is how a parent stands to the other one. `whereabouts_sealed` is
    read by few unless `whereabouts_open`: a caregiver who is protected must not be found. Nothing
    is deleted: what was wrong is struck with a reason.
    """

    __tablename__ = "portal_relative"
    __table_args__ = (UniqueConstraint("case_id", "person_id"),)

    case_id: UUID = Field(foreign_key="portal_case.id")
    person_id: UUID = Field(foreign_key="portal_person.id", index=True)
    relation: Relation = Field(sa_column=enum_column(Relation))
    lives_with: bool = False
    is_caregiver: bool = False
    since: date | None = None
    until: date | None = None
    said_by: str = Field(default="", max_length=120)
    note: str = Field(default="", max_length=200)
    parting: Parting | None = Field(default=None, sa_column=enum_column(Parting, nullable=True))
    whereabouts_open: bool = False
    whereabouts_sealed: bytes | None = None
    recorded_at: datetime
    recorded_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    struck_at: datetime | None = None
    struck_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    strike_reason_sealed: bytes | None = None


class RelativeChild(Identified, table=True):
    """A child to whom a relation holds, where it does not hold to all of the case."""

    __tablename__ = "portal_relative_child"
    __table_args__ = (UniqueConstraint("relative_id", "person_id"),)

    relative_id: UUID = Field(foreign_key="portal_relative.id")
    person_id: UUID = Field(foreign_key="portal_person.id", index=True)
