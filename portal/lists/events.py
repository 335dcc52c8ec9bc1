"""What others must know of a list: identifiers only."""

from dataclasses import dataclass
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class ListSent(Event):
    """A list has sent its last alert to one authority."""

    list_id: UUID
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class ListChecked(Event):
    """A list was read and waits for the decision of who handed it in."""

    list_id: UUID
