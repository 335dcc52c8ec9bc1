"""Open referrals object to closing a case; silent ones go further; documents hang on them."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import events
from portal.actor import Actor, system_actor
from portal.agencies.models import Agency
from portal.cases.events import LeadChanged
from portal.cases.transitions import objector
from portal.db import rows
from portal.documents import pieces
from portal.documents.models import Document
from portal.host.slots import Objection, Transition
from portal.referrals.models import OPEN, PIECE, Referral, ReferralStatus
from portal.referrals.queries import visible_referrals
from portal.referrals.services import follow_lead
from portal.referrals.silence import escalate_silent
from portal.texts import _, _l, _n

EVERY = timedelta(minutes=1)


def _object(session: Session, actor: Actor, case_id: UUID, transition: str) -> list[Objection]:
    """Object while referrals are open: one by one where the actor sees them, else by their count.

    The report of an interview that was asked for is such a referral too.
    """
    if transition != Transition.CLOSE:
        return []
    seen = visible_referrals(actor).label("seen")
    found = rows(
        session,
        sa.select(col(Referral.id), col(Agency.name), col(Referral.status), seen)
        .join(Agency, col(Agency.id) == col(Referral.to_agency_id))
        .where(col(Referral.case_id) == case_id, col(Referral.status).in_(OPEN))
        .order_by(col(Referral.due_on), col(Referral.id)),
    )
    objections = [
        Objection(text=_open_at(agency, status), where=f"/referrals/{referral_id}")
        for referral_id, agency, status, is_seen in found
        if is_seen
    ]
    hidden = len(found) - len(objections)
    if hidden:
        text = _n(
            "%(num)s referral between other institutions is open: ask them to close it",
            "%(num)s referrals between other institutions are open: ask them to close them",
            hidden,
        )
        objections.append(Objection(text=text, count=hidden))
    return objections


def _open_at(agency: str, status: ReferralStatus) -> str:
    if status is ReferralStatus.ANSWERED:
        return _("%(agency)s answered a referral: read its answer and close it", agency=agency)
    return _("A referral to %(agency)s is open: await its answer, or take it back", agency=agency)


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
