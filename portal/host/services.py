"""Admitting modules and turning them on and off; usable from a page and from the command line."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.db import Database, migrations, new_id
from portal.db.sealing import seal
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.host import calling, loading, queries
from portal.host.events import ModuleAdmitted, ModuleSwitchedOff, ModuleSwitchedOn
from portal.host.loading import Loaded
from portal.host.models import Module, ModuleChange, ModuleInsistence, ModuleSwitch
from portal.host.slots import Objection
from portal.texts import _l


class Objected(Conflict):
    """A module objects to being switched off; `objections` says what is open."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(_l("The module has open matters at this institution."))
        self.objections = objections


class SwitchedOff(StrEnum):
    """What came of switching a module off: it is off, or it waits for a second person."""

    DONE = "done"
    WAITS = "waits"


def admit(db: Database, actor: Actor, slug: str) -> None:
    """Admit an installed module: make or renew its tables, then let agencies turn it on.

    Admitting it again after an update runs its new migrations. Raises NotFound where it is not
    installed, Conflict where it is quarantined.
    """
    if not (actor.is_system or actor.has_role(Role.PLATFORM_ADMIN)):
        raise Forbidden(_l("Only the administrator of the platform admits modules."))
    module = in_order(slug)
    if module.migrations:
        migrations.upgrade(db, slug, module.migrations)
    with db.write() as session:
        keep_admitted(session, actor, module)
        events.record(session, ModuleAdmitted(slug, module.plugin.version))
    events.deliver(db, session)


def keep_admitted(session: Session, actor: Actor, module: Loaded) -> None:
    """Write the row of an admitted module."""
    slug, version = module.plugin.slug, module.plugin.version
    row = session.get(Module, slug)
    if row is None:
        row = Module(slug=slug, version=version, admitted_by=actor.user_id, admitted_at=clock.now())
        session.add(row)
    else:
        row.version, row.admitted_by, row.admitted_at = version, actor.user_id, clock.now()
    audit.record(session, actor, "host.plugin.admit", None, slug=slug, version=version)
    raise_number(session)


def enable(session: Session, actor: Actor, slug: str, agency_id: UUID) -> None:
    """Turn a module on for an agency; nothing happens where it is on already.

    Raises Conflict with a sentence where it is not admitted, quarantined, or not meant for this
    kind of agency.
    """
    agency = agency_of(session, actor, agency_id)
    module = in_order(slug)
    if session.get(Module, slug) is None:
        raise Conflict(_l("The platform has not admitted this module yet."))
    if module.plugin.for_kinds and agency.kind not in module.plugin.for_kinds:
        raise Conflict(
            _l(
                "The module %(module)s is not meant for institutions like %(agency)s.",
                module=module.plugin.name,
                agency=agency.name,
            )
        )
    switch = queries.find_switch(session, slug, agency_id)
    if switch and switch.is_on:
        return
    turn(session, actor, slug, agency_id, to=True)
    audit.record(session, actor, "host.plugin.enable", agency_id, slug=slug)
    events.record(session, ModuleSwitchedOn(slug, agency_id))


def must_be_on(session: Session, actor: Actor, slug: str, agency_id: UUID) -> None:
    """Raise where the actor may not turn a module off there; its form asks this first."""
    agency_of(session, actor, agency_id)
    switch = queries.find_switch(session, slug, agency_id)
    if switch is None or not switch.is_on:
        raise Conflict(_l("The module is not on at this institution."))


def disable(
    session: Session,
    actor: Actor,
    slug: str,
    agency_id: UUID,
    *,
    insist: bool = False,
    reason: str = "",
) -> SwitchedOff:
    """Turn a module off for an agency; its data stay.

    The module is asked first. Raises Objected with what is open, unless two people insist, each
    with a reason, the second within a day of the first. Raises Conflict where it is not on.
    """
    must_be_on(session, actor, slug, agency_id)
    objections = calling.switch_objections(session, actor, slug, agency_id)
    if objections and not insist:
        raise Objected(objections)
    if objections and not is_second(session, actor, slug, agency_id, reason):
        return SwitchedOff.WAITS
    forget_insistence(session, slug, agency_id)
    turn(session, actor, slug, agency_id, to=False)
    open_matters = sum(objection.count for objection in objections)
    audit.record(
        session,
        actor,
        "host.plugin.disable",
        agency_id,
        reason=reason or None,
        slug=slug,
        open_matters=open_matters,
    )
    events.record(session, ModuleSwitchedOff(slug, agency_id, bool(objections)))
    return SwitchedOff.DONE


