"""Memberships: given, ended, held back; and the code with which a new person comes in.

Nobody gives himself a role, and an agency is never left without an administrator by an agency's own
act. What a person holds passes to others first: see `leaving`.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.models import Membership
from portal.access.queries import of_agency, people_with
from portal.actor import CASE_ROLES, INSTANCE_ROLES, Actor, Role
from portal.agencies.models import Agency
from portal.agencies.queries import get_agency
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _l
from portal.users.models import User
from portal.users.queries import get_user
from portal.users.services import end_sign_ins, issue_code

# Who sees residents or cases; never together with a role on the instance.
OF_CHILDREN = CASE_ROLES | {Role.CARER}


def governs(session: Session, actor: Actor, agency_id: UUID | None) -> bool:
    """Tell whether the actor keeps the people of an agency (None: of the instance).

    The platform's administrator keeps all; an agency's administrator its own and its units'.
    """
    if actor.is_system or actor.has_role(Role.PLATFORM_ADMIN):
        return True
    if agency_id is None or actor.agency_id is None or not actor.has_role(Role.AGENCY_ADMIN):
        return False
    if agency_id == actor.agency_id:
        return True
    agency = session.get(Agency, agency_id)
    return agency is not None and agency.parent_id == actor.agency_id


def require_governed(session: Session, actor: Actor, agency_id: UUID | None) -> None:
    """Go on only for who keeps the people of an agency; raises NotFound."""
    if not governs(session, actor, agency_id):
        raise NotFound


def give_code(session: Session, actor: Actor, user_id: UUID) -> str:
    """Return a new code of the first day for a person, to be handed over in person.

    By who keeps every agency in which the person holds a role: the code opens them all. Raises
    NotFound, Forbidden for oneself, and Conflict where the account is in use.
    """
    if user_id == actor.user_id:
        raise Forbidden(_l("Nobody gives himself a code. Ask another administrator."))
    held = session.scalars(
        sa.select(col(Membership.agency_id)).where(*_not_ended(user_id)).distinct()
    ).all()
    if not held or not all(governs(session, actor, agency_id) for agency_id in held):
        raise NotFound
    return issue_code(session, actor, user_id)


def grant_role(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    agency_id: UUID | None,
    role: Role,
    since: datetime | None = None,
    until: datetime | None = None,
    post: str = "",
) -> Membership:
    """Give a person a role in an agency (None: on the instance); it acts from the next request.

    Raises NotFound where the actor does not keep the agency's people, Forbidden for oneself, and
    Invalid where dates or roles do not go together.
    """
    require_governed(session, actor, agency_id)
    if actor.user_id == user_id:
        raise Forbidden(_l("Nobody gives himself a role. Ask another administrator."))
    return put_membership(
        session,
        actor,
        user_id=user_id,
        agency_id=agency_id,
        role=role,
        since=since or clock.now(),
        until=until,
        post=post,
    )


def put_membership(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    agency_id: UUID | None,
    role: Role,
    since: datetime,
    until: datetime | None = None,
    post: str = "",
) -> Membership:
    """Write a membership whose lawfulness the caller has decided; raises Invalid."""
    _check_role(session, user_id, agency_id, role)
    if until is not None and until <= max(since, clock.now()):
        raise Invalid(Problem("until", _l("The end must be after the beginning.")))
    lock(session, user_id)
    if session.scalar(_same_role(user_id, agency_id, role, since, until)):
        raise Invalid(Problem("role", _l("The person holds this role already in those days.")))
    membership = Membership(
        user_id=user_id,
        agency_id=agency_id,
        role=role,
        since=since,
        until=until,
        granted_by=actor.user_id,
        post=post,
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


def lock(session: Session, user_id: UUID) -> None:
    """Let two changes to one person's roles or shifts happen one after the other."""
    session.execute(sa.select(col(User.id)).where(col(User.id) == user_id).with_for_update())


def _check_role(session: Session, user_id: UUID, agency_id: UUID | None, role: Role) -> None:
    """Refuse a role in the wrong place, and children's cases together with the instance."""
    if (role in INSTANCE_ROLES) != (agency_id is None):
        raise Invalid(Problem("role", _l("This role is not given there.")))
    user = get_user(session, user_id)
    if user.disabled_at is not None:
        raise Invalid(Problem(None, _l("The account is closed. The platform opens it again.")))
    apart = OF_CHILDREN if role in INSTANCE_ROLES else INSTANCE_ROLES
    if role not in INSTANCE_ROLES and role not in OF_CHILDREN:
        return
    if session.scalar(sa.select(sa.exists().where(*_not_ended(user_id), _any_of(apart)))):
        message = _l("Who keeps the platform or its trail works on no case, nor the reverse.")
        raise Invalid(Problem("role", message))


