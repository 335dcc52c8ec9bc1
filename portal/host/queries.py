"""Which modules are admitted and where they are on."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import Session, col

from portal import clock
from portal.actor import Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.db import ReadingSession, rows
from portal.db.sealing import unseal
from portal.errors import NotFound
from portal.host import loading
from portal.host.models import Module, ModuleChange, ModuleHealth, ModuleInsistence, ModuleSwitch
from portal.users.models import User

CHANGE_ROW = 1
INSISTENCE_LASTS = timedelta(hours=24)

_known: WeakKeyDictionary[Any, dict[UUID, tuple[int, frozenset[str]]]] = WeakKeyDictionary()


def change_number() -> sa.ScalarSelect[int]:
    """Return the number that every switch raises, to be read in the statement of the sign-in."""
    return (
        sa.select(col(ModuleChange.number))
        .where(col(ModuleChange.id) == CHANGE_ROW)
        .scalar_subquery()
    )


def modules_on(
    session: Session, agency_id: UUID | None, number: int | None = None
) -> frozenset[str]:
    """Return the modules that are on for an agency: loaded, admitted, switched on.

    `number` is the value of `change_number()` where the caller has read it already. Answers are
    kept for as long as it stays the same, so that a switch acts from the next request of every
    process; a writing session is never answered from what was kept, since it may yet roll back.
    """
    if agency_id is None:
        return frozenset()
    loaded = loading.current().loaded.keys()
    if not isinstance(session, ReadingSession):
        return switched_on(session, {agency_id}) & loaded
    if number is None:
        number = session.scalar(sa.select(change_number())) or 0
    kept = _known.setdefault(session.get_bind(), {})
    if (before := kept.get(agency_id)) is None or before[0] != number:
        kept[agency_id] = (number, switched_on(session, {agency_id}))
    return kept[agency_id][1] & loaded


def switched_on(session: Session, agency_ids: Collection[UUID]) -> frozenset[str]:
    """Return the modules switched on for any of the agencies, whether or not they are loaded."""
    statement = (
        sa.select(col(ModuleSwitch.slug))
        .where(col(ModuleSwitch.agency_id).in_(agency_ids), col(ModuleSwitch.is_on))
        .distinct()
    )
    return frozenset(slug for (slug,) in rows(session, statement))


def admitted(session: Session) -> dict[str, str]:
    """Return the version of each admitted module, by slug."""
    return dict(rows(session, sa.select(col(Module.slug), col(Module.version))))


def settings_of(session: Session, slug: str, agency_id: UUID | None) -> BaseModel:
    """Return the settings of a module for an agency: its own over the instance's over defaults.

    Raises NotFound where the module is not loaded.
    """
    module = loading.current().loaded.get(slug)
    if module is None:
        raise NotFound
    row = session.get(Module, slug)
    values = dict(row.settings) if row else {}
    if agency_id is not None and (switch := find_switch(session, slug, agency_id)):
        values |= switch.settings
    return module.plugin.settings_model.model_validate(values)


def own_settings(session: Session, slug: str, agency_id: UUID | None) -> tuple[dict[str, Any], int]:
    """Return what is set for an agency itself, or for the instance, and the row's version.

    Raises NotFound where the module is not admitted, or was never on there.
    """
    row = session.get(Module, slug) if agency_id is None else find_switch(session, slug, agency_id)
    if row is None:
        raise NotFound
    return dict(row.settings), row.row_version


def find_switch(session: Session, slug: str, agency_id: UUID) -> ModuleSwitch | None:
    """Return the switch of a module for an agency, None where it was never on."""
    statement = sa.select(ModuleSwitch).where(
        col(ModuleSwitch.slug) == slug, col(ModuleSwitch.agency_id) == agency_id
    )
    return session.scalars(statement).one_or_none()


def find_insistence(session: Session, slug: str, agency_id: UUID) -> ModuleInsistence | None:
    """Return the first person's insistence on switching off, None where it has lapsed."""
    statement = sa.select(ModuleInsistence).where(
        col(ModuleInsistence.slug) == slug,
        col(ModuleInsistence.agency_id) == agency_id,
        col(ModuleInsistence.insisted_at) > clock.now() - INSISTENCE_LASTS,
    )
    return session.scalars(statement).one_or_none()


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """Who insisted first on switching a module off, when, and why."""

    user_id: UUID
    name: str
    at: datetime
    reason: str


def find_first(session: Session, slug: str, agency_id: UUID) -> FirstPerson | None:
    """Return the first of two people who insist, None where nobody did within the day."""
    row = find_insistence(session, slug, agency_id)
    if row is None:
        return None
    reason = unseal(
        session,
        row.user_id,
        ModuleInsistence.__tablename__,
        "reason_sealed",
        row.id,
        row.reason_sealed,
    )
    name = session.get_one(User, row.user_id).name
    return FirstPerson(row.user_id, name, row.insisted_at, reason)


class State(StrEnum):
    """How a module stands on the instance."""

    INSTALLED = "installed"
    ADMITTED = "admitted"
    OUTDATED = "outdated"
    QUARANTINED = "quarantined"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """A module as the administrators see it.

    `version` is the installed one, `admitted_version` the one that was admitted; `failures` counts
    since then, and `failed_at` is the latest.
    """

    slug: str
    name: Any
    summary: Any
    version: str
    admitted_version: str
    state: State
    reason: str
    kinds: tuple[AgencyKind, ...]
    agencies_on: int
    failures: int
    failed_at: datetime | None

    @property
    def can_be_switched(self) -> bool:
        """Tell whether agencies may turn it on and off now."""
        return self.state in (State.ADMITTED, State.OUTDATED)

    def is_meant_for(self, kind: AgencyKind) -> bool:
        """Tell whether the module is for a kind of agency."""
        return not self.kinds or kind in self.kinds


