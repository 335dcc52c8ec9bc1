"""Who asked for a copy, as that person stands at the moment when it is made."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.access.models import Membership
from portal.access.queries import is_held, on_duty
from portal.actor import Actor, Role
from portal.agencies.queries import get_agency
from portal.users.models import User


def maker_of(session: Session, user_id: UUID, agency_id: UUID) -> Actor:
    """Return a person acting for an institution with the roles held there now, as at a sign-in.

    The worker makes what this actor may read, not what could be read when it was asked for. Whoever
    left, or whose account was disabled, holds no role and sees no case.
    """
    user, agency = session.get_one(User, user_id), get_agency(session, agency_id)
    roles = session.scalars(
        sa.select(col(Membership.role)).where(
            col(Membership.user_id) == user_id, col(Membership.agency_id) == agency_id, is_held()
        )
    ).all()
    held = frozenset(roles) if user.disabled_at is None else frozenset()
    is_on_duty = Role.DUTY_OFFICER in held and any(
        each.user_id == user_id for each in on_duty(session, agency_id)
    )
    return Actor(
        user_id=user_id,
        agency_id=agency_id,
        agency_kind=agency.kind,
        roles=held,
        on_duty=is_on_duty,
        name=user.name,
        agency_name=agency.name,
    )
