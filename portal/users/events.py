"""What others must know of accounts: identifiers only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class FactorChanged(Event):
    """A person's passkeys, app or recovery codes changed; the person is told, whoever it was."""

    user_id: UUID
    agency_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class RecoveryCodeUsed(Event):
    """Somebody came in by a recovery code of a person, who is told."""

    user_id: UUID
    agency_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ResetAsked(Event):
    """Somebody asks that a person be let in anew; who may confirm it is told."""

    request_id: UUID
    user_id: UUID
