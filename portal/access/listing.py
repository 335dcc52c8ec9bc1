"""The people of an agency as its administrator sees them: who holds which roles, since and until.

An agency's administrator reads the people who hold or held a role in the agency or its units, and
of their roles only those; the platform reads all. Nothing here tells of a case.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.access.models import Membership
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.db import rows
from portal.errors import NotFound
from portal.places import fold
from portal.texts import _
from portal.users import factors
from portal.users.models import CodeApp, Passkey, SignIn, User
from portal.users.passwords import is_hash

PAGE = 50
STATES = ("active", "suspended", "former", "all")


def governed(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that a membership is of an agency whose people the actor keeps."""
    if actor.is_system or actor.has_role(Role.PLATFORM_ADMIN):
        return sa.true()
    if actor.agency_id is None or not actor.has_role(Role.AGENCY_ADMIN):
        return sa.false()
    units = sa.select(col(Agency.id)).where(col(Agency.parent_id) == actor.agency_id)
    return sa.or_(
        col(Membership.agency_id) == actor.agency_id, col(Membership.agency_id).in_(units)
    )


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What the list of people may be narrowed by; kept in the address."""

    text: str = ""
    role: Role | None = None
    state: str = "active"
    agency_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A role of a person in an agency, as it stands now."""

    id: UUID
    user_id: UUID
    agency_id: UUID | None
    agency: str
    role: Role
    post: str
    since: datetime
    until: datetime | None
    suspended_at: datetime | None

    @property
    def standing(self) -> str:
        """Return how it stands: to come, held, suspended, ended."""
        now = clock.now()
        if self.until is not None and self.until <= now:
            return "ended"
        if self.suspended_at is not None:
            return "suspended"
        return "coming" if self.since > now else "held"

    @property
    def last_day(self) -> date | None:
        """Return the last day on which it is held, or None where no end is set."""
        return last_day_of(self.until)


