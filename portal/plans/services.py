"""What is done with a plan: a version approved, activities, visits and reviews recorded, its end.

Preparing a version has a room of its own (`drafting`).
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.agencies.queries import get_agency
from portal.cases.models import Case, EntryKind, Level, Situation, Term, TermStatus
from portal.cases.queries import access_to_act, list_parties, must_work
from portal.cases.terms import cancel_term, meet_term, start_term
from portal.cases.timeline import log
from portal.commitments import services as commitments
from portal.commitments.models import Source
from portal.deadlines.counting import Due, due
from portal.deadlines.queries import calendar_for, rule_in_force
from portal.errors import Conflict, Forbidden, Invalid, Problem
from portal.plans.drafting import to_write
from portal.plans.events import PlanApproved
from portal.plans.inputs import (
    ApprovePlan,
    EndPlan,
    FinishActivity,
    HoldReview,
    PlanVisit,
    RecordVisit,
)
from portal.plans.models import (
    Activity,
    Decision,
    Objective,
    Plan,
    PlanVersion,
    Progress,
    Review,
    Visit,
)
from portal.plans.queries import find_draft, get_part, list_parts
from portal.plans.rules import standing, stands_in
from portal.texts import _l, msgid

# Its life counts from the resolution that declares risk or unprotection (R 42.4–42.6).
LIFE = {
    Situation.RISK: "core.risk.plan_life",
    Situation.UNPROTECTION: "core.unprotection.plan_life",
}
# Every three months by law in unprotection (DL 60, 88); in risk it is proposed alike.
REVIEW = "core.unprotection.measure_review"


def next_review(session: Session, case: Case, after: date) -> Due:
    """Return when the next review is owed, and how that was counted."""
    rule = rule_in_force(session, REVIEW)
    calendar = calendar_for(session, get_agency(session, case.lead_agency_id), rule)
    return due(rule, _noon(after), calendar)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), clock.LIMA)


def missing(session: Session, actor: Actor, case: Case, plan: Plan) -> list[Problem]:
    """Return what stands against approving what is in preparation; nothing where it is complete."""
    draft = find_draft(session, plan)
    if draft is None:
        return [Problem("", _l("Nothing of this plan is in preparation: begin a change first."))]
    objectives = standing(list_parts(session, Objective, [plan.id]), draft.number)
    activities = standing(list_parts(session, Activity, [plan.id]), draft.number)
    found = []
    if not draft.problems:
        found.append(_l("Write which problems the plan is to solve."))
    if not draft.in_charge:
        found.append(_l("Name who is in charge of the plan (R 43.h)."))
    if not draft.has_opinion:
        found.append(_l("Record the child's opinion, or why there is none (DL 7, 9; R 30.1)."))
    if not objectives:
        found.append(_l("Write at least one objective."))
    served = {each.objective_line for each in activities}
    found += [
        _l("This objective has no activity: %(text)s", text=each.text)
        for each in objectives
        if each.line_id not in served
    ]
    access = access_to_act(session, actor, case)
    on_case = {party.agency_id for party in list_parties(session, actor, case, access)}
    for each in activities:
        if each.since != draft.number or each.progress is not Progress.PENDING:
            continue
        if each.due_on < clock.today():
            found.append(_l("The term of this activity has passed: %(text)s", text=each.act))
        if each.agency_id not in on_case:
            words = _l("Who answers for this is no longer on the case: %(text)s", text=each.act)
            found.append(words)
    return [Problem("", words) for words in found]


def approve(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, given: ApprovePlan
) -> PlanVersion:
    """Put what is in preparation in force as the next version, by who leads (DL 30; R 44, 47).

    What another institution owes becomes a commitment of it, which the lead verifies; what was
    changed or dropped is withdrawn there. Raises Invalid with all that is missing.
    """
    case, plan = to_lead(session, actor, case_id, plan_id)
    problems = missing(session, actor, case, plan)
    draft = find_draft(session, plan)
    if plan.number and not given.reason:
        problems.append(Problem("reason", _l("Say why the plan changes.")))
    # A review that is overdue already may stay so: approving a change does not put it off.
    kept = {each.due_on for each in waiting_reviews(session, plan)}
    if given.review_on <= clock.today() and given.review_on not in kept:
        problems.append(Problem("review_on", _l("Choose a later day.")))
    if problems or draft is None:
        raise Invalid(*problems)
    now = clock.now()
    draft.resolution, draft.resolved_on = given.resolution, given.resolved_on
    draft.reason = given.reason
    draft.approved_at, draft.approved_by, draft.agency_id = now, actor.user_id, actor.agency_id
    plan.approve(draft.number)
    plan.declared_on = given.declared_on or plan.declared_on
    session.flush()
    _let_live(session, actor, case, plan, given.resolution)
    _let_owe(session, actor, case, plan, given.resolution)
    _set_review(session, plan, given.review_on)
    audit.record(session, actor, "plans.plan.approve", plan.id, case=case.id, version=plan.number)
    first = plan.number == 1
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=msgid("Individual work plan approved: resolution %(resolution)s")
        if first
        else msgid("Individual work plan changed, version %(number)s: resolution %(resolution)s"),
        facts={"number": str(plan.number), "resolution": given.resolution},
        text=given.reason,
        person_id=plan.person_id,
    )
    events.record(session, PlanApproved(plan.id, case.id, plan.number))
    return draft


def to_lead(session: Session, actor: Actor, case_id: UUID, plan_id: UUID) -> tuple[Case, Plan]:
    """Return a plan that goes on, for who leads its case; each form of that asks this first."""
    case, plan = to_write(session, actor, case_id, plan_id)
    must_work(session, case, access_to_act(session, actor, case), Level.LEAD)
    return case, plan


def _lives(session: Session, plan: Plan) -> Sequence[Term]:
    """Return the running terms of a plan's life: one, or none."""
    running = sa.select(Term).where(
        col(Term.case_id) == plan.case_id,
        col(Term.person_id) == plan.person_id,
        col(Term.rule_code).in_(LIFE.values()),
        col(Term.status) == TermStatus.RUNNING,
    )
    return session.scalars(running).all()


