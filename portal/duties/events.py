"""What others must know of a mandatory notice: identifiers only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class DutyOwed(Event):
    """A sign obliges the institution in charge to tell somebody."""

    duty_id: UUID
    case_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class DutyLate(Event):
    """The term of a notice has passed and nobody has confirmed it."""

    duty_id: UUID
    case_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class DutyConfirmed(Event):
    """The addressee's own document is known."""

    duty_id: UUID
    case_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class DutiesMoved(Event):
    """A change of calendar or reading moved so many notices that an agency owes, at a moment."""

    agency_id: UUID
    count: int
    moved_at: datetime
