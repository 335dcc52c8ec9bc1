"""What others must know of plans: identifiers only."""

from dataclasses import dataclass
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class PlanApproved(Event):
    """A version of a plan is in force: the first, or a change of it."""

    plan_id: UUID
    case_id: UUID
    version: int