def _not_ended(user_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(Membership.user_id) == user_id, not_ended())


def not_ended() -> sa.ColumnElement[bool]:
    """Return the condition that a membership is held, held back or to come."""
    return sa.or_(col(Membership.until).is_(None), col(Membership.until) > clock.now())


def _any_of(roles: Collection[Role]) -> sa.ColumnElement[bool]:
    return col(Membership.role).in_(roles)


def _same_role(
    user_id: UUID, agency_id: UUID | None, role: Role, since: datetime, until: datetime | None
) -> sa.Select[bool]:
    overlaps = [sa.or_(col(Membership.until).is_(None), col(Membership.until) > since)]
    if until is not None:
        overlaps.append(col(Membership.since) < until)
    return sa.select(
        sa.exists().where(
            col(Membership.user_id) == user_id,
            of_agency(agency_id),
            col(Membership.role) == role,
            *overlaps,
        )
    )


def end_role(session: Session, actor: Actor, membership_id: UUID) -> None:
    """End a role now; it no longer acts from the next request on. See `leaving` for the rest."""
    membership = session.get(Membership, membership_id)
    if membership is None or not governs(session, actor, membership.agency_id):
        raise NotFound
    put_end(session, actor, membership, clock.now())


def end_on_instance(session: Session, actor: Actor, membership_id: UUID, *, at: datetime) -> None:
    """End a role on the instance after a day; the last administrator of the platform stays.

    Raises NotFound, and Invalid for the last one.
    """
    membership = session.get(Membership, membership_id)
    if membership is None or membership.agency_id is not None or not governs(session, actor, None):
        raise NotFound
    if membership.role is Role.PLATFORM_ADMIN and needs_follower(
        session, membership.user_id, None, at
    ):
        message = _l("This is the last administrator of the platform: appoint another first.")
        raise Invalid(Problem(None, message))
    put_end(session, actor, membership, at)


def put_end(session: Session, actor: Actor, membership: Membership, at: datetime) -> None:
    """Write the end of a membership; one still to come never begins."""
    if membership.until is not None and membership.until <= at:
        return
    membership.until = max(at, membership.since)
    session.flush()
    audit.record(
        session,
        actor,
        "access.role.end",
        membership.id,
        user=str(membership.user_id),
        role=membership.role.value,
        until=membership.until.isoformat(),
    )


def memberships_of(session: Session, user_id: UUID, agency_id: UUID | None) -> list[Membership]:
    """Return the memberships of a person in an agency that have not ended."""
    return list(
        session.scalars(
            sa.select(Membership)
            .where(*_not_ended(user_id), of_agency(agency_id))
            .order_by(col(Membership.since), col(Membership.id))
        )
    )


def needs_follower(
    session: Session, user_id: UUID, agency_id: UUID | None, at: datetime | None = None
) -> bool:
    """Tell whether a person is the last administrator of an agency, or of the platform."""
    role = Role.PLATFORM_ADMIN if agency_id is None else Role.AGENCY_ADMIN
    moment = at or clock.now()
    statement = sa.select(col(Membership.user_id)).where(
        of_agency(agency_id),
        col(Membership.role) == role,
        col(Membership.suspended_at).is_(None),
        col(Membership.since) <= moment,
        sa.or_(col(Membership.until).is_(None), col(Membership.until) > moment),
        col(Membership.user_id).in_(sa.select(col(User.id)).where(col(User.disabled_at).is_(None))),
    )
    administrators = set(session.scalars(statement))
    return administrators == {user_id}


def require_follower(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    agency_id: UUID | None,
    follower_id: UUID | None,
    at: datetime | None = None,
) -> None:
    """Refuse to let the last administrator go without a follower, but to the platform.

    The platform itself never loses its last one. Raises Invalid on `follower_id`.
    """
    if not needs_follower(session, user_id, agency_id, at):
        return
    if follower_id is None:
        if agency_id is not None and (actor.is_system or actor.has_role(Role.PLATFORM_ADMIN)):
            return
        message = _l("This is the last administrator: say who follows.")
        raise Invalid(Problem("follower_id", message))
    known = {each for each, _name in people_with(session, agency_id, *Role)}
    if follower_id in (user_id, actor.user_id) or follower_id not in known:
        raise Invalid(Problem("follower_id", _l("Choose somebody else.")))


