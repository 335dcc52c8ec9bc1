"""Open referrals object to closing a case; silent ones go further."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import events
from portal.actor import Actor
from portal.cases.transitions import objector
from portal.host.slots import Objection, Transition
from portal.referrals.models import OPEN, Referral
from portal.referrals.silence import escalate_silent
from portal.texts import _n

EVERY = timedelta(minutes=5)


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


def _escalate(session: Session) -> None:
    escalate_silent(session)


def register() -> None:
    """Object where something is still owed; look for silence."""
    events.periodic("referrals.silence", EVERY, _escalate)
    objector("referrals", _object)
