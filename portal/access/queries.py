"""Who may act for whom, with which roles, and who is on duty."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock, host
from portal.access import rules
from portal.access.lines import handover_lines, review_lines
from portal.access.models import (
    DutyShift,
    Membership,
    Signer,
    SignerAct,
    SignerStanding,
)
from portal.access.staff import looking
from portal.actor import CASE_ROLES, Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.db import NOW, AnyColumns, given, rows
from portal.host.slots import HomeItem
from portal.texts import _
from portal.users.models import User
from portal.users.queries import SignedIn

MOST_SHIFTS = 200


def is_held(at: datetime | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that a membership is held at a moment (now by default)."""
    moment = NOW if at is None else at
    return sa.and_(
        col(Membership.suspended_at).is_(None),
        col(Membership.since) <= moment,
        sa.or_(col(Membership.until).is_(None), col(Membership.until) > moment),
    )


# Every request asks these: they are put together once.
_ROLES = (
    sa.select(col(Membership.role), col(Agency.name), col(Agency.kind), host.change_number())
    .join(Agency, col(Agency.id) == col(Membership.agency_id), isouter=True)
    .where(
        col(Membership.user_id) == given("user_id"),
        col(Membership.agency_id).is_not_distinct_from(given("agency_id")),
        is_held(),
    )
)
_ON_DUTY = sa.select(
    sa.exists().where(
        col(DutyShift.agency_id) == given("agency_id"),
        col(DutyShift.user_id) == given("user_id"),
        col(DutyShift.starts_at) <= NOW,
        col(DutyShift.ends_at) > NOW,
    )
)


def actor_of(
    session: Session,
    signed_in: SignedIn,
    permissions: Mapping[str, frozenset[Role]],
    request_id: str,
) -> Actor:
    """Return the actor of a sign-in: roles, shift and modules as they are at this moment.

    An administrator in a staff session is who looks, and nothing else.
    """
    values = {"user_id": signed_in.user_id, "agency_id": signed_in.agency_id}
    held = rows(session, _ROLES, values)
    roles = frozenset(role for role, *_rest in held)
    if signed_in.only_role is not None:
        roles &= {signed_in.only_role}
    _role, name, kind, number = held[0] if held else _without_role(session, signed_in)
    modules = host.modules_on(session, signed_in.agency_id, number)
    actor = Actor(
        user_id=signed_in.user_id,
        agency_id=signed_in.agency_id,
        agency_kind=AgencyKind(kind) if kind else None,
        roles=roles,
        on_duty=Role.DUTY_OFFICER in roles and rows(session, _ON_DUTY, values)[0][0],
        permissions=host.granted(permissions, roles, modules),
        modules=modules,
        sign_in_id=signed_in.id,
        request_id=request_id,
        name=signed_in.name,
        agency_name=name or _("Platform"),
    )
    return looking(session, actor)


def _without_role(
    session: Session, signed_in: SignedIn
) -> tuple[None, str | None, AgencyKind | None, int]:
    """Return what is known of an agency in which the person holds no role any more."""
    agency = session.get(Agency, signed_in.agency_id) if signed_in.agency_id else None
    return (None, agency.name, agency.kind, 0) if agency else (None, None, None, 0)


