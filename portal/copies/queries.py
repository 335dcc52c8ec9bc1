"""What pages read of histories: one's own."""

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import Actor
from portal.cases.models import Case
from portal.copies.histories import own_histories
from portal.copies.labels import STATE
from portal.copies.models import HistoryFile, HistoryState
from portal.db import AnyColumns, rows
from portal.events.work import LATELY, LongWork
from portal.texts import _


def list_own(session: Session, actor: Actor, case: Case, limit: int = 10) -> list[HistoryFile]:
    """Return the actor's own histories of a case, the newest first."""
    statement = (
        sa.select(HistoryFile)
        .where(col(HistoryFile.case_id) == case.id, own_histories(actor))
        .order_by(col(HistoryFile.made_at).desc())
        .limit(limit)
    )
    return list(session.scalars(statement))


def long_work(session: Session, actor: Actor, limit: int) -> list[LongWork]:
    """Return the actor's histories that are being made, or were asked for lately."""
    statement: AnyColumns = (
        sa.select(
            col(HistoryFile.id),
            col(HistoryFile.state),
            col(HistoryFile.made_at),
            col(Case.code),
        )
        .join(Case, col(Case.id) == col(HistoryFile.case_id))
        .where(own_histories(actor), col(HistoryFile.made_at) > clock.now() - LATELY)
        .order_by(col(HistoryFile.made_at).desc(), col(HistoryFile.id).desc())
        .limit(limit)
    )
    return [
        LongWork(
            title=_("History of case %(code)s", code=code),
            url=f"/histories/{own}",
            state=STATE[state],
            asked_at=made_at,
            is_running=state is HistoryState.WAITING,
        )
        for own, state, made_at, code in rows(session, statement)
    ]
