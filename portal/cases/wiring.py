"""The work of cases that others ask for: terms move with the calendar, running ones object."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import events
from portal.actor import Actor, system_actor
from portal.cases import holdings
from portal.cases.models import Term, TermStatus
from portal.cases.terms import moves, recompute_terms
from portal.cases.transitions import objector
from portal.deadlines.events import CalendarChanged, RuleChanged
from portal.deadlines.moving import add_mover
from portal.host.slots import Objection, Transition
from portal.texts import _n

OWED = (TermStatus.RUNNING, TermStatus.SUSPENDED)


def _recompute(session: Session, _event: CalendarChanged | RuleChanged) -> None:
    recompute_terms(session, system_actor())


def _object(session: Session, _actor: Actor, case_id: UUID, transition: str) -> list[Objection]:
    if transition != Transition.CLOSE:
        return []
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Term)
        .where(col(Term.case_id) == case_id, col(Term.status).in_(OWED))
    )
    if not count:
        return []
    return [Objection(text=_n("%(num)s term runs", "%(num)s terms run", count), count=count)]


def register() -> None:
    """Hear of calendars that change, and object while a term runs."""
    events.subscribe(CalendarChanged, _recompute, name="cases.recompute")
    events.subscribe(RuleChanged, _recompute, name="cases.recompute_rule")
    objector("cases", _object)
    holdings.register()
    add_mover("cases", moves)
