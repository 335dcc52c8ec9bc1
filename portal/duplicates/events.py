"""What others must know of two records that may be one: identifiers only."""

from dataclasses import dataclass
from uuid import UUID

from portal.events import Event


@dataclass(frozen=True, slots=True)
class MatchTold(Event):
    """A side of a proposal is to look at it: it was found, answered, merged or undone."""

    match_id: UUID
    agency_id: UUID
    what: str
    code: str


@dataclass(frozen=True, slots=True)
class CasesMerged(Event):
    """Two cases were merged; `joined_case_id` goes on within `kept_case_id`."""

    kept_case_id: UUID
    joined_case_id: UUID


@dataclass(frozen=True, slots=True)
class CasesParted(Event):
    """A merge was undone: both cases stand alone again."""

    kept_case_id: UUID
    joined_case_id: UUID
