"""Memberships granted and ended, and the duty roster."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from portal import audit, clock
from portal.access.models import DutyShift, Membership
from portal.access.queries import people_with
from portal.actor import Actor, Role
from portal.errors import Forbidden, Invalid, NotFound, Problem
from portal.texts import _l


def grant_role(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    agency_id: UUID | None,
    role: Role,
    until: datetime | None = None,
) -> Membership:
    """Give a person a role in an agency (None: on the instance); it acts from the next request."""
    membership = Membership(
        user_id=user_id,
        agency_id=agency_id,
        role=role,
        since=clock.now(),
        until=until,
        granted_by=actor.user_id,
    )
    session.add(membership)
    session.flush()
    audit.record(
        session,
        actor,
        "access.role.grant",
        membership.id,
        user=str(user_id),
        agency=str(agency_id or ""),
        role=role.value,
    )
    return membership


def end_role(session: Session, actor: Actor, membership_id: UUID) -> None:
    """End a role; it no longer acts from the next request on."""
    membership = session.get(Membership, membership_id)
    if membership is None:
        raise NotFound
    membership.until = clock.now()
    session.flush()
    audit.record(session, actor, "access.role.end", membership.id)


def add_shift(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    telephone: str,
    starts_at: datetime,
    ends_at: datetime,
) -> DutyShift:
    """Put a person on the acting agency's duty roster; raises Invalid where that cannot be."""
    if actor.agency_id is None:
        raise Forbidden(_l("Act for an institution to keep its roster."))
    officers = {known for known, _name in people_with(session, actor.agency_id, Role.DUTY_OFFICER)}
    if user_id not in officers:
        raise Invalid(Problem("user_id", _l("Choose somebody who takes duty here.")))
    if ends_at <= starts_at:
        raise Invalid(Problem("ends_at", _l("The shift must end after it begins.")))
    shift = DutyShift(
        agency_id=actor.agency_id,
        user_id=user_id,
        telephone=telephone,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    session.add(shift)
    session.flush()
    audit.record(session, actor, "access.roster.add", shift.id, user=str(user_id))
    return shift
