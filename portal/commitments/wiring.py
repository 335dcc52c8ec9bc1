"""Open commitments object to closing a case; documents hang on commitments as their evidence."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.actor import Actor
from portal.agencies.models import Agency
from portal.cases.transitions import objector
from portal.commitments.models import OPEN, Commitment
from portal.commitments.queries import visible_commitments
from portal.commitments.services import PIECE
from portal.db import rows
from portal.documents import pieces
from portal.documents.models import Document
from portal.host.slots import Objection, Transition
from portal.texts import _, _l, _n


def _object(session: Session, actor: Actor, case_id: UUID, transition: str) -> list[Objection]:
    """Object while commitments are open: one by one where the actor sees them, else by count."""
    if transition != Transition.CLOSE:
        return []
    found = rows(
        session,
        sa.select(col(Commitment.id), col(Agency.name), visible_commitments(actor).label("seen"))
        .join(Agency, col(Agency.id) == col(Commitment.agency_id))
        .where(col(Commitment.case_id) == case_id, col(Commitment.status).in_(OPEN))
        .order_by(col(Commitment.due_on), col(Commitment.id)),
    )
    objections = [
        Objection(
            text=_("A commitment of %(agency)s is open: verify what was done", agency=agency),
            where=f"/commitments/{commitment_id}",
        )
        for commitment_id, agency, is_seen in found
        if is_seen
    ]
    hidden = len(found) - len(objections)
    if hidden:
        text = _n(
            "%(num)s commitment that you do not see is open: ask the council's secretary",
            "%(num)s commitments that you do not see are open: ask the council's secretary",
            hidden,
        )
        objections.append(Objection(text=text, count=hidden))
    return objections


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    mine = col(Commitment.id) == col(Document.piece_id)
    return sa.exists().where(mine, visible_commitments(actor)).correlate(Document)


def register() -> None:
    """Object where something is still owed; say who reads a commitment's documents."""
    objector("commitments", _object)
    pieces.register(PIECE, _seen, label=_l("Commitment"), pages="/commitments")
