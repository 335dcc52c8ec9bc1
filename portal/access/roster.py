"""The duty roster kept: shifts added, changed, given to somebody else and ended."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.models import DutyShift
from portal.access.queries import people_with
from portal.access.services import lock
from portal.actor import Actor, Role
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _l


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
    shift = DutyShift(
        agency_id=actor.agency_id,
        user_id=user_id,
        telephone=telephone,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    _check(session, shift)
    session.add(shift)
    session.flush()
    audit.record(session, actor, "access.roster.add", shift.id, user=str(user_id))
    return shift


def _check(session: Session, shift: DutyShift) -> None:
    """Refuse who takes no duty there, hours that end before they begin, and two shifts at once."""
    officers = {known for known, _name in people_with(session, shift.agency_id, Role.DUTY_OFFICER)}
    if shift.user_id not in officers:
        raise Invalid(Problem("user_id", _l("Choose somebody who takes duty here.")))
    if shift.ends_at <= shift.starts_at:
        raise Invalid(Problem("ends_at", _l("The shift must end after it begins.")))
    lock(session, shift.user_id)
    other = sa.exists().where(
        col(DutyShift.user_id) == shift.user_id,
        col(DutyShift.id) != shift.id,
        col(DutyShift.starts_at) < shift.ends_at,
        col(DutyShift.ends_at) > shift.starts_at,
    )
    if session.scalar(sa.select(other)):
        message = _l("This person is on duty in those hours already.")
        raise Invalid(Problem("starts_at", message))


def get_shift(session: Session, actor: Actor, shift_id: UUID) -> DutyShift:
    """Return a shift of the acting agency; raises NotFound."""
    shift = session.get(DutyShift, shift_id)
    if shift is None or actor.agency_id is None or shift.agency_id != actor.agency_id:
        raise NotFound
    return shift


def change_shift(
    session: Session,
    actor: Actor,
    shift_id: UUID,
    *,
    user_id: UUID,
    telephone: str,
    starts_at: datetime,
    ends_at: datetime,
) -> DutyShift:
    """Change a shift that has not ended; what has begun keeps its beginning.

    Raises Conflict for one that is over, Invalid where the change cannot be.
    """
    shift = to_change(session, actor, shift_id)
    now = clock.now()
    if shift.starts_at <= now and (starts_at != shift.starts_at or user_id != shift.user_id):
        message = _l("The shift has begun: end it and add another for what changes.")
        raise Invalid(Problem("starts_at", message))
    wanted = DutyShift(
        id=shift.id,
        agency_id=shift.agency_id,
        user_id=user_id,
        telephone=telephone,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    _check(session, wanted)
    shift.user_id, shift.telephone = user_id, telephone
    shift.starts_at, shift.ends_at = starts_at, ends_at
    session.flush()
    audit.record(session, actor, "access.roster.change", shift.id, user=str(user_id))
    return shift


def to_change(session: Session, actor: Actor, shift_id: UUID) -> DutyShift:
    """Return a shift that is not over; its form asks this first."""
    shift = get_shift(session, actor, shift_id)
    if shift.ends_at <= clock.now():
        raise Conflict(_l("This shift is over: it stays as it was."))
    return shift


def give_shift(session: Session, shift: DutyShift, user_id: UUID) -> DutyShift:
    """Give what is left of a shift to somebody else; raises Invalid.

    One that has begun ends now for its holder and goes on for the other.
    """
    now = clock.now()
    if shift.starts_at > now:
        shift.user_id = user_id
        _check(session, shift)
    else:
        rest = DutyShift(
            agency_id=shift.agency_id,
            user_id=user_id,
            telephone=shift.telephone,
            starts_at=now,
            ends_at=shift.ends_at,
        )
        _check(session, rest)
        shift.ends_at = now
        session.add(rest)
    session.flush()
    return shift


def end_shift(session: Session, actor: Actor, shift_id: UUID) -> None:
    """End a running shift now, or take one to come off the roster; raises Conflict once over."""
    shift = to_change(session, actor, shift_id)
    now = clock.now()
    audit.record(session, actor, "access.roster.end", shift.id, user=str(shift.user_id))
    if shift.starts_at > now:
        session.delete(shift)
    else:
        shift.ends_at = now
    session.flush()
