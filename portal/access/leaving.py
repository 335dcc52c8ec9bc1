"""Leaving a post (entrega de cargo): everything a person holds gets a new owner in one act.

The administrator opens it and sees counts; a coordinator, who sees the cases, says who takes each.
Until it is complete the roles stand, so that nothing is left without an owner; whoever must lose
access at once is suspended meanwhile.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access import holdings
from portal.access.holdings import Kind, Passing
from portal.access.models import Handover, HandoverKind, HandoverLine, Membership
from portal.access.passing import Pile, due, find_open, get_handover, piles
from portal.access.services import (
    governs,
    lock,
    memberships_of,
    put_end,
    put_membership,
    require_follower,
    require_governed,
)
from portal.actor import Actor, Role
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _l, _n
from portal.users.services import end_sign_ins

SETTLED = _l("Somebody completed or withdrew this hand-over. Look at it again.")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a person goes who moves: the agency, the roles there and the post."""

    agency_id: UUID
    roles: tuple[Role, ...]
    post: str = ""


@dataclass(frozen=True, slots=True)
class Owners:
    """Who takes what over: one person for all, for what is only counted, or for single lines.

    `rest` is by kind, for what the chooser may not read; `lines` by the record's identifier.
    """

    everything: UUID | None = None
    rest: Mapping[str, UUID] = field(default_factory=dict)
    lines: Mapping[UUID, UUID] = field(default_factory=dict)


def end_of(day: date | None) -> datetime:
    """Return the moment after a last day in Lima, never in the past; now where none is given."""
    if day is None:
        return clock.now()
    after = datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.LIMA)
    return max(after, clock.now())


def leave(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    agency_id: UUID,
    roles: Collection[Role] = (),
    last_day: date | None = None,
    follower_id: UUID | None = None,
    to: Destination | None = None,
) -> Handover:
    """Let a person go from an agency, move to another, or lose some roles (none named: all).

    Where the person holds nothing that needs an owner, it is complete at once; else it waits for
    the owners. Raises NotFound, Conflict where there is nothing to end or a hand-over is open, and
    Invalid where the last administrator leaves without a follower.
    """
    require_governed(session, actor, agency_id)
    return start_leaving(
        session,
        actor,
        user_id=user_id,
        agency_id=agency_id,
        roles=roles,
        last_day=last_day,
        follower_id=follower_id,
        to=to,
    )


def start_leaving(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    agency_id: UUID,
    roles: Collection[Role] = (),
    last_day: date | None = None,
    follower_id: UUID | None = None,
    to: Destination | None = None,
) -> Handover:
    """Do what `leave` does once the caller has decided that it is lawful, as a review does."""
    lock(session, user_id)
    concerned = [
        each
        for each in memberships_of(session, user_id, agency_id)
        if not roles or each.role in roles
    ]
    if not concerned:
        raise Conflict(_l("The person holds no such role here any more."))
    if find_open(session, agency_id, user_id) is not None:
        raise Conflict(_l("A hand-over of this person is open already. Complete or withdraw it."))
    ends_at = end_of(last_day)
    ending = {each.role for each in concerned}
    if Role.AGENCY_ADMIN in ending:
        require_follower(
            session,
            actor,
            user_id=user_id,
            agency_id=agency_id,
            follower_id=follower_id,
            at=ends_at,
        )
    if to is not None:
        _check_destination(session, actor, user_id, agency_id, to)
    kind = HandoverKind.MOVES if to else HandoverKind.ROLE_ENDS if roles else HandoverKind.LEAVES
    return _open(
        session,
        actor,
        Handover(
            agency_id=agency_id,
            user_id=user_id,
            kind=kind,
            ends_at=ends_at,
            roles=sorted(role.value for role in ending),
            to_agency_id=to.agency_id if to else None,
            to_roles=[role.value for role in to.roles] if to else [],
            to_post=to.post if to else "",
            follower_id=follower_id if Role.AGENCY_ADMIN in ending else None,
            opened_by=actor.user_id,
            opened_at=clock.now(),
        ),
    )


