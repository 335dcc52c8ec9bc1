"""What others must know of who is in charge of a case: identifiers only."""

from dataclasses import dataclass
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class LeadDeclined(Event):
    """The institution in charge declined competence; the other has to accept."""

    transfer_id: UUID
    case_id: UUID
    from_agency_id: UUID
    to_agency_id: UUID


@dataclass(frozen=True, slots=True)
class LeadKept(Event):
    """A declined case was returned or the declining taken back: `state` says which."""

    transfer_id: UUID
    case_id: UUID
    lead_agency_id: UUID
    to_agency_id: UUID
    state: str
