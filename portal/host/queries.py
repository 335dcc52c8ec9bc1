"""Which modules are admitted and where they are on."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import Session, col

from portal import clock
from portal.db import ReadingSession, rows
from portal.errors import NotFound
from portal.host import loading
from portal.host.models import Module, ModuleChange, ModuleInsistence, ModuleSwitch

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
