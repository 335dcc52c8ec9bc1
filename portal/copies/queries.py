"""What pages read of histories and copies: one's own, and the institution's."""

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import Actor
from portal.cases.models import Case
from portal.copies.court import number_of, visible_copies
from portal.copies.histories import own_histories
from portal.copies.labels import COPY_STATE, STATE
from portal.copies.models import CopyState, CourtCopy, HistoryFile, HistoryState
from portal.db import AnyColumns, rows
from portal.events.work import LATELY, LongWork
from portal.texts import _
from portal.users.models import User


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
    """Return the actor's histories and the copies that are being made, or were asked for lately."""
    return [*_histories(session, actor, limit), *_copies(session, actor, limit)][:limit]


def _copies(session: Session, actor: Actor, limit: int) -> list[LongWork]:
    statement: AnyColumns = (
        sa.select(CourtCopy, col(User.name))
        .join(User, col(User.id) == col(CourtCopy.author_id))
        .where(visible_copies(actor), col(CourtCopy.asked_at) > clock.now() - LATELY)
        .order_by(col(CourtCopy.asked_at).desc(), col(CourtCopy.id).desc())
        .limit(limit)
    )
    return [
        LongWork(
            title=_("Copy of the file No. %(number)s", number=number_of(copy)),
            url=f"/copies/{copy.id}",
            state=COPY_STATE[copy.state],
            asked_at=copy.asked_at or copy.started_at,
            author=author,
            is_running=copy.state is CopyState.WAITING,
        )
        for copy, author in rows(session, statement)
    ]


def _histories(session: Session, actor: Actor, limit: int) -> list[LongWork]:
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