def last_day_of(until: datetime | None) -> date | None:
    """Return the last day before an end, as people write it."""
    return clock.local(until - timedelta(seconds=1)).date() if until else None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in the list: name, user name, roles there, and when last seen."""

    id: UUID
    name: str
    username: str
    disabled_at: datetime | None
    has_second: bool
    seen_at: datetime | None
    roles: tuple[Held, ...]
    waits_for_code: bool = False

    @property
    def post(self) -> str:
        """Return the post that the person holds now."""
        return next((each.post for each in self.roles if each.post), "")


def list_people(
    session: Session,
    actor: Actor,
    wanted: PeopleFilter,
    *,
    after: tuple[str, UUID] | None = None,
    limit: int = PAGE,
) -> list[PersonRow]:
    """Return people by name after a place in that order; three statements.

    Ask for one more than shown to know whether more follow.
    """
    order = (col(User.name), col(User.id))
    statement = sa.select(
        col(User.id), col(User.name), col(User.username), col(User.disabled_at), _has_second()
    ).where(_among(actor, wanted))
    for word in fold(wanted.text).split():
        statement = statement.where(col(User.search_key).contains(word, autoescape=True))
    if after is not None:
        statement = statement.where(sa.tuple_(*order) > sa.tuple_(*after))
    found = rows(session, statement.order_by(*order).limit(limit))
    ids = [row[0] for row in found]
    roles = roles_of(session, actor, ids, ended=wanted.state in ("former", "all"))
    seen = last_seen(session, actor, ids)
    return [PersonRow(*row, seen.get(row[0]), tuple(roles.get(row[0], ()))) for row in found]


def _has_second() -> sa.ColumnElement[bool]:
    """Return the condition that a second factor stands: the password alone does not open."""
    return sa.or_(
        sa.exists().where(col(Passkey.user_id) == col(User.id)),
        sa.exists().where(col(CodeApp.user_id) == col(User.id)),
    )


def _among(actor: Actor, wanted: PeopleFilter) -> sa.ColumnElement[bool]:
    """Return the condition under which `User` rows stand in the list."""
    own = [
        col(Membership.user_id) == col(User.id),
        col(User.erased_at).is_(None),
        governed(actor),
    ]
    if wanted.agency_id is not None:
        own.append(col(Membership.agency_id) == wanted.agency_id)
    if wanted.role is not None:
        own.append(col(Membership.role) == wanted.role)
    lasts = sa.or_(col(Membership.until).is_(None), col(Membership.until) > clock.now())
    if wanted.state == "active":
        return sa.exists().where(*own, lasts, col(Membership.suspended_at).is_(None))
    if wanted.state == "suspended":
        return sa.exists().where(*own, lasts, col(Membership.suspended_at).is_not(None))
    everywhere = sa.exists().where(*own)
    if wanted.state == "former":
        return sa.and_(everywhere, ~sa.exists().where(*own, lasts))
    return everywhere


def roles_of(
    session: Session, actor: Actor, user_ids: Collection[UUID], *, ended: bool = True
) -> dict[UUID, list[Held]]:
    """Return the roles of people that the actor may know of, the present ones first."""
    statement = (
        sa.select(
            col(Membership.id),
            col(Membership.user_id),
            col(Membership.agency_id),
            sa.func.coalesce(col(Agency.name), _("Platform")),
            col(Membership.role),
            col(Membership.post),
            col(Membership.since),
            col(Membership.until),
            col(Membership.suspended_at),
        )
        .join(Agency, col(Agency.id) == col(Membership.agency_id), isouter=True)
        .where(col(Membership.user_id).in_(user_ids), governed(actor))
        .order_by(col(Membership.until).is_not(None), col(Membership.since), col(Membership.id))
    )
    if not ended:
        statement = statement.where(
            sa.or_(col(Membership.until).is_(None), col(Membership.until) > clock.now())
        )
    found: dict[UUID, list[Held]] = {}
    for row in rows(session, statement):
        found.setdefault(row[1], []).append(Held(*row))
    return found


def last_seen(session: Session, actor: Actor, user_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when people were last signed in for an agency that the actor keeps."""
    statement = (
        sa.select(col(SignIn.user_id), sa.func.max(col(SignIn.seen_at)))
        .where(col(SignIn.user_id).in_(user_ids))
        .group_by(col(SignIn.user_id))
    )
    if not (actor.is_system or actor.has_role(Role.PLATFORM_ADMIN)):
        own = sa.select(col(Agency.id)).where(
            sa.or_(col(Agency.id) == actor.agency_id, col(Agency.parent_id) == actor.agency_id)
        )
        statement = statement.where(col(SignIn.agency_id).in_(own))
    return dict(rows(session, statement))


def get_person(session: Session, actor: Actor, user_id: UUID) -> PersonRow:
    """Return a person whom the actor may know of, with all roles there; raises NotFound."""
    user = session.get(User, user_id)
    roles = roles_of(session, actor, [user_id]).get(user_id, [])
    if user is None or not (roles or actor.has_role(Role.PLATFORM_ADMIN)):
        raise NotFound
    seen = last_seen(session, actor, [user_id])
    return PersonRow(
        user.id,
        user.name,
        user.username,
        user.disabled_at,
        factors.held(session, user_id).has_second,
        seen.get(user_id),
        tuple(roles),
        waits_for_code=not is_hash(user.password_hash),
    )


def keeping(session: Session, actor: Actor) -> list[tuple[UUID, str]]:
    """Return the working agencies whose people the actor keeps: identifier and name."""
    today = clock.today()
    statement = (
        sa.select(col(Agency.id), col(Agency.name))
        .where(sa.or_(col(Agency.closed_on).is_(None), col(Agency.closed_on) > today))
        .order_by(col(Agency.name))
    )
    if not (actor.is_system or actor.has_role(Role.PLATFORM_ADMIN)):
        if actor.agency_id is None:
            return []
        statement = statement.where(
            sa.or_(col(Agency.id) == actor.agency_id, col(Agency.parent_id) == actor.agency_id)
        )
    return list(rows(session, statement))


def names_of(session: Session, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of some people in one statement."""
    statement = sa.select(col(User.id), col(User.name)).where(col(User.id).in_(user_ids))
    return dict(rows(session, statement))


def present(roles: Sequence[Held]) -> list[Held]:
    """Return the roles that have not ended."""
    return [each for each in roles if each.standing != "ended"]
