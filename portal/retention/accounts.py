"""The accounts of people who left: which institution answers for each, and since when.

Who looked must remain answerable for as long as the trail is kept at least (DS 016-2024-JUS art.
46), so no ground of erasure takes the name away sooner.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.access.models import Handover, Membership
from portal.access.services import not_ended
from portal.actor import AgencyKind
from portal.agencies.models import Agency
from portal.db import rows
from portal.users.models import User

ANSWERABLE_YEARS = 2

Row = tuple[UUID, str, UUID, AgencyKind, str, datetime | None]


def list_left(
    session: Session, *, agency_id: UUID | None, ids: Collection[UUID] | None, limit: int
) -> Sequence[Row]:
    """Return the accounts whose every role has ended, the first to leave first.

    The institution of the last role answers. Whoever still has a post to hand over is left out, and
    whoever only ever kept the platform: no institution's privacy officer answers for that account.
    """
    mine = col(Membership.user_id) == col(User.id)
    last = (
        sa.select(col(Membership.agency_id))
        .where(mine, col(Membership.agency_id).is_not(None))
        .order_by(col(Membership.until).desc(), col(Membership.id).desc())
        .limit(1)
        .correlate(User)
        .scalar_subquery()
    )
    ended_at = (
        sa.select(sa.func.max(col(Membership.until))).where(mine).correlate(User).scalar_subquery()
    )
    waits = sa.exists().where(
        col(Handover.user_id) == col(User.id),
        col(Handover.completed_at).is_(None),
        col(Handover.withdrawn_at).is_(None),
    )
    statement = (
        sa.select(
            col(User.id),
            col(User.username),
            col(Agency.id),
            col(Agency.kind),
            col(Agency.name),
            ended_at.label("ended_at"),
        )
        .join(Agency, col(Agency.id) == last)
        .where(col(User.erased_at).is_(None), ~sa.exists().where(mine, not_ended()), ~waits)
        .order_by("ended_at", col(User.id))
        .limit(limit)
    )
    if agency_id is not None:
        statement = statement.where(col(Agency.id) == agency_id)
    if ids is not None:
        statement = statement.where(col(User.id).in_(ids))
    return rows(session, statement)


def find_account(session: Session, username: str) -> tuple[UUID, UUID] | None:
    """Return an account and the institution that answers for it: where it works, or worked last."""
    statement = (
        sa.select(col(User.id), col(Membership.agency_id))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(
            col(User.username) == username.lower(),
            col(User.erased_at).is_(None),
            col(Membership.agency_id).is_not(None),
        )
        .order_by(not_ended().desc(), col(Membership.until).desc(), col(Membership.id).desc())
    )
    found = rows(session, statement.limit(1))
    return (found[0][0], found[0][1]) if found and found[0][1] else None
