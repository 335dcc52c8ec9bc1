"""What others must know of councils: identifiers only."""

from dataclasses import dataclass
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class MeetingConvened(Event):
    """A session was called with its agenda."""

    meeting_id: UUID
    council_id: UUID


@dataclass(frozen=True, slots=True)
class MeetingClosed(Event):
    """A session ended; its acta can be read."""

    meeting_id: UUID
    council_id: UUID


@dataclass(frozen=True, slots=True)
class BriefRequested(Event):
    """The lead of a case is asked for a brief for a session."""

    item_id: UUID
    case_id: UUID
    lead_agency_id: UUID


@dataclass(frozen=True, slots=True)
class BriefApproved(Event):
    """The lead of a case released a brief to a session."""

    item_id: UUID
    case_id: UUID


@dataclass(frozen=True, slots=True)
class AgreementRecorded(Event):
    """A session agreed that an agency does something."""

    agreement_id: UUID
    meeting_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class AgreementAccepted(Event):
    """The responsible agency took an agreement on."""

    agreement_id: UUID
    meeting_id: UUID
    commitment_id: UUID


@dataclass(frozen=True, slots=True)
class AgreementObjected(Event):
    """The responsible agency objected to an agreement."""

    agreement_id: UUID
    meeting_id: UUID
    agency_id: UUID