def _let_live(session: Session, actor: Actor, case: Case, plan: Plan, resolution: str) -> None:
    """Start the term of the plan's life where the resolution that it counts from is known.

    Special cases have no fixed maximum (Ley 32017; R 42.7): there the day is left empty. One that
    counts from another resolution, or by the rule of the other regime, is cancelled.
    """
    rule = LIFE.get(case.situation)
    if plan.declared_on is None or rule is None:
        return
    for term in _lives(session, plan):
        if (term.rule_code, term.starts_at) != (rule, _noon(plan.declared_on)):
            cancel_term(session, actor, term.id, reason=resolution)
    start_term(
        session,
        actor,
        case.id,
        rule_code=rule,
        starts_at=_noon(plan.declared_on),
        agency_id=case.lead_agency_id,
        person_id=plan.person_id,
    )


def _let_owe(session: Session, actor: Actor, case: Case, plan: Plan, resolution: str) -> None:
    """Bring the commitments of other institutions in line with the version in force."""
    for each in list_parts(session, Activity, [plan.id]):
        if each.until == plan.number and each.commitment_id is not None:
            reason = f"{resolution}: {each.act}"[:400]
            commitments.withdraw(session, actor, each.commitment_id, reason=reason)
        if each.agency_id == case.lead_agency_id or each.commitment_id is not None:
            continue
        if not stands_in(each, plan.number) or each.progress is not Progress.PENDING:
            continue
        # What was due while its institution led the case is late; it is not asked for anew.
        if each.due_on < clock.today():
            continue
        made = commitments.propose(
            session,
            actor,
            agency_id=each.agency_id,
            act=each.act,
            due_on=each.due_on,
            source=Source.PLAN,
            case_id=case.id,
            person_id=plan.person_id,
            source_id=each.id,
            verifier_agency_id=case.lead_agency_id,
        )
        each.commitment_id = made.id
    session.flush()


def waiting_reviews(session: Session, plan: Plan) -> list[Review]:
    """Return the review of a plan that is to come, or none."""
    return [each for each in list_parts(session, Review, [plan.id]) if each.held_on is None]


