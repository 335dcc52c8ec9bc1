"""Open commitments object to closing a case."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.actor import Actor
from portal.cases.transitions import objector
from portal.commitments.models import OPEN, Commitment
from portal.host.slots import Objection, Transition
from portal.texts import _n


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


def register() -> None:
    """Object where something is still owed."""
    objector("commitments", _object)
