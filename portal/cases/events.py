"""What others must know of a case: identifiers only, no contents."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class CaseOpened(Event):
    """A case was opened; procedural terms run from `received_at` (DL 1297 art. 18)."""

    case_id: UUID
    lead_agency_id: UUID
    alert_id: UUID | None
    received_at: datetime
    situation: str


@dataclass(frozen=True, slots=True)
class PartyAdded(Event):
    """An institution came onto a case, or its level changed."""

    case_id: UUID
    agency_id: UUID
    level: str


@dataclass(frozen=True, slots=True)
class PartyEnded(Event):
    """An institution left a case."""

    case_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class CaseAssigned(Event):
    """A person of an agency was put on a case."""

    case_id: UUID
    agency_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class EntryMentioned(Event):
    """An entry mentions a person who may read it, for an agency."""

    case_id: UUID
    entry_id: UUID
    user_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class CasesPassed(Event):
    """Cases of a person, or of nobody, were passed to another in one act."""

    act_id: UUID
    agency_id: UUID
    from_id: UUID | None
    to_id: UUID
    count: int


@dataclass(frozen=True, slots=True)
class PersonAbstained(Event):
    """A person of an agency abstained from a case: somebody else is to be assigned."""

    case_id: UUID
    agency_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class PartyEnding(Event):
    """The access of an institution runs out within days."""

    case_id: UUID
    party_id: UUID
    lead_agency_id: UUID


@dataclass(frozen=True, slots=True)
class LeadChanged(Event):
    """Another institution is in charge of a case: by the transfer that it accepted."""

    transfer_id: UUID
    case_id: UUID
    former_agency_id: UUID
    lead_agency_id: UUID


@dataclass(frozen=True, slots=True)
class EmergencyOpened(Event):
    """A person of an agency opened a case by emergency access."""

    grant_id: UUID
    case_id: UUID
    agency_id: UUID
    user_id: UUID
    lead_agency_id: UUID


@dataclass(frozen=True, slots=True)
class EmergencyRefused(Event):
    """Somebody asked for a case that is barred to the person, or shielded, and was told of none."""

    lookup_id: UUID
    case_id: UUID
    agency_id: UUID
    user_id: UUID
    lead_agency_id: UUID


@dataclass(frozen=True, slots=True)
class EmergencyReviewed(Event):
    """An emergency access was reviewed: `verdict` is `justified` or `unjustified`."""

    grant_id: UUID
    case_id: UUID
    agency_id: UUID
    user_id: UUID
    verdict: str


@dataclass(frozen=True, slots=True)
class RightChanged(Event):
    """A right of a child stands differently."""

    case_id: UUID
    person_id: UUID
    right: str
    state: str


@dataclass(frozen=True, slots=True)
class PlacementChanged(Event):
    """A child is with somebody else now."""

    case_id: UUID
    person_id: UUID
    placement: str


@dataclass(frozen=True, slots=True)
class TermStarted(Event):
    """A legal term began to run."""

    case_id: UUID
    term_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class TermMet(Event):
    """The act that a term asked for was done."""

    case_id: UUID
    term_id: UUID


@dataclass(frozen=True, slots=True)
class TermMoved(Event):
    """A change of the calendar moved the day of a running term."""

    case_id: UUID
    term_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class TermsMoved(Event):
    """A change of the calendar moved terms that an agency owes: those moved at this moment."""

    agency_id: UUID
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class CaseClosed(Event):
    """A case was concluded."""

    case_id: UUID


@dataclass(frozen=True, slots=True)
class CaseReopened(Event):
    """A case was taken up again, for new facts or because it was closed by mistake."""

    case_id: UUID
    by_mistake: bool = False
