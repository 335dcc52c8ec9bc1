"""What others must know of who may do what: identifiers only."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class StaffSessionOpened(Event):
    """An administrator opened a staff session to look at an agency."""

    staff_session_id: UUID
    agency_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class DayGathered(Event):
    """What waits for a person in an agency on a day was counted; `let_pass` is others' to whom."""

    user_id: UUID
    agency_id: UUID
    day: date
    protection: int
    late: int
    soon: int
    total: int
    let_pass: int
