"""Reading one's own notices."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit
from portal.actor import Actor
from portal.notifications.models import Notice

PAGE = 50


def list_notices(session: Session, actor: Actor) -> Sequence[Notice]:
    """Return the actor's latest notices for the acting agency, newest first; notes the read."""
    found = session.scalars(
        sa.select(Notice)
        .where(col(Notice.user_id) == actor.user_id, col(Notice.agency_id) == actor.agency_id)
        .order_by(col(Notice.at).desc())
        .limit(PAGE)
    ).all()
    if codes := {str(notice.facts["code"]) for notice in found if "code" in notice.facts}:
        audit.note_read(session, actor, "notifications.notice.list", codes=tuple(sorted(codes)))
    return found


def count_unread(session: Session, actor: Actor) -> int:
    """Return how many notices of the acting agency the actor has not seen; at most a page."""
    unread = (
        sa.select(col(Notice.id))
        .where(
            col(Notice.user_id) == actor.user_id,
            col(Notice.agency_id) == actor.agency_id,
            col(Notice.read_at).is_(None),
        )
        .limit(PAGE)
    )
    return session.scalar(sa.select(sa.func.count()).select_from(unread.subquery())) or 0
