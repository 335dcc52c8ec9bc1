"""Open referrals object to closing a case."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.actor import Actor
from portal.cases.transitions import objector
from portal.host.slots import Objection, Transition
from portal.referrals.models import OPEN, Referral
from portal.texts import _n


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


def register() -> None:
    """Object where something is still owed."""
    objector("referrals", _object)
