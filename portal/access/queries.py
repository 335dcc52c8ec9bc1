"""Who may act for whom, with which roles, and who is on duty."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock, host
from portal.access.models import DutyShift, Membership
from portal.actor import CASE_ROLES, Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.db import rows
from portal.texts import _
from portal.users.models import User
from portal.users.queries import SignedIn


def is_held(at: datetime | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that a membership is held at a moment (now by default)."""
    moment = at or clock.now()
    return sa.and_(
        col(Membership.since) <= moment,
        sa.or_(col(Membership.until).is_(None), col(Membership.until) > moment),
    )


def actor_of(
    session: Session,
    signed_in: SignedIn,
    permissions: Mapping[str, frozenset[Role]],
    request_id: str,
) -> Actor:
    """Return the actor of a sign-in: roles, shift and modules as they are at this moment."""
    statement = (
        sa.select(col(Membership.role), col(Agency.name), col(Agency.kind), host.change_number())
        .join(Agency, col(Agency.id) == col(Membership.agency_id), isouter=True)
        .where(
            col(Membership.user_id) == signed_in.user_id,
            _of_agency(signed_in.agency_id),
            is_held(),
        )
    )
    held = rows(session, statement)
    roles = frozenset(role for role, *_rest in held)
    _role, name, kind, number = held[0] if held else (None, None, None, 0)
    modules = host.modules_on(session, signed_in.agency_id, number)
    return Actor(
        user_id=signed_in.user_id,
        agency_id=signed_in.agency_id,
        agency_kind=AgencyKind(kind) if kind else None,
        roles=roles,
        on_duty=Role.DUTY_OFFICER in roles and _is_on_duty(session, signed_in),
        permissions=host.granted(permissions, roles, modules),
        modules=modules,
        sign_in_id=signed_in.id,
        request_id=request_id,
        name=signed_in.name,
        agency_name=name or _("Platform"),
    )


def _of_agency(agency_id: UUID | None) -> sa.ColumnElement[bool]:
    column = col(Membership.agency_id)
    return column.is_(None) if agency_id is None else column == agency_id


def _is_on_duty(session: Session, signed_in: SignedIn) -> bool:
    now = clock.now()
    return bool(
        session.scalar(
            sa.select(
                sa.exists().where(
                    col(DutyShift.agency_id) == signed_in.agency_id,
                    col(DutyShift.user_id) == signed_in.user_id,
                    col(DutyShift.starts_at) <= now,
                    col(DutyShift.ends_at) > now,
                )
            )
        )
    )


def acting_choices(session: Session, user_id: UUID) -> list[tuple[UUID | None, str]]:
    """Return for whom a person may act now: agency and name; None is the platform itself."""
    statement = (
        sa.select(col(Membership.agency_id), col(Agency.name))
        .join(Agency, col(Agency.id) == col(Membership.agency_id), isouter=True)
        .where(col(Membership.user_id) == user_id, is_held())
        .group_by(col(Membership.agency_id), col(Agency.name))
        .order_by(col(Agency.name))
    )
    return [(agency_id, name or _("Platform")) for agency_id, name in rows(session, statement)]


@dataclass(frozen=True, slots=True)
class DutyOfficer:
    """Who answers the telephone of an agency, from when until when."""

    user_id: UUID
    name: str
    telephone: str
    starts_at: datetime
    ends_at: datetime


def on_duty(session: Session, agency_id: UUID, at: datetime | None = None) -> list[DutyOfficer]:
    """Return who is on duty at a moment, the shift that began first first."""
    moment = at or clock.now()
    return _shifts(
        session,
        col(DutyShift.agency_id) == agency_id,
        col(DutyShift.starts_at) <= moment,
        col(DutyShift.ends_at) > moment,
    )


def who_is_on_duty(
    session: Session, agency_id: UUID, at: datetime | None = None
) -> DutyOfficer | None:
    """Return the first of those on duty at a moment, or None where the roster has a gap."""
    return next(iter(on_duty(session, agency_id, at)), None)


def coming_shifts(session: Session, agency_id: UUID) -> list[DutyOfficer]:
    """Return the shifts of an agency that are running or to come."""
    return _shifts(
        session, col(DutyShift.agency_id) == agency_id, col(DutyShift.ends_at) > clock.now()
    )


def _shifts(session: Session, *conditions: sa.ColumnElement[bool]) -> list[DutyOfficer]:
    statement = (
        sa.select(
            col(DutyShift.user_id),
            col(User.name),
            col(DutyShift.telephone),
            col(DutyShift.starts_at),
            col(DutyShift.ends_at),
        )
        .join(User, col(User.id) == col(DutyShift.user_id))
        .where(*conditions)
        .order_by(col(DutyShift.starts_at), col(DutyShift.id))
        .limit(60)
    )
    return [DutyOfficer(*row) for row in rows(session, statement)]


def people_with(session: Session, agency_id: UUID | None, *roles: Role) -> list[tuple[UUID, str]]:
    """Return the people who hold any of these roles in an agency now: identifier and name."""
    statement = (
        sa.select(col(User.id), col(User.name))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(
            _of_agency(agency_id),
            col(Membership.role).in_(roles),
            is_held(),
            col(User.disabled_at).is_(None),
        )
        .group_by(col(User.id), col(User.name))
        .order_by(col(User.name))
    )
    return list(rows(session, statement))


def case_workers(session: Session, agency_id: UUID | None) -> list[tuple[UUID, str]]:
    """Return the people of an agency who may be put on a case."""
    return people_with(session, agency_id, *CASE_ROLES)


def has_users(session: Session, agency_id: UUID) -> bool:
    """Tell whether an agency has anybody who works on cases; else it is written to by letter."""
    return bool(people_with(session, agency_id, *CASE_ROLES))