def _check_destination(
    session: Session, actor: Actor, user_id: UUID, agency_id: UUID, to: Destination
) -> None:
    require_governed(session, actor, to.agency_id)
    if user_id == actor.user_id:
        raise Forbidden(_l("Nobody gives himself a role. Ask another administrator."))
    if to.agency_id == agency_id:
        raise Invalid(Problem("to_agency_id", _l("Choose another institution.")))


def open_left_behind(session: Session, actor: Actor, user_id: UUID) -> Handover:
    """Open a hand-over for somebody whose roles ended while matters were in the person's hands.

    By a coordinator of the agency, or whoever keeps its people; raises NotFound, Conflict.
    """
    agency_id = actor.agency_id
    if agency_id is None or not (
        actor.has_role(Role.COORDINATOR) or governs(session, actor, agency_id)
    ):
        raise NotFound
    was_here = sa.exists().where(
        col(Membership.user_id) == user_id, col(Membership.agency_id) == agency_id
    )
    if not session.scalar(sa.select(was_here)):
        raise NotFound
    lock(session, user_id)
    existing = find_open(session, agency_id, user_id)
    if existing is not None:
        return existing
    handover = Handover(
        agency_id=agency_id,
        user_id=user_id,
        kind=HandoverKind.LEFT_BEHIND,
        ends_at=clock.now(),
        opened_by=actor.user_id,
        opened_at=clock.now(),
    )
    if not due(session, handover):
        raise Conflict(_l("Nothing is left in this person's hands."))
    return _open(session, actor, handover)


def _open(session: Session, actor: Actor, handover: Handover) -> Handover:
    session.add(handover)
    session.flush()
    audit.record(
        session,
        actor,
        "access.handover.open",
        handover.id,
        user=str(handover.user_id),
        agency=str(handover.agency_id),
        kind=handover.kind.value,
        roles=handover.roles,
    )
    if not due(session, handover):
        _finish(session, actor, handover)
    return handover


def complete(
    session: Session, actor: Actor, handover_id: UUID, owners: Owners, *, version: int | None = None
) -> Handover:
    """Give everything its new owner and end the roles, in one act.

    Raises NotFound, Conflict where somebody completed or withdrew it meanwhile, and Invalid naming
    each line that is left without an owner or may not pass to the one chosen: then nothing changes.
    """
    handover = get_handover(session, actor, handover_id)
    lock(session, handover.user_id)
    session.refresh(handover)
    if not handover.is_open or (version is not None and handover.row_version != version):
        raise Conflict(SETTLED)
    problems: list[Problem] = []
    for pile in piles(session, actor, handover):
        problems += _pass_pile(session, actor, handover, pile, owners)
    if problems:
        raise Invalid(*problems)
    _finish(session, actor, handover)
    return handover


def _pass_pile(
    session: Session, actor: Actor, handover: Handover, pile: Pile, owners: Owners
) -> list[Problem]:
    problems = []
    takers = {user_id for user_id, _name in pile.takers}
    chosen = {each: owners.lines.get(each) or owners.everything for each, _word in pile.named}
    if pile.named and not any(chosen.values()):
        what = f"{pile.kind.label} ({len(pile.named)})"
        problems.append(Problem("everything", _l("Say who takes these: %(what)s", what=what)))
    elif pile.named:
        for subject_id, word in pile.named:
            to_id = chosen[subject_id]
            if to_id is None or to_id not in takers:
                message = _l("Say who takes it: %(what)s", what=word)
                problems.append(Problem(f"to-{subject_id}", message))
            else:
                problems += _pass_on(session, actor, handover, pile.kind, subject_id, to_id)
    blind = {user_id for user_id, _name in pile.blind_takers}
    blindly = owners.rest.get(pile.kind.name) or owners.everything
    if pile.counted and (blindly is None or blindly not in blind):
        message = _l("Say who takes these: %(what)s", what=pile.kind.label)
        return [*problems, Problem(f"rest-{pile.kind.name}", message)]
    refused = [
        problem
        for subject_id in pile.counted
        if blindly is not None
        for problem in _pass_on(session, actor, handover, pile.kind, subject_id, blindly)
    ]
    if refused:
        message = _n(
            "%(num)s of these may not pass to this person. Choose another.",
            "%(num)s of these may not pass to this person. Choose another.",
            len(refused),
        )
        problems.append(Problem(f"rest-{pile.kind.name}", message))
    return problems


