"""The work of cases that others ask for: terms move with the calendar, running ones object."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock, events
from portal.actor import Actor, system_actor
from portal.cases import holdings
from portal.cases.models import Case, Term, TermStatus
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
    """Object while terms are owed: by how many run, have expired or stand still, and what to do."""
    if transition != Transition.CLOSE:
        return []
    is_late = sa.and_(col(Term.status) == TermStatus.RUNNING, col(Term.due_at) < clock.now())
    still = col(Term.status) == TermStatus.SUSPENDED
    late, stands, total = session.execute(
        sa.select(
            sa.func.count(sa.case((is_late, 1))),
            sa.func.count(sa.case((still, 1))),
            sa.func.count(),
        ).where(col(Term.case_id) == case_id, col(Term.status).in_(OWED))
    ).one()
    found = (
        (late, _expired(late)),
        (total - late - stands, _runs(total - late - stands)),
        (stands, _stands(stands)),
    )
    if not total:
        return []
    where = f"/cases/{session.get_one(Case, case_id).code}"
    return [Objection(text=text, where=where, count=count) for count, text in found if count]


def _expired(count: int) -> str:
    return _n(
        "%(num)s term has expired: record it as met, saying why it is late",
        "%(num)s terms have expired: record them as met, saying why they are late",
        count,
    )


def _runs(count: int) -> str:
    return _n("%(num)s term runs: attend to it", "%(num)s terms run: attend to them", count)


def _stands(count: int) -> str:
    return _n(
        "%(num)s term is suspended: resume it and attend to it",
        "%(num)s terms are suspended: resume them and attend to them",
        count,
    )


def register() -> None:
    """Hear of calendars that change, and object while a term runs."""
    events.subscribe(CalendarChanged, _recompute, name="cases.recompute")
    events.subscribe(RuleChanged, _recompute, name="cases.recompute_rule")
    objector("cases", _object)
    holdings.register()
    add_mover("cases", moves)
