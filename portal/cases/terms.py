"""Legal terms that run on a case: started, met, cancelled, and moved by a change of calendar.

What a term is and how its end is counted is `deadlines`' matter; this keeps the running ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.agencies.queries import get_agency
from portal.cases import worklist
from portal.cases.events import TermMet, TermMoved, TermsMoved, TermStarted
from portal.cases.models import Case, CaseStatus, EntryKind, Term, TermStatus
from portal.cases.timeline import log
from portal.cases.visibility import access_to_act, get_case, visible_terms
from portal.deadlines import rules
from portal.deadlines.calendar import DayKind, OffDay
from portal.deadlines.counting import Due, due
from portal.deadlines.moving import Move
from portal.deadlines.queries import calendar_for, rule_in_force
from portal.deadlines.rules import Unit
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _l, msgid

_STANDS_STILL = Unit.BUSINESS_DAYS


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
    counted = _count(session, rule_code, starts_at, agency_id, ())
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


def _count(
    session: Session,
    rule_code: str,
    starts_at: datetime,
    agency_id: UUID,
    suspensions: Sequence[Mapping[str, str]],
) -> Due:
    """Count a term by the rule in force when it began, as this instance reads it.

    The days on which it stood still are left out, each with the norm that let it.
    """
    rule = rule_in_force(session, rule_code, clock.local(starts_at).date())
    calendar = calendar_for(session, get_agency(session, agency_id), rule)
    still = {
        day: OffDay(day, DayKind.SUSPENSION, each["basis"], each["basis"])
        for each in suspensions
        if "until" in each
        for day in _between(date.fromisoformat(each["from"]), date.fromisoformat(each["until"]))
    }
    return due(rule, starts_at, calendar.without(still.values()) if still else calendar)


def _end_at(term: Term, counted: Due) -> None:
    term.due_on, term.due_at, term.steps = counted.day, counted.at, counted.steps_as_json()


def _recount(session: Session, term: Term) -> Due:
    return _count(session, term.rule_code, term.starts_at, term.agency_id, term.suspensions)


def _between(first: date, until: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((until - first).days)]


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
    term, case = to_end(session, actor, term_id)
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
    term, case = to_end(session, actor, term_id)
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
        counted = _recount(session, term)
    except NotFound:
        return
    _end_at(term, counted)


def suspend_term(session: Session, actor: Actor, term_id: UUID, *, basis: str, reason: str) -> Term:
    """Let a term stand still from today, on the norm or resolution that says so, until resumed.

    Raises Conflict for one that is not counted in business days: hours and calendar days run on.
    """
    term, case = to_suspend(session, actor, term_id)
    started = {"from": clock.today().isoformat(), "basis": basis}
    term.suspensions = [*term.suspensions, started]
    term.status = TermStatus.SUSPENDED
    _tell(session, actor, case, term, "suspend", msgid("Term suspended: %(rule)s"), reason)
    return term


def to_suspend(session: Session, actor: Actor, term_id: UUID) -> tuple[Term, Case]:
    """Return a term that the actor may let stand still; its form asks this first."""
    term, case = to_end(session, actor, term_id)
    if rules.known(term.rule_code, clock.local(term.starts_at).date()).unit is not _STANDS_STILL:
        raise Conflict(_l("Only a term of business days can stand still: this one runs on."))
    return term, case


def resume_term(session: Session, actor: Actor, term_id: UUID) -> Term:
    """Let a term run again from today: the days on which it stood still are not counted."""
    term, case = _own(session, actor, term_id)
    if term.status is not TermStatus.SUSPENDED:
        raise Conflict(_l("This term is not suspended."))
    *past, last = term.suspensions
    term.suspensions = [*past, {**last, "until": clock.today().isoformat()}]
    term.status = TermStatus.RUNNING
    counted = _recount(session, term)
    _end_at(term, counted)
    _tell(session, actor, case, term, "resume", msgid("Term resumed: %(rule)s"))
    return term


def _tell(
    session: Session, actor: Actor, case: Case, term: Term, verb: str, title: str, why: str = ""
) -> None:
    worklist.rewrite(session, case)
    audit.record(session, actor, f"cases.term.{verb}", term.id, case=case.id, reason=why or None)
    log(
        session,
        actor,
        case,
        kind=EntryKind.TERM,
        title=title,
        facts={"rule": term.rule_code, "began": clock.local(term.starts_at).date().isoformat()},
        text=why,
    )


def to_end(session: Session, actor: Actor, term_id: UUID) -> tuple[Term, Case]:
    """Return a running term of the acting agency, or of a case that it leads."""
    term, case = _own(session, actor, term_id)
    if term.status is TermStatus.SUSPENDED:
        raise Conflict(_l("This term is suspended: resume it first."))
    if term.status is not TermStatus.RUNNING:
        raise Conflict(_l("This term no longer runs."))
    return term, case


def _own(session: Session, actor: Actor, term_id: UUID) -> tuple[Term, Case]:
    """Return a term of the acting agency, or of a case that it leads."""
    term = get_term(session, actor, term_id)
    case = get_case(session, actor, term.case_id)
    owes = actor.is_system or term.agency_id == actor.agency_id
    if not (owes or access_to_act(session, actor, case).leads):
        owner = get_agency(session, term.agency_id)
        raise Forbidden(_l("This term is answered by %(name)s.", name=owner.name))
    return term, case


def recompute_terms(session: Session, actor: Actor) -> int:
    """Count every running term of open cases anew after a change of calendar.

    Returns how many moved; modules hear of each, and each owner is told once of all of its own by
    `TermsMoved`. A term whose rule is gone with its module keeps its day.
    """
    moved_at, owners, moved = clock.now(), set[UUID](), 0
    for term, counted in _moving(session):
        term.moved_from, term.moved_at = term.due_on, moved_at
        _end_at(term, counted)
        worklist.rewrite(session, session.get_one(Case, term.case_id))
        audit.record(session, actor, "cases.term.move", term.id, case=term.case_id)
        events.record(session, TermMoved(term.case_id, term.id, term.agency_id))
        owners.add(term.agency_id)
        moved += 1
    for agency_id in sorted(owners):
        events.record(session, TermsMoved(agency_id, moved_at))
    return moved


def moves(session: Session) -> list[Move]:
    """Return the running terms that would move by the calendars that the session supposes."""
    return [
        Move(term.agency_id, term.rule_code, term.due_on, counted.day)
        for term, counted in _moving(session)
    ]


def _moving(session: Session) -> Iterator[tuple[Term, Due]]:
    """Return the running terms whose end is another than it was, with the new count.

    Terms of one rule, start, owner and days of standing still are counted once.
    """
    statement = (
        sa.select(Term)
        .join(Case, col(Case.id) == col(Term.case_id))
        .where(col(Term.status) == TermStatus.RUNNING, col(Case.status) == CaseStatus.OPEN)
    )
    counts: dict[tuple[str, datetime, UUID, str], Due | None] = {}
    for term in session.scalars(statement).all():
        key = term.rule_code, term.starts_at, term.agency_id, str(term.suspensions)
        if key not in counts:
            try:
                counts[key] = _recount(session, term)
            except NotFound:
                counts[key] = None
        counted = counts[key]
        if counted is not None and counted.at != term.due_at:
            yield term, counted
