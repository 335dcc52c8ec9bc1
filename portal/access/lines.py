"""What of posts and privileges waits for a person: lines of the home page."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.access import holdings
from portal.access.models import (
    AccessReview,
    Handover,
    Membership,
)
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.db import AnyColumns, acting, once, rows
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.texts import _
from portal.users.models import User


def left_behind(session: Session, agency_id: UUID) -> list[tuple[UUID, str]]:
    """Return who holds something for an agency without the role for it: nobody handed it over.

    One statement, from the few people who had such a role; suspended people keep what they hold.
    """
    ways = [
        sa.and_(
            kind.holds(col(User.id), agency_id),
            ~sa.exists().where(
                col(Membership.user_id) == col(User.id),
                col(Membership.agency_id) == agency_id,
                col(Membership.role).in_(kind.takers),
                sa.or_(col(Membership.until).is_(None), col(Membership.until) > clock.now()),
            ),
        )
        for kind in holdings.kinds()
        if kind.holds is not None
    ]
    were_here = sa.select(col(Membership.user_id)).where(col(Membership.agency_id) == agency_id)
    is_open = sa.exists().where(
        col(Handover.agency_id) == agency_id,
        col(Handover.user_id) == col(User.id),
        col(Handover.completed_at).is_(None),
        col(Handover.withdrawn_at).is_(None),
    )
    statement = (
        sa.select(col(User.id), col(User.name))
        .where(col(User.id).in_(were_here), sa.or_(sa.false(), *ways), ~is_open)
        .order_by(col(User.name))
    )
    return list(rows(session, statement))


def handover_lines(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the hand-overs that wait for owners, and who left without one."""
    if actor.agency_id is None or not actor.has_role(Role.COORDINATOR):
        return []
    waiting = [_waits(*row) for row in rows(session, _open_handovers(actor, limit), acting(actor))]
    return waiting + [_was_left(name) for _id, name in left_behind(session, actor.agency_id)]


@once
def _open_handovers(actor: Actor, limit: int) -> AnyColumns:
    return (
        sa.select(col(Handover.id), col(Handover.opened_at), col(User.name))
        .join(User, col(User.id) == col(Handover.user_id))
        .where(
            col(Handover.agency_id) == actor.agency_id,
            col(Handover.completed_at).is_(None),
            col(Handover.withdrawn_at).is_(None),
        )
        .order_by(col(Handover.opened_at), col(Handover.id))
        .limit(limit)
    )


def _waits(handover_id: UUID, opened_at: datetime, name: str) -> HomeItem:
    return HomeItem(
        when=clock.local(opened_at).date(),
        tone=Tone.DUE_SOON,
        title=_("%(name)s hands over the post", name=name),
        note=_("what the person holds waits for new owners"),
        url=f"/access/handovers/{handover_id}",
        action_label=_("Say who takes over"),
        group=HomeGroup.ALERTS,
    )


def _was_left(name: str) -> HomeItem:
    return HomeItem(
        when=clock.today(),
        tone=Tone.OVERDUE,
        title=_("%(name)s left without handing over", name=name),
        note=_("what was in the person's hands has no owner"),
        url="/access/handovers",
        action_label=_("Hand it over"),
        group=HomeGroup.ALERTS,
    )


def review_lines(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the reviews of privileges that the actor decides, confirms or oversees."""
    decided = col(AccessReview.decided_at)
    ways = []
    if actor.has_role(Role.AGENCY_ADMIN, Role.PLATFORM_ADMIN):
        ways.append(sa.and_(_own_review(actor), decided.is_(None)))
    if actor.has_role(Role.PRIVACY_OFFICER, Role.AUDITOR):
        ways.append(sa.and_(_own_review(actor), decided.is_not(None)))
    if actor.has_role(Role.PLATFORM_ADMIN):
        ways.append(col(AccessReview.due_on) < clock.today())
    if not ways:
        return []
    statement = (
        sa.select(
            col(AccessReview.id), col(AccessReview.due_on), sa.func.coalesce(col(Agency.name), "")
        )
        .join(Agency, col(Agency.id) == col(AccessReview.agency_id), isouter=True)
        .where(col(AccessReview.closed_at).is_(None), sa.or_(*ways))
        .order_by(col(AccessReview.due_on), col(AccessReview.id))
        .limit(limit)
    )
    return [_review_line(*row) for row in rows(session, statement)]


def _own_review(actor: Actor) -> sa.ColumnElement[bool]:
    own = col(AccessReview.agency_id)
    return own.is_(None) if actor.agency_id is None else own == actor.agency_id


def _review_line(review_id: UUID, due_on: date, agency: str) -> HomeItem:
    days = (due_on - clock.today()).days
    return HomeItem(
        when=due_on,
        tone=Tone.OVERDUE if days < 0 else Tone.DUE_SOON if days <= 7 else Tone.IN_TIME,
        title=_("Review of privileges"),
        note=agency or _("Platform"),
        url=f"/admin/reviews/{review_id}",
        action_label=_("Look at it"),
        group=HomeGroup.ALERTS,
    )
