"""What is held of a person: the parts of a copy for them, the parts of an erasure, and their words.

Every context and module that keeps rows about people answers in these classes; `portal.retention`
asks all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal import clock
from portal.texts import _, day_text, moment_text


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonExport:
    """What one table holds of a person, as the person's copy of the data shows it.

    Each row maps labels to words (see `readable`). `is_reserved`: whereabouts, sealed notes and
    other pieces that are handed out by a decision of their own only (R 40; SECURITY 5.1).
    """

    table: str
    title: Any
    rows: Sequence[Mapping[str, Any]]
    is_reserved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePlan:
    """A planned erasure that two people decided: whose data, on what ground, what stays.

    Whatever is of the person goes, but for the cases and alerts that are held: those under a legal
    hold, and those of the same person whose own term has not passed. Of the held ones those are
    shared that stay for the person's siblings: there goes what is of this person alone.
    """

    id: UUID
    person_id: UUID
    reason: str
    held_case_ids: frozenset[UUID] = frozenset()
    held_alert_ids: frozenset[UUID] = frozenset()
    shared_case_ids: frozenset[UUID] = frozenset()
    shared_alert_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How many rows of a table were erased, and how many stay because they are held.

    `scopes` are those under which cells of erased rows alone were sealed: their keys go too.
    """

    table: str
    erased: int
    held: int = 0
    scopes: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The records that an erasure ends as a whole: cases, their alerts, and the codes of both.

    What hangs on a record and is no single person's goes by it, once; `ErasurePlan` follows for
    each child.
    """

    id: UUID
    case_ids: frozenset[UUID]
    alert_ids: frozenset[UUID]
    codes: frozenset[str] = frozenset()


def readable(*pairs: tuple[Any, Any]) -> dict[str, str]:
    """Return a row of a person's copy from (label, value) pairs; what is empty is left out."""
    told = ((str(label), words(value)) for label, value in pairs)
    return {label: text for label, text in told if text}


def words(value: Any) -> str:
    """Return a value as the reader of a copy sees it: days and hours in Lima, yes and no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return moment_text(clock.local(value))
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(words(each) for each in value)
    return str(value)