def _set_review(session: Session, plan: Plan, due_on: date) -> None:
    """Let the review that is to come be on a day; there is one at a time."""
    waiting = waiting_reviews(session, plan)
    if waiting:
        waiting[0].due_on = due_on
    else:
        session.add(Review(plan_id=plan.id, due_on=due_on))
    session.flush()


def to_work(session: Session, actor: Actor, case_id: UUID, plan_id: UUID) -> tuple[Case, Plan]:
    """Return a plan in force that the actor works on; each form about it asks this first."""
    case, plan = to_write(session, actor, case_id, plan_id)
    _in_force(plan)
    return case, plan


def _in_force(plan: Plan) -> None:
    if not plan.is_in_force:
        raise Conflict(_l("This plan is not in force yet: it must be approved first."))


def finish_activity(
    session: Session,
    actor: Actor,
    case_id: UUID,
    plan_id: UUID,
    *,
    activity_id: UUID,
    given: FinishActivity,
) -> Activity:
    """Say what came of an activity of the version in force, by who owes it or the lead.

    It makes no version. Raises Conflict where it is followed as a commitment: it is answered there.
    """
    case, plan, activity = to_finish(session, actor, case_id, plan_id, activity_id)
    if given.was_done and given.done_on is None:
        raise Invalid(Problem("done_on", _l("Say on which day it was done.")))
    activity.finish(
        Progress.DONE if given.was_done else Progress.NOT_DONE,
        given.done_on if given.was_done else None,
        given.result,
        actor.user_id,
        clock.now(),
    )
    session.flush()
    audit.record(session, actor, "plans.activity.finish", activity.id, case=case.id)
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=msgid("Activity of the plan done")
        if given.was_done
        else msgid("Activity of the plan not done"),
        happened_at=_when(given.done_on) if given.was_done else None,
        text=f"{activity.act} · {given.result}",
        person_id=plan.person_id,
    )
    return activity


def to_finish(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, activity_id: UUID
) -> tuple[Case, Plan, Activity]:
    """Return a pending activity that the actor owes, or leads the case; its form asks this first.

    Raises Conflict where it is followed as a commitment, Forbidden naming who owes it.
    """
    case, plan = to_work(session, actor, case_id, plan_id)
    activity = get_part(session, plan, Activity, activity_id)
    if not stands_in(activity, plan.number):
        raise Conflict(_l("Somebody changed this meanwhile. Look at it again."))
    if activity.commitment_id is not None:
        raise Conflict(_l("Its institution answers for this as its commitment: see it there."))
    _must_owe(session, actor, case, activity.agency_id)
    activity.must_be_pending()
    return case, plan, activity


def _when(day: date | None) -> datetime | None:
    return min(_noon(day), clock.now()) if day else None


def _must_owe(session: Session, actor: Actor, case: Case, agency_id: UUID | None) -> None:
    """Raise Forbidden, naming who can, unless the acting agency owes it or leads the case."""
    if agency_id not in (None, actor.agency_id) and not access_to_act(session, actor, case).leads:
        owner = get_agency(session, agency_id)
        raise Forbidden(_l("Only %(name)s can do this.", name=owner.name))


def plan_visit(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, given: PlanVisit
) -> Visit:
    """Plan a follow-up visit of the acting agency (R 45)."""
    case, plan = to_work(session, actor, case_id, plan_id)
    if given.planned_on < clock.today():
        raise Invalid(Problem("planned_on", _l("This day has passed.")))
    return _put_visit(session, actor, case, plan, given.planned_on, given.purpose)


def _put_visit(
    session: Session, actor: Actor, case: Case, plan: Plan, day: date | None, purpose: str
) -> Visit:
    visit = Visit(plan_id=plan.id, agency_id=actor.agency_id, planned_on=day, purpose=purpose)
    session.add(visit)
    session.flush()
    audit.record(session, actor, "plans.visit.plan", visit.id, case=case.id)
    return visit


