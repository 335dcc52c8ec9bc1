"""What others must know of the modules."""

from dataclasses import dataclass
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class ModuleAdmitted(Event):
    """The platform's administrator admitted a module, or a new version of it."""

    slug: str
    version: str


@dataclass(frozen=True, slots=True)
class ModuleSwitchedOn(Event):
    """A module was turned on for an agency."""

    slug: str
    agency_id: UUID


@dataclass(frozen=True, slots=True)
class ModuleSwitchedOff(Event):
    """A module was turned off for an agency; `insisted` where it objected and two people did."""

    slug: str
    agency_id: UUID
    insisted: bool
