"""Open commitments object to closing a case; documents hang on commitments as their evidence."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.actor import Actor
from portal.cases.transitions import objector
from portal.commitments.models import OPEN, Commitment
from portal.commitments.queries import visible_commitments
from portal.commitments.services import PIECE
from portal.documents import pieces
from portal.documents.models import Document
from portal.host.slots import Objection, Transition
from portal.texts import _l, _n


def _object(session: Session, _actor: Actor, case_id: UUID, transition: str) -> list[Objection]:
    if transition != Transition.CLOSE:
        return []
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Commitment)
        .where(col(Commitment.case_id) == case_id, col(Commitment.status).in_(OPEN))
    )
    if not count:
        return []
    text = _n("%(num)s commitment is open", "%(num)s commitments are open", count)
    return [Objection(text=text, where="/commitments", count=count)]


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    mine = col(Commitment.id) == col(Document.piece_id)
    return sa.exists().where(mine, visible_commitments(actor)).correlate(Document)


def register() -> None:
    """Object where something is still owed; say who reads a commitment's documents."""
    objector("commitments", _object)
    pieces.register(PIECE, _seen, label=_l("Commitment"), pages="/commitments")
