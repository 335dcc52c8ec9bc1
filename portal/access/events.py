"""What others must know of who may do what: identifiers only."""

from dataclasses import dataclass
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class StaffSessionOpened(Event):
    """An administrator opened a staff session to look at an agency."""

    staff_session_id: UUID
    agency_id: UUID
    user_id: UUID
