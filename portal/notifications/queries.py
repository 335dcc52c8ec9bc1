"""Reading one's own notices."""

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit
from portal.actor import Actor
from portal.cases.models import Case
from portal.cases.visibility import own_cases
from portal.db import AnyColumns, rows
from portal.notifications.models import Notice

PAGE = 50


def list_notices(session: Session, actor: Actor) -> list[tuple[Notice, str]]:
    """Return the actor's latest notices for the acting agency, newest first; notes the read.

    Beside each stands the code of the case that its text does not name, empty where the actor does
    not see the case through the acting agency now.
    """
    seen = sa.and_(col(Case.id) == col(Notice.case_id), own_cases(actor))
    statement: AnyColumns = (
        sa.select(Notice, sa.func.coalesce(col(Case.code), ""))
        .join(Case, seen, isouter=True)
        .where(col(Notice.user_id) == actor.user_id, col(Notice.agency_id) == actor.agency_id)
        .order_by(col(Notice.at).desc())
        .limit(PAGE)
    )
    found = [(notice, code) for notice, code in rows(session, statement)]
    codes = {str(notice.facts["code"]) for notice, _code in found if "code" in notice.facts}
    if codes := codes | {code for _notice, code in found if code}:
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
