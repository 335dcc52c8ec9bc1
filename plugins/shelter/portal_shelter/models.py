"""Tables of places of care: the place, its beds, who stays in them, and what exceeds them.

Rows that constraints must guard, such as child and bed, stand open and are hidden by the queries;
the place's address and what is written about a child are encrypted.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, UniqueConstraint

from portal.sdk import Identified, Versioned, enum_column

HELD = "left_at IS NULL"
IN_USE = "retired_at IS NULL"


class PlaceKind(StrEnum):
    """What a place is in law; the first two hold a child for ten business days (R 101)."""

    RECEPTION = "reception"
    URGENT = "urgent"
    BASIC = "basic"
    SPECIALISED = "specialised"


class Measure(StrEnum):
    """By what a child enters (DL 1297 arts. 18, 45, 65, 75.3)."""

    URGENT = "urgent"
    PROVISIONAL = "provisional"
    COURT = "court"


class StayStatus(StrEnum):
    """How a stay stands: the child is there, left on an order, or left without one."""

    STAYING = "staying"
    DISCHARGED = "discharged"
    GONE = "gone"


class Destination(StrEnum):
    """Where a child goes at discharge (egreso), or that nobody knows."""

    FAMILY = "family"
    EXTENDED_FAMILY = "extended_family"
    FOSTER_FAMILY = "foster_family"
    OTHER_PLACE = "other_place"
    HOSPITAL = "hospital"
    OTHER = "other"
    UNAUTHORISED = "unauthorised"


class Place(Identified, Versioned, table=True):
    """The place of care of an institution; a second building is a unit with a place of its own.

    `capacity` is the number of its own beds at most. `is_off` follows the module's switch: a place
    whose module is off is offered to nobody.
    """

    __tablename__ = "shelter_place"

    agency_id: UUID = Field(foreign_key="portal_agency.id", unique=True)
    name: str = Field(max_length=120)
    kind: PlaceKind = Field(sa_column=enum_column(PlaceKind))
    capacity: int
    accreditation: str = Field(default="", max_length=80)
    address_sealed: bytes = b""
    shares_vacancies: bool = True
    is_off: bool = False

    @property
    def is_limited(self) -> bool:
        """Tell whether the ten business days of R 101.1 run here."""
        return self.kind in (PlaceKind.RECEPTION, PlaceKind.URGENT)


class OverCapacity(Identified, Versioned, table=True):
    """A decision to receive beyond the beds: who, why, until when, for which case.

    It gives one temporary bed for that case. `until` is its last day; the child who is there then
    stays, the bed is offered no more.
    """

    __tablename__ = "shelter_over_capacity"

    place_id: UUID = Field(foreign_key="shelter_place.id", index=True)
    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    reason_sealed: bytes
    until: date
    decided_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    decided_at: datetime
    ended_at: datetime | None = None


class Bed(Identified, Versioned, table=True):
    """A bed of a room; one with a `decision_id` is the temporary place that a decision gives.

    Beds stand in the order in which they were added.
    """

    __tablename__ = "shelter_bed"
    __table_args__ = (
        Index(
            "uq_shelter_bed_label",
            "place_id",
            "label",
            unique=True,
            sqlite_where=sa.text(IN_USE),
            postgresql_where=sa.text(IN_USE),
        ),
        UniqueConstraint("decision_id"),
    )

    place_id: UUID = Field(foreign_key="shelter_place.id")
    room: str = Field(max_length=40)
    label: str = Field(max_length=20)
    decision_id: UUID | None = Field(default=None, foreign_key="shelter_over_capacity.id")
    retired_at: datetime | None = None


class Stay(Identified, Versioned, table=True):
    """A child's stay: a bed holds one child, and a child has one current stay.

    `counted` are the business days of the term as ISO dates, in order, copied from the core's term
    `term_id` so that carers, who see no case, see the day of the stay. `ordered_by` names the
    document that ordered the entry, empty until an urgent entry is regularised.
    """

    __tablename__ = "shelter_stay"
    __table_args__ = (
        Index(
            "uq_shelter_stay_bed",
            "bed_id",
            unique=True,
            sqlite_where=sa.text(HELD),
            postgresql_where=sa.text(HELD),
        ),
        Index(
            "uq_shelter_stay_person",
            "person_id",
            unique=True,
            sqlite_where=sa.text(HELD),
            postgresql_where=sa.text(HELD),
        ),
        Index("ix_shelter_stay_place", "place_id", "left_at"),
    )

    place_id: UUID = Field(foreign_key="shelter_place.id")
    bed_id: UUID = Field(foreign_key="shelter_bed.id")
    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    person_id: UUID = Field(foreign_key="portal_person.id")
    status: StayStatus = Field(default=StayStatus.STAYING, sa_column=enum_column(StayStatus))
    measure: Measure = Field(sa_column=enum_column(Measure))
    legal_basis: str = Field(max_length=200)
    ordered_by: str = Field(default="", max_length=120)
    admitted_at: datetime
    admitted_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    arrival_sealed: bytes = b""
    term_id: UUID | None = Field(default=None, index=True)
    expected_on: date | None = None
    counted: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    left_at: datetime | None = None
    destination: Destination | None = Field(
        default=None, sa_column=enum_column(Destination, nullable=True)
    )
    released_by: str = Field(default="", max_length=120)
    receiver_sealed: bytes = b""
    departure_sealed: bytes = b""
    discharged_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
