"""What others must know of follow-ups: identifiers only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class FollowUpsMoved(Event):
    """A change of calendar or reading moved the end of so many follow-ups of an institution.

    `case_id` names their case where it is one.
    """

    agency_id: UUID
    count: int
    moved_at: datetime
    case_id: UUID | None = None