def _pass_on(
    session: Session, actor: Actor, handover: Handover, kind: Kind, subject_id: UUID, to_id: UUID
) -> list[Problem]:
    passing = Passing(handover.agency_id, handover.user_id, to_id)
    try:
        if kind.reassign is not None:
            kind.reassign(session, actor, passing, subject_id)
    except Invalid as error:
        return [Problem(f"to-{subject_id}", each.message) for each in error.problems]
    session.add(
        HandoverLine(
            handover_id=handover.id, kind=kind.name, subject_id=subject_id, to_user_id=to_id
        )
    )
    return []


def _finish(session: Session, actor: Actor, handover: Handover) -> None:
    """End the roles, begin those elsewhere, and close the hand-over."""
    session.flush()
    left = holdings.held_by(session, handover.agency_id, handover.user_id)
    handover.noted = {name: len(ids) for name, ids in left.items()}
    for kind in holdings.kinds():
        if kind.release is not None and handover.kind is not HandoverKind.ROLE_ENDS:
            kind.release(session, actor, handover.agency_id, handover.user_id)
    ends_at = max(handover.ends_at, clock.now())
    for membership in memberships_of(session, handover.user_id, handover.agency_id):
        if membership.role.value in handover.roles:
            put_end(session, actor, membership, ends_at)
    _begin_elsewhere(session, actor, handover, ends_at)
    handover.completed_at, handover.completed_by = clock.now(), actor.user_id
    session.flush()
    audit.record(
        session,
        actor,
        "access.handover.complete",
        handover.id,
        user=str(handover.user_id),
        agency=str(handover.agency_id),
    )
    if handover.kind is not HandoverKind.ROLE_ENDS and ends_at <= clock.now():
        end_sign_ins(session, actor, handover.user_id)


def _begin_elsewhere(session: Session, actor: Actor, handover: Handover, since: datetime) -> None:
    if handover.to_agency_id is not None:
        for role in handover.to_roles:
            put_membership(
                session,
                actor,
                user_id=handover.user_id,
                agency_id=handover.to_agency_id,
                role=Role(role),
                since=since,
                post=handover.to_post,
            )
    if handover.follower_id is not None:
        _let_follow(session, actor, handover, handover.follower_id)


def _let_follow(session: Session, actor: Actor, handover: Handover, follower_id: UUID) -> None:
    """Make the follower an administrator, unless meanwhile the person is."""
    roles = [each.role for each in memberships_of(session, follower_id, handover.agency_id)]
    if Role.AGENCY_ADMIN in roles:
        return
    put_membership(
        session,
        actor,
        user_id=follower_id,
        agency_id=handover.agency_id,
        role=Role.AGENCY_ADMIN,
        since=clock.now(),
    )


def withdraw(session: Session, actor: Actor, handover_id: UUID) -> Handover:
    """Take an open hand-over back: the person stays. By whoever keeps the agency's people."""
    handover = get_handover(session, actor, handover_id)
    require_governed(session, actor, handover.agency_id)
    if not handover.is_open:
        raise Conflict(SETTLED)
    handover.withdrawn_at = clock.now()
    session.flush()
    audit.record(session, actor, "access.handover.withdraw", handover.id)
    return handover
