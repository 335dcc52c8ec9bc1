"""A plan that goes on objects to closing its case."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.actor import Actor
from portal.cases.models import Case
from portal.cases.transitions import objector
from portal.host.slots import Objection, Transition
from portal.plans.models import Plan
from portal.texts import _n


def _object(session: Session, _actor: Actor, case_id: UUID, transition: str) -> list[Objection]:
    if transition != Transition.CLOSE:
        return []
    going_on = (
        sa.select(col(Case.code))
        .join(Plan, col(Plan.case_id) == col(Case.id))
        .where(col(Plan.case_id) == case_id, col(Plan.ended_at).is_(None))
    )
    codes = session.scalars(going_on).all()
    if not codes:
        return []
    count = len(codes)
    text = _n(
        "%(num)s individual work plan goes on: end it",
        "%(num)s individual work plans go on: end them",
        count,
    )
    return [Objection(text=text, where=f"/cases/{codes[0]}/plans", count=count)]


def register() -> None:
    """Object while a plan goes on."""
    objector("plans", _object)