def of_agency(agency_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a membership is of an agency, or of the instance (None)."""
    column = col(Membership.agency_id)
    return column.is_(None) if agency_id is None else column == agency_id


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

    id: UUID
    user_id: UUID
    name: str
    telephone: str
    starts_at: datetime
    ends_at: datetime

    def hours_on(self, day: date) -> str:
        """Return the hours of the shift that fall on a day, as `08:00–24:00`."""
        return rules.hours_on((self.starts_at, self.ends_at), day)


def on_duty(session: Session, agency_id: UUID, at: datetime | None = None) -> list[DutyOfficer]:
    """Return who is on duty at a moment, the shift that began first first."""
    moment = at or clock.now()
    return _shifts(
        session,
        col(DutyShift.agency_id) == agency_id,
        col(DutyShift.starts_at) <= moment,
        col(DutyShift.ends_at) > moment,
    )


def attending(session: Session, agency_id: UUID) -> set[UUID]:
    """Return who answers for an agency now, as `Actor.attends` says: whom it is told of things."""
    coordinators = {user_id for user_id, _name in people_with(session, agency_id, Role.COORDINATOR)}
    return coordinators | {officer.user_id for officer in on_duty(session, agency_id)}


def who_is_on_duty(
    session: Session, agency_id: UUID, at: datetime | None = None
) -> DutyOfficer | None:
    """Return the first of those on duty at a moment, or None where the roster has a gap."""
    return next(iter(on_duty(session, agency_id, at)), None)


def next_on_roster(session: Session, agency_id: UUID) -> DutyOfficer | None:
    """Return who comes after the first on duty: another on duty now, else the shift that follows.

    None where the roster names nobody else.
    """
    now = clock.now()
    found = _shifts(session, col(DutyShift.agency_id) == agency_id, col(DutyShift.ends_at) > now)
    first = who_is_on_duty(session, agency_id)
    return next((each for each in found if not first or each.user_id != first.user_id), None)


@dataclass(frozen=True, slots=True)
class RosterDay:
    """One day of the roster: its shifts in order, and the hours that nobody covers."""

    day: date
    shifts: tuple[DutyOfficer, ...]
    gaps: tuple[rules.Span, ...]

    @property
    def spans(self) -> list[str]:
        """Return the hours that nobody covers, in words."""
        return [rules.hours_on(gap, self.day) for gap in self.gaps]


def week_of(session: Session, agency_id: UUID, monday: date) -> list[RosterDay]:
    """Return seven days of an agency's roster; one statement.

    A shift stands under each day that it touches, and so does a gap.
    """
    start, end = rules.midnight(monday), rules.midnight(monday + timedelta(days=7))
    found = _shifts(
        session,
        col(DutyShift.agency_id) == agency_id,
        col(DutyShift.starts_at) < end,
        col(DutyShift.ends_at) > start,
        limit=MOST_SHIFTS,
    )
    days = []
    for number in range(7):
        day = monday + timedelta(days=number)
        begin, close = rules.midnight(day), rules.midnight(day + timedelta(days=1))
        own = tuple(each for each in found if each.starts_at < close and each.ends_at > begin)
        spans = [(each.starts_at, each.ends_at) for each in own]
        days.append(RosterDay(day, own, tuple(rules.gaps(spans, begin, close))))
    return days


def has_roster(session: Session, agency_id: UUID) -> bool:
    """Tell whether an agency keeps a roster at all: any shift, past or to come."""
    return bool(session.scalar(sa.select(sa.exists().where(col(DutyShift.agency_id) == agency_id))))


def _shifts(
    session: Session, *conditions: sa.ColumnElement[bool], limit: int = 60
) -> list[DutyOfficer]:
    statement = (
        sa.select(
            col(DutyShift.id),
            col(DutyShift.user_id),
            col(User.name),
            col(DutyShift.telephone),
            col(DutyShift.starts_at),
            col(DutyShift.ends_at),
        )
        .join(User, col(User.id) == col(DutyShift.user_id))
        .where(*conditions)
        .order_by(col(DutyShift.starts_at), col(DutyShift.id))
        .limit(limit)
    )
    return [DutyOfficer(*row) for row in rows(session, statement)]


def people_with(session: Session, agency_id: UUID | None, *roles: Role) -> list[tuple[UUID, str]]:
    """Return the people who hold any of these roles in an agency now: identifier and name."""
    values = {"agency_id": agency_id, "roles": list(roles)}
    return list(rows(session, _people(of_instance=agency_id is None), values))


@cache
def _people(*, of_instance: bool) -> "sa.Select[UUID, str]":
    return (
        sa.select(col(User.id), col(User.name))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(
            of_agency(None if of_instance else given("agency_id")),
            col(Membership.role).in_(given("roles", col(Membership.role), many=True)),
            is_held(),
            col(User.disabled_at).is_(None),
        )
        .group_by(col(User.id), col(User.name))
        .order_by(col(User.name))
    )


def who_can_grant(session: Session, agency_id: UUID) -> list[str]:
    """Return who gives access in an agency: its coordinators, else its administrators; by name."""
    for role in (Role.COORDINATOR, Role.AGENCY_ADMIN):
        if found := people_with(session, agency_id, role):
            return [name for _user_id, name in found]
    return []


@dataclass(frozen=True, slots=True)
class Acting:
    """An agency (None: the platform) for which a person acts, will act or acted: roles, dates."""

    agency_id: UUID | None
    name: str
    roles: tuple[Role, ...]
    since: datetime
    until: datetime | None
    suspended: bool

    @property
    def standing(self) -> str:
        """Return how it stands: held, to come, suspended, ended."""
        now = clock.now()
        if self.until is not None and self.until <= now:
            return "ended"
        if self.suspended:
            return "suspended"
        return "coming" if self.since > now else "held"


def list_acting(session: Session, user_id: UUID) -> list[Acting]:
    """Return every agency of a person with the dates of the roles there; one statement.

    Those of now first, then those to come, then what ended.
    """
    statement = (
        sa.select(
            col(Membership.agency_id),
            col(Agency.name),
            col(Membership.role),
            col(Membership.since),
            col(Membership.until),
            col(Membership.suspended_at),
        )
        .join(Agency, col(Agency.id) == col(Membership.agency_id), isouter=True)
        .where(col(Membership.user_id) == user_id)
        .order_by(col(Agency.name), col(Membership.since))
    )
    places: dict[tuple[UUID | None, str], list[Acting]] = {}
    for agency_id, name, role, since, until, suspended_at in rows(session, statement):
        each = Acting(
            agency_id, name or _("Platform"), (role,), since, until, suspended_at is not None
        )
        places.setdefault((agency_id, each.standing), []).append(each)
    order = ("held", "coming", "suspended", "ended")
    merged = [_together(found) for found in places.values()]
    return sorted(merged, key=lambda each: (order.index(each.standing), each.name))


def _together(found: list[Acting]) -> Acting:
    """Return roles of one agency that stand alike as one: from the first, until the last."""
    ends = [each.until for each in found]
    return Acting(
        found[0].agency_id,
        found[0].name,
        tuple(dict.fromkeys(role for each in found for role in each.roles)),
        min(each.since for each in found),
        max((end for end in ends if end is not None), default=None) if None not in ends else None,
        found[0].suspended,
    )


def is_unattended(agency_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition that an agency had people for cases and has none now (sin responsable).

    An agency that never had any is written to by official letter, and is not meant.
    """
    before = sa.exists().where(
        col(Membership.agency_id) == agency_id, col(Membership.role).in_(CASE_ROLES)
    )
    return sa.and_(before, ~is_attended(agency_id))


def is_attended(agency_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition that somebody of an agency works on cases now."""
    return sa.exists().where(
        col(Membership.agency_id) == agency_id,
        col(Membership.role).in_(CASE_ROLES),
        is_held(),
        col(User.id) == col(Membership.user_id),
        col(User.disabled_at).is_(None),
    )


def unattended_among(session: Session, agency_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return which of some agencies have nobody in charge now; one statement."""
    found = session.scalars(
        sa.select(col(Agency.id)).where(
            col(Agency.id).in_(agency_ids), is_unattended(col(Agency.id))
        )
    )
    return frozenset(found)


def has_nobody(session: Session, agency_id: UUID) -> bool:
    """Tell whether an agency has nobody in charge now; see `is_unattended`."""
    return bool(unattended_among(session, [agency_id]))


def unattended_agencies() -> sa.Select[Any]:
    """Return the identifiers of the agencies without anybody in charge, as SQL to join with."""
    return sa.select(col(Agency.id)).where(is_unattended(col(Agency.id)))


def case_workers(session: Session, agency_id: UUID | None) -> list[tuple[UUID, str]]:
    """Return the people of an agency who may be put on a case."""
    return people_with(session, agency_id, *CASE_ROLES)


def has_users(session: Session, agency_id: UUID) -> bool:
    """Tell whether an agency has anybody who works on cases; else it is written to by letter."""
    return bool(people_with(session, agency_id, *CASE_ROLES))


def has_receivers(session: Session, agency_id: UUID) -> bool:
    """Tell whether anybody of an agency sees what comes in before it is assigned to somebody."""
    return bool(people_with(session, agency_id, Role.COORDINATOR, Role.DUTY_OFFICER))


@dataclass(frozen=True, slots=True)
class SignerRow:
    """Who signs for an agency: the person, the resolution, titular or alternate, for what."""

    id: UUID
    user_id: UUID | None
    name: str
    post: str
    standing: SignerStanding
    act: SignerAct
    resolution: str


def current_signers(
    session: Session,
    agency_id: UUID,
    at: datetime | None = None,
    *,
    act: SignerAct | None = None,
) -> list[SignerRow]:
    """Return who signs for an agency at a moment (now), titulars first; for one act if given."""
    statement = _signers()
    if act is not None:
        statement = statement.where(col(Signer.act).in_([SignerAct.ANY, act]))
    values = {"agency_id": agency_id, "day": clock.local(at or clock.now()).date()}
    return [SignerRow(*row) for row in rows(session, statement, values)]


@cache
def _signers() -> AnyColumns:
    day = given("day", col(Signer.since))
    return (
        sa.select(
            col(Signer.id),
            col(Signer.user_id),
            col(Signer.name),
            col(Signer.post),
            col(Signer.standing),
            col(Signer.act),
            col(Signer.resolution),
        )
        .where(
            col(Signer.agency_id) == given("agency_id"),
            col(Signer.since) <= day,
            sa.or_(col(Signer.until).is_(None), col(Signer.until) > day),
        )
        .order_by(
            col(Signer.standing) == SignerStanding.ALTERNATE, col(Signer.since), col(Signer.id)
        )
    )


def may_sign(session: Session, actor: Actor, act: SignerAct | None = None) -> bool:
    """Tell whether the actor signs for the acting agency now; for one kind of act if given.

    Without an act any signer may. It holds with a role there only: who left signs nothing.
    """
    if actor.agency_id is None or actor.user_id is None or not actor.roles:
        return False
    signers = current_signers(session, actor.agency_id, act=act)
    return actor.user_id in {signer.user_id for signer in signers}


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the hand-overs and reviews that wait for the actor; at most three statements."""
    return [*handover_lines(session, actor, limit), *review_lines(session, actor, limit)]
