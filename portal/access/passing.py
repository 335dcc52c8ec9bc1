"""Reading hand-overs of a post: what waits for owners, what passed to whom, which there are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.access import holdings
from portal.access.holdings import Kind
from portal.access.models import Handover, HandoverLine, Membership
from portal.access.queries import people_with
from portal.access.services import (
    governs,
    memberships_of,
)
from portal.actor import Actor, Role
from portal.db import rows
from portal.errors import NotFound
from portal.users.models import User


def find_open(session: Session, agency_id: UUID, user_id: UUID) -> Handover | None:
    """Return the open hand-over of a person in an agency, or None."""
    return session.scalar(
        sa.select(Handover).where(
            col(Handover.agency_id) == agency_id,
            col(Handover.user_id) == user_id,
            col(Handover.completed_at).is_(None),
            col(Handover.withdrawn_at).is_(None),
        )
    )


def get_handover(session: Session, actor: Actor, handover_id: UUID) -> Handover:
    """Return a hand-over of the actor's agency, or one that the actor keeps; raises NotFound."""
    handover = session.get(Handover, handover_id)
    if handover is None:
        raise NotFound
    own = handover.agency_id == actor.agency_id and actor.has_role(Role.COORDINATOR)
    if not own and not governs(session, actor, handover.agency_id):
        raise NotFound
    return handover


@dataclass(frozen=True, slots=True)
class Pile:
    """What of one kind waits for owners, as one actor sees it.

    `named` are the lines the actor may read, `counted` those the actor may not. `takers` may have a
    named line, `blind_takers` what is only counted: coordinators, where the kind is theirs.
    """

    kind: Kind
    named: tuple[tuple[UUID, str], ...]
    counted: tuple[UUID, ...]
    takers: tuple[tuple[UUID, str], ...]
    blind_takers: tuple[tuple[UUID, str], ...]

    @property
    def total(self) -> int:
        """Return how many lines wait."""
        return len(self.named) + len(self.counted)


def due(session: Session, handover: Handover) -> dict[str, list[UUID]]:
    """Return what needs an owner: what the roles that stay may not hold."""
    ending = set(handover.roles)
    staying = {
        each.role
        for each in memberships_of(session, handover.user_id, handover.agency_id)
        if each.role.value not in ending
    }
    found = holdings.held_by(session, handover.agency_id, handover.user_id)
    return {
        kind.name: found[kind.name]
        for kind in holdings.kinds()
        if kind.reassign is not None and kind.name in found and not kind.takers & staying
    }


def piles(session: Session, actor: Actor, handover: Handover) -> list[Pile]:
    """Return what waits for owners by kind, as the actor may see it."""
    found = []
    for name, ids in due(session, handover).items():
        kind = holdings.kind_of(name)
        if kind is None:
            continue
        words = kind.describe(session, actor, ids)
        takers = _takers(session, handover, kind.takers)
        blind = (
            _takers(session, handover, {Role.COORDINATOR})
            if Role.COORDINATOR in kind.takers
            else takers
        )
        named = tuple((each, words[each]) for each in ids if each in words)
        counted = tuple(each for each in ids if each not in words)
        found.append(Pile(kind, named, counted, takers, blind))
    return found


def _takers(
    session: Session, handover: Handover, roles: Collection[Role]
) -> tuple[tuple[UUID, str], ...]:
    return tuple(
        (user_id, name)
        for user_id, name in people_with(session, handover.agency_id, *roles)
        if user_id != handover.user_id
    )


def counts(session: Session, agency_id: UUID, user_id: UUID) -> list[tuple[object, int]]:
    """Return how much of each kind a person holds: words and number, no record."""
    held = holdings.held_by(session, agency_id, user_id)
    return [(kind.label, len(held[kind.name])) for kind in holdings.kinds() if kind.name in held]


def list_open(session: Session, agency_ids: Collection[UUID]) -> list[Handover]:
    """Return the hand-overs of some agencies that wait for owners, the oldest first."""
    return list(
        session.scalars(
            sa.select(Handover)
            .where(
                col(Handover.agency_id).in_(agency_ids),
                col(Handover.completed_at).is_(None),
                col(Handover.withdrawn_at).is_(None),
            )
            .order_by(col(Handover.opened_at), col(Handover.id))
        )
    )


def list_of_person(session: Session, actor: Actor, user_id: UUID) -> list[Handover]:
    """Return a person's hand-overs in agencies that the actor keeps, the latest first."""
    found = session.scalars(
        sa.select(Handover)
        .where(col(Handover.user_id) == user_id, col(Handover.withdrawn_at).is_(None))
        .order_by(col(Handover.opened_at).desc())
        .limit(20)
    )
    return [each for each in found if governs(session, actor, each.agency_id)]


def list_lately(session: Session, agency_id: UUID, *, limit: int = 30) -> list[Handover]:
    """Return the complete hand-overs of an agency, the latest first."""
    return list(
        session.scalars(
            sa.select(Handover)
            .where(col(Handover.agency_id) == agency_id, col(Handover.completed_at).is_not(None))
            .order_by(col(Handover.completed_at).desc(), col(Handover.id))
            .limit(limit)
        )
    )


@dataclass(frozen=True, slots=True)
class Passed:
    """What of one kind passed to whom: the lines the actor may read, and how many others."""

    label: object
    lines: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, int], ...]


def passed_lines(
    session: Session, actor: Actor, handover: Handover, names: Mapping[UUID, str]
) -> list[Passed]:
    """Return the sheet of a complete hand-over: records by code, others counted by new owner."""
    lines = session.scalars(
        sa.select(HandoverLine).where(col(HandoverLine.handover_id) == handover.id)
    ).all()
    found = []
    for kind in holdings.kinds():
        own = [line for line in lines if line.kind == kind.name]
        if not own:
            continue
        words = kind.describe(session, actor, [line.subject_id for line in own])
        known = sorted(
            (words[line.subject_id], names.get(line.to_user_id, ""))
            for line in own
            if line.subject_id in words
        )
        counts: dict[str, int] = {}
        for line in own:
            if line.subject_id not in words:
                name = names.get(line.to_user_id, "")
                counts[name] = counts.get(name, 0) + 1
        found.append(Passed(kind.label, tuple(known), tuple(sorted(counts.items()))))
    return found


def takers_of(session: Session, handover: Handover) -> dict[UUID, str]:
    """Return who took something over, with their names."""
    return dict(
        rows(
            session,
            sa.select(col(User.id), col(User.name)).where(
                col(User.id).in_(
                    sa.select(col(HandoverLine.to_user_id)).where(
                        col(HandoverLine.handover_id) == handover.id
                    )
                )
            ),
        )
    )


def noted_words(handover: Handover) -> list[tuple[object, int, object]]:
    """Return what nobody takes over, such as personal drafts: words, number, what becomes of it."""
    return [
        (kind.label, handover.noted[kind.name], kind.fate)
        for kind in holdings.kinds()
        if kind.reassign is None and handover.noted.get(kind.name)
    ]


def posts_of(session: Session, handover: Handover) -> list[str]:
    """Return the posts that the person held in the agency with the roles that end."""
    statement = (
        sa.select(col(Membership.post))
        .where(
            col(Membership.user_id) == handover.user_id,
            col(Membership.agency_id) == handover.agency_id,
            col(Membership.post) != "",
        )
        .distinct()
    )
    return sorted(session.scalars(statement))
