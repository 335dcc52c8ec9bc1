"""What others must know of an alert: identifiers only."""

from dataclasses import dataclass
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class AlertSent(Event):
    """An alert reached its authority."""

    alert_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class AlertCalled(Event):
    """Nobody opened an alert: the next on its authority's roster is called."""

    alert_id: UUID
    agency_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class AlertEscalated(Event):
    """An alert that nobody opened went to one more agency."""

    alert_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class AlertPassedOn(Event):
    """An alert was handed to another authority."""

    alert_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class AlertAccepted(Event):
    """An alert became a case."""

    alert_id: UUID
    case_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class AlertJoined(Event):
    """An alert was taken up in a case that existed."""

    alert_id: UUID
    case_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class AlertArchived(Event):
    """An alert ended by reasoned resolution."""

    alert_id: UUID


@dataclass(frozen=True, slots=True)
class AlertWithdrawn(Event):
    """An alert was taken back by its sender."""

    alert_id: UUID
