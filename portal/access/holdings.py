"""What a person holds for an agency, and how it passes to somebody else (entrega de cargo).

Contexts above register here from their `wiring`: cases that are assigned, seats at councils, text
not sent. Nothing of a case is known here: a kind names its records for those who may read them, and
counts them for the others.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from portal.actor import INSTANCE_ROLES, Actor, Role

AGENCY_ROLES = frozenset(Role) - INSTANCE_ROLES


@dataclass(frozen=True, slots=True)
class Passing:
    """From whom to whom something passes, and for which agency."""

    agency_id: UUID
    from_id: UUID
    to_id: UUID


ListFor = Callable[[Session, UUID, UUID], Collection[UUID]]
Reassign = Callable[[Session, Actor, Passing, UUID], None]
Describe = Callable[[Session, Actor, Collection[UUID]], Mapping[UUID, str]]
Release = Callable[[Session, Actor, UUID, UUID], None]
Holds = Callable[[Any, UUID], sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that people hold.

    `list_for(session, agency_id, user_id)` returns what a person holds. `reassign` gives one of
    them to another person; it raises Invalid where that person may not have it. None: nobody takes
    it over, it is only counted (personal drafts). `describe` names those that the actor may read,
    by codes only. `takers` are the roles that may hold it: who keeps one of them keeps the thing.
    `release(session, actor, agency_id, user_id)` ends what is left once everything has an owner.
    `holds(user_id, agency_id)` is the condition that a person of a statement holds any of it, by
    which those are found who left without handing over. `fate` says what becomes of what nobody
    takes over.
    """

    name: str
    label: Any
    list_for: ListFor
    reassign: Reassign | None
    describe: Describe
    takers: frozenset[Role]
    release: Release | None
    holds: Holds | None
    fate: Any


_kinds: dict[str, Kind] = {}


def _nothing(_session: Session, _actor: Actor, _ids: Collection[UUID]) -> Mapping[UUID, str]:
    return {}


def register(
    kind: str,
    label: Any,
    list_for: ListFor,
    reassign: Reassign | None,
    *,
    describe: Describe = _nothing,
    takers: Collection[Role] = AGENCY_ROLES,
    release: Release | None = None,
    holds: Holds | None = None,
    fate: Any = "",
) -> None:
    """Register a kind of thing that people hold; the same name replaces. See `Kind`."""
    _kinds[kind] = Kind(
        kind, label, list_for, reassign, describe, frozenset(takers), release, holds, fate
    )


def kinds() -> list[Kind]:
    """Return the kinds in the order of their registration."""
    return list(_kinds.values())


def kind_of(name: str) -> Kind | None:
    """Return a kind by its name, or None where its context is gone."""
    return _kinds.get(name)


def held_by(session: Session, agency_id: UUID, user_id: UUID) -> dict[str, list[UUID]]:
    """Return what a person holds for an agency by kind, empty kinds left out."""
    found = {kind.name: list(kind.list_for(session, agency_id, user_id)) for kind in kinds()}
    return {name: ids for name, ids in found.items() if ids}
