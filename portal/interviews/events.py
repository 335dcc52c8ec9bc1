"""What others must know of an interview: identifiers only."""

from dataclasses import dataclass
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class InterviewRecorded(Event):
    """A child was heard."""

    interview_id: UUID
    case_id: UUID
    author_agency_id: UUID | None