def suspend(
    session: Session, actor: Actor, *, user_id: UUID, agency_id: UUID | None, reason: str
) -> None:
    """Hold back every role of a person in an agency; the sign-ins end at once. It can be lifted.

    Raises Forbidden for oneself, Conflict where there is nothing to hold back.
    """
    require_governed(session, actor, agency_id)
    if user_id == actor.user_id:
        raise Forbidden(_l("Nobody suspends himself. Ask another administrator."))
    if not any(not each.suspended_at for each in memberships_of(session, user_id, agency_id)):
        raise Conflict(_l("The person holds no role here that could be suspended."))
    require_follower(session, actor, user_id=user_id, agency_id=agency_id, follower_id=None)
    hold_back(session, actor, user_id=user_id, agency_id=agency_id, reason=reason)


def hold_back(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    agency_id: UUID | None,
    reason: str | None = None,
) -> None:
    """Write the suspension that the caller has decided, and end the sign-ins."""
    for membership in memberships_of(session, user_id, agency_id):
        membership.suspended_at = membership.suspended_at or clock.now()
    session.flush()
    audit.record(
        session,
        actor,
        "access.person.suspend",
        user_id,
        reason=reason,
        agency=str(agency_id or ""),
    )
    end_sign_ins(session, actor, user_id)


def lift(
    session: Session, actor: Actor, *, user_id: UUID, agency_id: UUID | None, reason: str
) -> None:
    """Give a suspended person the roles back that have not ended meanwhile."""
    require_governed(session, actor, agency_id)
    if user_id == actor.user_id:
        raise Forbidden(_l("Nobody gives himself a role. Ask another administrator."))
    held = [each for each in memberships_of(session, user_id, agency_id) if each.suspended_at]
    if not held:
        raise Conflict(_l("The person is not suspended here."))
    for membership in held:
        membership.suspended_at = None
    session.flush()
    audit.record(
        session, actor, "access.person.lift", user_id, reason=reason, agency=str(agency_id or "")
    )


def end_everybody(
    session: Session, actor: Actor, agency_id: UUID, *, at: datetime, reason: str
) -> int:
    """End every membership of an agency at a moment, as a new municipal government makes it.

    Returns how many end. Whoever comes after is given roles from that day by the platform or by an
    administrator named for it; until then the agency shows as without anybody in charge. Raises
    NotFound, and Invalid where nobody is left to name those who come, except for the platform.
    """
    require_governed(session, actor, agency_id)
    get_agency(session, agency_id)
    concerned = list(
        session.scalars(
            sa.select(Membership).where(
                of_agency(agency_id),
                col(Membership.since) < at,
                sa.or_(col(Membership.until).is_(None), col(Membership.until) > at),
            )
        )
    )
    if not concerned:
        raise Conflict(_l("No role of this institution lasts beyond that day."))
    if not actor.has_role(Role.PLATFORM_ADMIN) and not actor.is_system:
        _require_successors(session, agency_id, at)
    for membership in concerned:
        put_end(session, actor, membership, at)
    audit.record(
        session,
        actor,
        "access.agency.end_all",
        agency_id,
        reason=reason,
        at=at.isoformat(),
        count=len(concerned),
    )
    return len(concerned)


def _require_successors(session: Session, agency_id: UUID, at: datetime) -> None:
    """Ask for an administrator whose role begins at or after the moment."""
    named = sa.exists().where(
        of_agency(agency_id), col(Membership.role) == Role.AGENCY_ADMIN, col(Membership.since) >= at
    )
    if not session.scalar(sa.select(named)):
        message = _l(
            "Name first who administers from that day on, or ask the platform to end the roles."
        )
        raise Invalid(Problem("at", message))


def close_account(session: Session, actor: Actor, user_id: UUID, *, reason: str) -> None:
    """Close an account as a whole, in every agency: the platform alone, such as for a theft."""
    if not actor.has_role(Role.PLATFORM_ADMIN):
        raise NotFound
    if user_id == actor.user_id:
        raise Forbidden(_l("Nobody suspends himself. Ask another administrator."))
    user = get_user(session, user_id)
    if user.disabled_at is not None:
        raise Conflict(_l("The account is closed already."))
    require_follower(session, actor, user_id=user_id, agency_id=None, follower_id=None)
    user.disabled_at = clock.now()
    session.flush()
    audit.record(session, actor, "users.user.disable", user_id, reason=reason)
    end_sign_ins(session, actor, user_id)


def open_account(session: Session, actor: Actor, user_id: UUID, *, reason: str) -> None:
    """Open a closed account again, with the roles that have not ended."""
    if not actor.has_role(Role.PLATFORM_ADMIN):
        raise NotFound
    user = get_user(session, user_id)
    if user.disabled_at is None:
        raise Conflict(_l("The account is open."))
    if user.erased_at is not None:
        raise Conflict(_l("The account was erased. Who comes back gets a new one."))
    user.disabled_at = None
    session.flush()
    audit.record(session, actor, "users.user.enable", user_id, reason=reason)