def record_visit(
    session: Session,
    actor: Actor,
    case_id: UUID,
    plan_id: UUID,
    *,
    visit_id: UUID | None,
    given: RecordVisit,
) -> Visit:
    """Record a visit that was planned, or one that was not (`visit_id` None); plan the next one.

    It makes no version. Raises Invalid for a next day that has passed.
    """
    case, plan = to_work(session, actor, case_id, plan_id)
    planned = to_visit(session, actor, case, plan, visit_id) if visit_id else None
    if given.next_on is not None and given.next_on < clock.today():
        raise Invalid(Problem("next_on", _l("This day has passed.")))
    visit = planned or _put_visit(session, actor, case, plan, None, "")
    progress = Progress.DONE if given.was_made else Progress.NOT_DONE
    visit.record(progress, given.happened_at, actor.user_id, clock.now())
    visit.visitor, visit.found, visit.note = given.visitor, given.found, given.note
    session.flush()
    audit.record(session, actor, "plans.visit.record", visit.id, case=case.id)
    log(
        session,
        actor,
        case,
        kind=EntryKind.VISIT,
        title=msgid("Follow-up visit of the plan")
        if given.was_made
        else msgid("Follow-up visit of the plan that could not be made"),
        happened_at=given.happened_at,
        text=given.note,
        person_id=plan.person_id,
    )
    if given.next_on is not None:
        _put_visit(session, actor, case, plan, given.next_on, visit.purpose)
    return visit


def to_visit(session: Session, actor: Actor, case: Case, plan: Plan, visit_id: UUID) -> Visit:
    """Return a planned visit that the actor owes, or leads the case; its form asks this first."""
    visit = get_part(session, plan, Visit, visit_id)
    _must_owe(session, actor, case, visit.agency_id)
    visit.must_be_pending()
    return visit


def hold_review(
    session: Session,
    actor: Actor,
    case_id: UUID,
    plan_id: UUID,
    *,
    review_id: UUID,
    given: HoldReview,
) -> Review:
    """Record what a review found and decided, by who leads; unless the plan must end, set the next.

    Raises Invalid where the next has no day, or not a later one.
    """
    case, plan, review = to_review(session, actor, case_id, plan_id, review_id)
    if given.decision is not Decision.END and given.next_on is None:
        raise Invalid(Problem("next_on", _l("Say when the next review is.")))
    if given.next_on is not None and given.next_on <= clock.today():
        raise Invalid(Problem("next_on", _l("Choose a later day.")))
    review.hold(given.held_on, given.decision, given.words, actor.user_id, clock.now())
    review.agency_id = actor.agency_id
    session.flush()
    if given.decision is not Decision.END and given.next_on is not None:
        _set_review(session, plan, given.next_on)
    audit.record(session, actor, "plans.review.record", review.id, case=case.id)
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=msgid("Review of the plan and its measure"),
        happened_at=_when(given.held_on),
        text=given.words,
        person_id=plan.person_id,
    )
    return review


def to_review(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, review_id: UUID
) -> tuple[Case, Plan, Review]:
    """Return a review that is to be held, for who leads; its form asks this first."""
    case, plan = to_lead(session, actor, case_id, plan_id)
    _in_force(plan)
    review = get_part(session, plan, Review, review_id)
    review.must_be_pending()
    return case, plan, review


def end_plan(session: Session, actor: Actor, case_id: UUID, plan_id: UUID, given: EndPlan) -> Plan:
    """End a plan in force, by who leads: what is in preparation goes, the term of its life is met.

    What other institutions still owe stays theirs to answer.
    """
    case, plan = to_end(session, actor, case_id, plan_id)
    plan.end(given.outcome, given.words, actor.user_id, clock.now())
    session.flush()
    for term in _lives(session, plan):
        late = term.due_at < clock.now()
        meet_term(session, actor, term.id, late_reason=given.words[:400] if late else "")
    audit.record(session, actor, "plans.plan.end", plan.id, case=case.id)
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=msgid("Individual work plan ended"),
        text=given.words,
        person_id=plan.person_id,
    )
    return plan


def to_end(session: Session, actor: Actor, case_id: UUID, plan_id: UUID) -> tuple[Case, Plan]:
    """Return a plan in force without a change in preparation, for who leads its case.

    The form of its end asks this first.
    """
    case, plan = to_lead(session, actor, case_id, plan_id)
    _in_force(plan)
    if find_draft(session, plan) is not None:
        raise Conflict(_l("A change of this plan is in preparation: approve or discard it first."))
    return case, plan