def list_modules(session: Session) -> list[ModuleRow]:
    """Return every module that is installed or was admitted, in the order of the host."""
    host = loading.current()
    versions = admitted(session)
    slugs = [*host.loaded, *sorted(host.quarantined), *sorted(versions)]
    known = [slug for place, slug in enumerate(slugs) if slug not in slugs[:place]]
    on, failed = _count_on(session), _failures(session)
    return [_module_row(slug, versions.get(slug, ""), on, failed) for slug in known]


def get_module(session: Session, slug: str) -> ModuleRow:
    """Return one module; raises NotFound."""
    for module in list_modules(session):
        if module.slug == slug:
            return module
    raise NotFound


def _count_on(session: Session) -> dict[str, int]:
    statement = (
        sa.select(col(ModuleSwitch.slug), sa.func.count())
        .where(col(ModuleSwitch.is_on))
        .group_by(col(ModuleSwitch.slug))
    )
    return dict(rows(session, statement))


def _failures(session: Session) -> dict[str, tuple[int, datetime | None]]:
    statement = sa.select(
        col(ModuleHealth.slug),
        sa.func.sum(col(ModuleHealth.failures)),
        sa.func.max(col(ModuleHealth.last_failure_at)),
    ).group_by(col(ModuleHealth.slug))
    return {slug: (count, at) for slug, count, at in rows(session, statement)}


def _module_row(
    slug: str,
    admitted_version: str,
    on: dict[str, int],
    failed: dict[str, tuple[int, datetime | None]],
) -> ModuleRow:
    host = loading.current()
    loaded, set_aside = host.loaded.get(slug), host.quarantined.get(slug)
    failures, failed_at = failed.get(slug, (0, None))
    version = loaded.plugin.version if loaded else set_aside.version if set_aside else ""
    return ModuleRow(
        slug=slug,
        name=host.name_of(slug),
        summary=loaded.plugin.summary if loaded else "",
        version=version,
        admitted_version=admitted_version,
        state=_state(slug, version, admitted_version),
        reason=set_aside.reason if set_aside else "",
        kinds=tuple(kind for kind in AgencyKind if loaded and kind in loaded.plugin.for_kinds),
        agencies_on=on.get(slug, 0),
        failures=failures,
        failed_at=failed_at,
    )


def _state(slug: str, version: str, admitted_version: str) -> State:
    host = loading.current()
    if slug in host.quarantined:
        return State.QUARANTINED
    if slug not in host.loaded:
        return State.MISSING
    if not admitted_version:
        return State.INSTALLED
    return State.ADMITTED if version == admitted_version else State.OUTDATED


@dataclass(frozen=True, slots=True)
class AgencySwitches:
    """An agency and the modules that are switched on there."""

    id: UUID
    code: str
    name: str
    kind: AgencyKind
    on: frozenset[str]


def list_switches(
    session: Session,
    actor: Actor,
    *,
    wanted: str = "",
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> list[AgencySwitches]:
    """Return the agencies whose modules the actor may switch, by name, with what is on there.

    The platform's administrator sees all that still work, or those whose name holds `wanted`; an
    agency's administrator sees its own. `after` is the name and identifier of the last one seen.
    """
    conditions = [switched_by(actor)]
    if wanted:
        conditions.append(col(Agency.name).icontains(wanted, autoescape=True))
    if after:
        conditions.append(sa.tuple_(col(Agency.name), col(Agency.id)) > after)
    return _agencies(session, *conditions, limit=limit)


def get_switches(session: Session, actor: Actor, agency_id: UUID) -> AgencySwitches:
    """Return an agency whose modules the actor may switch; raises NotFound."""
    for agency in _agencies(session, switched_by(actor), col(Agency.id) == agency_id, limit=1):
        return agency
    raise NotFound


def switched_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition under which the modules of an `Agency` are the actor's to switch."""
    works = sa.or_(col(Agency.closed_on).is_(None), col(Agency.closed_on) > clock.today())
    if actor.has_role(Role.PLATFORM_ADMIN):
        return works
    if actor.has_role(Role.AGENCY_ADMIN):
        return sa.and_(works, col(Agency.id) == actor.agency_id)
    return sa.false()


def _agencies(
    session: Session, *conditions: sa.ColumnElement[bool], limit: int
) -> list[AgencySwitches]:
    statement = (
        sa.select(col(Agency.id), col(Agency.code), col(Agency.name), col(Agency.kind))
        .where(*conditions)
        .order_by(col(Agency.name), col(Agency.id))
        .limit(limit)
    )
    found = rows(session, statement)
    on = _switches(session, [agency_id for agency_id, *_rest in found])
    return [
        AgencySwitches(agency_id, code, name, kind, frozenset(on.get(agency_id, ())))
        for agency_id, code, name, kind in found
    ]


def _switches(session: Session, agency_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    statement = sa.select(col(ModuleSwitch.agency_id), col(ModuleSwitch.slug)).where(
        col(ModuleSwitch.agency_id).in_(agency_ids), col(ModuleSwitch.is_on)
    )
    found: dict[UUID, list[str]] = {}
    for agency_id, slug in rows(session, statement):
        found.setdefault(agency_id, []).append(slug)
    return found


def list_health(session: Session, slug: str) -> list[ModuleHealth]:
    """Return how a module answers each hook, the most failures first."""
    statement = (
        sa.select(ModuleHealth)
        .where(col(ModuleHealth.slug) == slug)
        .order_by(col(ModuleHealth.failures).desc(), col(ModuleHealth.hook))
    )
    return list(session.scalars(statement))
