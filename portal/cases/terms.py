"""Legal terms that run on a case: started, met, cancelled, and moved by a change of calendar.

What a term is and how its end is counted is `deadlines`' matter; this keeps the running ones.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.agencies.queries import get_agency
from portal.cases import worklist
from portal.cases.events import TermMet, TermMoved, TermStarted
from portal.cases.models import Case, EntryKind, Term, TermStatus
from portal.cases.timeline import log
from portal.cases.visibility import access_to, get_case, visible_terms
from portal.deadlines.counting import Due, due
from portal.deadlines.queries import calendar_for, rule_in_force
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _l, msgid


def start_term(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    rule_code: str,
    starts_at: datetime,
    agency_id: UUID,
    person_id: UUID | None = None,
) -> Term:
    """Start a term that an agency owes, once: the same rule, start and child give the same row."""
    case = get_case(session, actor, case_id)
    same = session.scalar(
        sa.select(Term).where(
            col(Term.case_id) == case.id,
            col(Term.rule_code) == rule_code,
            col(Term.starts_at) == starts_at,
            col(Term.agency_id) == agency_id,
            col(Term.person_id).is_(None)
            if person_id is None
            else col(Term.person_id) == person_id,
        )
    )
    if same is not None:
        return same
    counted = _count(session, rule_code, starts_at, agency_id)
    term = Term(
        case_id=case.id,
        person_id=person_id,
        agency_id=agency_id,
        rule_code=rule_code,
        starts_at=starts_at,
        due_on=counted.day,
        due_at=counted.at,
        steps=counted.steps_as_json(),
    )
    session.add(term)
    worklist.rewrite(session, case)
    audit.record(session, actor, "cases.term.start", term.id, case=case.id, rule=rule_code)
    events.record(session, TermStarted(case.id, term.id, agency_id))
    return term


def _count(session: Session, rule_code: str, starts_at: datetime, agency_id: UUID) -> Due:
    """Count a term by the rule in force when it began, as this instance reads it."""
    rule = rule_in_force(session, rule_code, clock.local(starts_at).date())
    return due(rule, starts_at, calendar_for(session, get_agency(session, agency_id), rule))


def get_term(session: Session, actor: Actor, term_id: UUID) -> Term:
    """Return a visible term; raises NotFound."""
    term = session.scalar(
        sa.select(Term)
        .join(Case, col(Case.id) == col(Term.case_id))
        .where(col(Term.id) == term_id, visible_terms(actor))
    )
    if term is None:
        raise NotFound
    return term


def meet_term(
    session: Session,
    actor: Actor,
    term_id: UUID,
    *,
    at: datetime | None = None,
    late_reason: str = "",
) -> Term:
    """Record that the act a term asked for was done.

    Nothing locks at expiry: acting late is recorded as such and needs a reason (TUO of Ley 27444
    arts. 140.3, 143). Raises Invalid where the reason is missing.
    """
    term, case = _own_running(session, actor, term_id)
    done_at = at or clock.now()
    if done_at > term.due_at and not late_reason:
        raise Invalid(Problem("late_reason", _l("The term has passed: say why it is met late.")))
    term.status, term.ended_at, term.late_reason = TermStatus.MET, done_at, late_reason
    worklist.rewrite(session, case)
    late = done_at > term.due_at
    audit.record(session, actor, "cases.term.meet", term.id, case=case.id, late=int(late))
    log(
        session,
        actor,
        case,
        kind=EntryKind.TERM,
        title=msgid("Term met late: %(rule)s") if late else msgid("Term met: %(rule)s"),
        facts={"rule": term.rule_code, "began": clock.local(term.starts_at).date().isoformat()},
        text=late_reason,
    )
    events.record(session, TermMet(case.id, term.id))
    return term


def cancel_term(session: Session, actor: Actor, term_id: UUID, *, reason: str) -> Term:
    """End a term whose act is no longer owed, such as a stay's after discharge."""
    term, case = _own_running(session, actor, term_id)
    term.status, term.ended_at = TermStatus.CANCELLED, clock.now()
    worklist.rewrite(session, case)
    audit.record(session, actor, "cases.term.cancel", term.id, case=case.id, reason=reason)
    return term


def hand_over_term(session: Session, term: Term, agency_id: UUID) -> None:
    """Let another institution owe a running term, counted anew by that one's calendar.

    A term whose rule is gone with its module keeps its day. The caller rewrites the worklist.
    """
    term.agency_id = agency_id
    try:
        counted = _count(session, term.rule_code, term.starts_at, agency_id)
    except NotFound:
        return
    term.due_on, term.due_at, term.steps = counted.day, counted.at, counted.steps_as_json()


def _own_running(session: Session, actor: Actor, term_id: UUID) -> tuple[Term, Case]:
    """Return a running term of the acting agency, or of a case that it leads."""
    term = get_term(session, actor, term_id)
    case = get_case(session, actor, term.case_id)
    owes = actor.is_system or term.agency_id == actor.agency_id
    if not (owes or access_to(session, actor, case).leads):
        owner = get_agency(session, term.agency_id)
        raise Forbidden(_l("This term is answered by %(name)s.", name=owner.name))
    if term.status is not TermStatus.RUNNING:
        raise Conflict(_l("This term no longer runs."))
    return term, case


def recompute_terms(session: Session, actor: Actor) -> int:
    """Count every running term of open cases anew after a change of calendar.

    Returns how many moved; the owner of each is told once, by its event. A term whose rule is gone
    with its module keeps its day.
    """
    running = session.scalars(sa.select(Term).where(col(Term.status) == TermStatus.RUNNING)).all()
    moved = 0
    for term in running:
        try:
            counted = _count(session, term.rule_code, term.starts_at, term.agency_id)
        except NotFound:
            continue
        if counted.at == term.due_at:
            continue
        term.due_on, term.due_at, term.steps = counted.day, counted.at, counted.steps_as_json()
        worklist.rewrite(session, session.get_one(Case, term.case_id))
        audit.record(session, actor, "cases.term.move", term.id, case=term.case_id)
        events.record(session, TermMoved(term.case_id, term.id, term.agency_id))
        moved += 1
    return moved