def is_second(session: Session, actor: Actor, slug: str, agency_id: UUID, reason: str) -> bool:
    """Tell whether another person insisted within a day; otherwise keep this one as the first."""
    if actor.user_id is None:
        raise Forbidden(_l("Two people must insist, each signed in."))
    if not reason.strip():
        raise Invalid(
            Problem("reason", _l("Say why the module must be switched off all the same."))
        )
    first = queries.find_insistence(session, slug, agency_id)
    if first and first.user_id != actor.user_id:
        return True
    forget_insistence(session, slug, agency_id)
    insistence = ModuleInsistence(
        id=new_id(),
        slug=slug,
        agency_id=agency_id,
        user_id=actor.user_id,
        reason_sealed=b"",
        insisted_at=clock.now(),
    )
    insistence.reason_sealed = seal(
        session,
        actor.user_id,
        ModuleInsistence.__tablename__,
        "reason_sealed",
        insistence.id,
        reason,
    )
    session.add(insistence)
    audit.record(session, actor, "host.plugin.insist", agency_id, reason=reason, slug=slug)
    session.flush()
    return False


def forget_insistence(session: Session, slug: str, agency_id: UUID) -> None:
    """Delete what a first person insisted on, because it was carried out, renewed or has lapsed."""
    session.execute(
        sa.delete(ModuleInsistence).where(
            col(ModuleInsistence.slug) == slug, col(ModuleInsistence.agency_id) == agency_id
        )
    )


def set_settings(
    session: Session, actor: Actor, slug: str, agency_id: UUID | None, values: Mapping[str, Any]
) -> None:
    """Set a module's settings for an agency, or the instance's where `agency_id` is None.

    What is not among `values` follows the instance, or the module's own default.
    Raises Invalid with one problem for each value that the module's model refuses.
    """
    module = in_order(slug)
    if agency_id is None and not (actor.is_system or actor.has_role(Role.PLATFORM_ADMIN)):
        raise Forbidden(_l("Only the administrator of the platform sets this."))
    if agency_id is not None:
        agency_of(session, actor, agency_id)
    try:
        kept = module.plugin.settings_model.model_validate(values).model_dump(mode="json")
    except ValidationError as error:
        raise Invalid(
            *(Problem(str(found["loc"][0]), found["msg"]) for found in error.errors())
        ) from error
    target: Module | ModuleSwitch | None = (
        session.get(Module, slug)
        if agency_id is None
        else queries.find_switch(session, slug, agency_id)
    )
    if target is None:
        raise NotFound
    target.settings = {name: kept[name] for name in values}
    audit.record(
        session,
        actor,
        "host.plugin.settings",
        agency_id,
        slug=slug,
        fields=",".join(sorted(values)),
    )
    raise_number(session)


def in_order(slug: str) -> Loaded:
    """Return a loaded module; raises Conflict where it is quarantined, NotFound where unknown."""
    host = loading.current()
    if slug in host.quarantined:
        raise Conflict(
            _l(
                "The module is quarantined: %(reason)s",
                reason=host.quarantined[slug].reason,
            )
        )
    if slug not in host.loaded:
        raise NotFound
    return host.loaded[slug]


def agency_of(session: Session, actor: Actor, agency_id: UUID) -> Agency:
    """Return the agency whose modules the actor may turn on and off.

    Raises Forbidden where the platform reserves it to its own administrator, and NotFound to the
    administrator of another agency.
    """
    agency = session.get(Agency, agency_id)
    if agency is None:
        raise NotFound
    if actor.is_system or actor.has_role(Role.PLATFORM_ADMIN):
        return agency
    if not actor.has_role(Role.AGENCY_ADMIN) or actor.agency_id != agency_id:
        raise NotFound
    if not loading.current().agency_admins_switch:
        raise Forbidden(_l("On this platform its administrator turns modules on and off."))
    return agency


def turn(session: Session, actor: Actor, slug: str, agency_id: UUID, *, to: bool) -> None:
    """Write the switch and raise the number that tells every process of it."""
    switch = queries.find_switch(session, slug, agency_id)
    if switch is None:
        switch = ModuleSwitch(slug=slug, agency_id=agency_id, is_on=to, switched_at=clock.now())
    switch.is_on, switch.switched_by, switch.switched_at = to, actor.user_id, clock.now()
    session.add(switch)
    raise_number(session)


def raise_number(session: Session) -> None:
    """Raise the number of changes, in the transaction of the change."""
    session.flush()
    session.execute(
        sa.update(ModuleChange)
        .where(col(ModuleChange.id) == queries.CHANGE_ROW)
        .values(number=col(ModuleChange.number) + 1)
    )
