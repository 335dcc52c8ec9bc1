"""What others must know of a referral: identifiers only."""

from dataclasses import dataclass
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class ReferralSent(Event):
    """A referral reached its receiver."""

    referral_id: UUID
    case_id: UUID
    from_agency_id: UUID
    to_agency_id: UUID


@dataclass(frozen=True, slots=True)
class ReferralAccepted(Event):
    """The receiver took a referral on."""

    referral_id: UUID
    case_id: UUID


@dataclass(frozen=True, slots=True)
class ReferralReturned(Event):
    """The receiver gave a referral back with a reason."""

    referral_id: UUID
    case_id: UUID


@dataclass(frozen=True, slots=True)
class ReferralAnswered(Event):
    """The receiver answered."""

    referral_id: UUID
    case_id: UUID


@dataclass(frozen=True, slots=True)
class ReferralClosed(Event):
    """The sender took note of the answer."""

    referral_id: UUID
    case_id: UUID


@dataclass(frozen=True, slots=True)
class ReferralWithdrawn(Event):
    """The sender took a referral back."""

    referral_id: UUID
    case_id: UUID


@dataclass(frozen=True, slots=True)
class ReferralPassedOn(Event):
    """The receiver handed a referral to a unit of its own."""

    referral_id: UUID
    case_id: UUID
    to_agency_id: UUID


@dataclass(frozen=True, slots=True)
class ReferralSilent(Event):
    """Nobody answered for so long that the silence led one step further (`Silence`)."""

    referral_id: UUID
    case_id: UUID
    step: str
