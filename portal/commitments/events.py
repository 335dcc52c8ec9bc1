"""What others must know of a commitment: identifiers only."""

from dataclasses import dataclass
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class CommitmentProposed(Event):
    """An act was proposed to an agency."""

    commitment_id: UUID
    agency_id: UUID
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class CommitmentAccepted(Event):
    """The agency took it on."""

    commitment_id: UUID
    agency_id: UUID
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class CommitmentObjected(Event):
    """The agency objected to it."""

    commitment_id: UUID
    agency_id: UUID
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class CommitmentDone(Event):
    """The agency says that it is done."""

    commitment_id: UUID
    agency_id: UUID
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class CommitmentPostponed(Event):
    """Its day was moved."""

    commitment_id: UUID
    agency_id: UUID
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class CommitmentVerified(Event):
    """Another agency found it done."""

    commitment_id: UUID
    agency_id: UUID
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class CommitmentNotMet(Event):
    """Another agency found it not done."""

    commitment_id: UUID
    agency_id: UUID
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class CommitmentWithdrawn(Event):
    """What it came from does not ask for it any more."""

    commitment_id: UUID
    agency_id: UUID
    case_id: UUID | None
