"""Open referrals object to closing a case; silent ones go further; documents hang on them."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import events
from portal.actor import Actor, system_actor
from portal.cases.events import LeadChanged
from portal.cases.transitions import objector
from portal.documents import pieces
from portal.documents.models import Document
from portal.host.slots import Objection, Transition
from portal.referrals.models import OPEN, PIECE, Referral
from portal.referrals.queries import visible_referrals
from portal.referrals.services import follow_lead
from portal.referrals.silence import escalate_silent
from portal.texts import _l, _n

EVERY = timedelta(minutes=1)


def _object(session: Session, _actor: Actor, case_id: UUID, transition: str) -> list[Objection]:
    if transition != Transition.CLOSE:
        return []
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Referral)
        .where(col(Referral.case_id) == case_id, col(Referral.status).in_(OPEN))
    )
    if not count:
        return []
    text = _n("%(num)s referral is open", "%(num)s referrals are open", count)
    return [Objection(text=text, where="/referrals?box=out", count=count)]


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    mine = col(Referral.id) == col(Document.piece_id)
    return sa.exists().where(mine, visible_referrals(actor)).correlate(Document)


def _lead_changed(session: Session, event: LeadChanged) -> None:
    follow_lead(
        session,
        system_actor(event.lead_agency_id),
        event.case_id,
        former_id=event.former_agency_id,
        lead_id=event.lead_agency_id,
    )


def _escalate(session: Session) -> None:
    escalate_silent(session)


def register() -> None:
    """Object where something is still owed; look for silence; let documents hang on a referral."""
    pieces.register(PIECE, _seen, label=_l("Referral"), pages="/referrals")
    events.periodic("referrals.silence", EVERY, _escalate)
    events.subscribe(LeadChanged, _lead_changed, name="referrals.LeadChanged")
    objector("referrals", _object)
