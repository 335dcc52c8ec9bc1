"""Back in after losing what one holds: two people who know the person, in person, within minutes.

One of the agency's administrators or coordinators asks, another confirms and hands a code over.
Where an agency has fewer than three people, or fewer than two who could, the UPE or the platform
helps (SECURITY 5.3; ASVS 5.0, 2.3.5, 6.4.3).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access.models import Membership
from portal.access.queries import is_held
from portal.actor import Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.db import rows
from portal.errors import Conflict, Invalid, NotFound, Problem
from portal.texts import _l
from portal.users import factors
from portal.users.events import FactorChanged, ResetAsked
from portal.users.models import ResetRequest, User
from portal.users.queries import find_user, get_user
from portal.users.services import end_sign_ins, make_code

LASTS = timedelta(hours=24)
HELPERS = (Role.AGENCY_ADMIN, Role.COORDINATOR)
SMALLEST = 3


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody holds now, for whom and at what kind of agency."""

    user_id: UUID
    agency_id: UUID | None
    role: Role


def _held(session: Session, *conditions: sa.ColumnElement[bool]) -> list[Held]:
    statement = (
        sa.select(col(Membership.user_id), col(Membership.agency_id), col(Membership.role))
        .join(User, col(User.id) == col(Membership.user_id))
        .where(is_held(), col(User.disabled_at).is_(None), *conditions)
    )
    return [Held(*row) for row in rows(session, statement)]


def helpers(session: Session, user_id: UUID) -> set[tuple[UUID, UUID | None]]:
    """Return who may help a person back in: each with the agency for which.

    Administrators and coordinators of the person's agencies; where one is small, those of every UPE
    and the platform's administrators too. For the platform's own people, its administrators.
    """
    agencies = {each.agency_id for each in _held(session, col(Membership.user_id) == user_id)}
    own = [each for each in agencies if each is not None]
    people = _held(session, col(Membership.agency_id).in_(own)) if own else []
    found = {(each.user_id, each.agency_id) for each in people if each.role in HELPERS}
    if None in agencies or any(_is_small(people, found, each, user_id) for each in own):
        found |= _platform(session)
    if any(_is_small(people, found, each, user_id) for each in own):
        found |= _protection_units(session)
    return {pair for pair in found if pair[0] != user_id}


def _is_small(
    people: Iterable[Held],
    found: set[tuple[UUID, UUID | None]],
    agency_id: UUID,
    user_id: UUID,
) -> bool:
    users = {each.user_id for each in people if each.agency_id == agency_id}
    able = {helper for helper, where in found if where == agency_id and helper != user_id}
    return len(users) < SMALLEST or len(able) < 2


def _platform(session: Session) -> set[tuple[UUID, UUID | None]]:
    held = _held(session, col(Membership.role) == Role.PLATFORM_ADMIN)
    return {(each.user_id, None) for each in held}


def _protection_units(session: Session) -> set[tuple[UUID, UUID | None]]:
    units = sa.select(col(Agency.id)).where(col(Agency.kind) == AgencyKind.UPE)
    held = _held(session, col(Membership.agency_id).in_(units), col(Membership.role).in_(HELPERS))
    return {(each.user_id, each.agency_id) for each in held}


def _may_help(session: Session, actor: Actor, user_id: UUID) -> bool:
    return (actor.user_id, actor.agency_id) in helpers(session, user_id)


def ask_reset(
    session: Session, actor: Actor, *, username: str, reason: str, also_password: bool
) -> ResetRequest:
    """Ask that a colleague who lost a factor be let in anew; somebody else confirms it.

    Raises Invalid on `username` where there is nobody of that name whom the actor may help.
    """
    user = find_user(session, username)
    if user is None or user.disabled_at is not None or not _may_help(session, actor, user.id):
        message = _l("There is nobody of this user name whom you may help back in.")
        raise Invalid(Problem("username", message))
    request = ResetRequest(
        user_id=user.id,
        agency_id=actor.agency_id,
        asked_by=actor.user_id,
        asked_at=clock.now(),
        also_password=also_password,
    )
    session.add(request)
    session.flush()
    audit.record(session, actor, "users.reset.ask", request.id, reason=reason, user=str(user.id))
    events.record(session, ResetAsked(request.id, user.id))
    return request


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that waits, as the page lists it."""

    id: UUID
    user_id: UUID
    name: str
    asked_by: str
    asked_at: datetime
    also_password: bool
    is_mine: bool


def open_requests(session: Session, actor: Actor) -> list[OpenRequest]:
    """Return the requests of the last day that the actor asked or may confirm."""
    asker = aliased(User)
    statement = (
        sa.select(
            col(ResetRequest.id),
            col(ResetRequest.user_id),
            col(User.name),
            col(asker.name),
            col(ResetRequest.asked_at),
            col(ResetRequest.also_password),
            col(ResetRequest.asked_by) == actor.user_id,
        )
        .join(User, col(User.id) == col(ResetRequest.user_id))
        .join(asker, col(ResetRequest.asked_by) == col(asker.id))
        .where(
            col(ResetRequest.confirmed_at).is_(None),
            col(ResetRequest.asked_at) > clock.now() - LASTS,
        )
        .order_by(col(ResetRequest.asked_at))
    )
    found = [OpenRequest(*row) for row in rows(session, statement)]
    return [each for each in found if each.is_mine or _may_help(session, actor, each.user_id)]


def get_request(session: Session, actor: Actor, request_id: UUID) -> OpenRequest:
    """Return a request that waits for the actor's word; raises NotFound."""
    for each in open_requests(session, actor):
        if each.id == request_id:
            return each
    raise NotFound


def confirm_reset(session: Session, actor: Actor, request_id: UUID, *, reason: str) -> str:
    """Let a colleague in anew and return the code, to be handed over in person.

    Every sign-in of the person ends, every second factor goes, the password only where that was
    asked. Raises Conflict for whoever asked: somebody else confirms.
    """
    request = get_request(session, actor, request_id)
    if request.is_mine:
        raise Conflict(_l("You asked for this: somebody else confirms it."))
    done = session.execute(
        sa.update(ResetRequest)
        .where(col(ResetRequest.id) == request_id, col(ResetRequest.confirmed_at).is_(None))
        .values(confirmed_by=actor.user_id, confirmed_at=clock.now())
    )
    if done.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound
    audit.record(
        session, actor, "users.reset.confirm", request_id, reason=reason, user=str(request.user_id)
    )
    return reset(session, actor, request.user_id, password=request.also_password)


def reset(session: Session, actor: Actor, user_id: UUID, *, password: bool) -> str:
    """End a person's sign-ins, take the factors away, and return a code that opens anew."""
    user = get_user(session, user_id)
    factors.clear(session, user.id, password=password)
    end_sign_ins(session, actor, user.id)
    for each in {each.agency_id for each in _held(session, col(Membership.user_id) == user.id)}:
        events.record(session, FactorChanged(user.id, each, clock.now()))
    return make_code(session, actor, user.id)
