"""What is written into a version in preparation: texts, opinion, objectives, activities.

The institution in charge and those that intervene write (R 42, 43); nothing of it is in force
before it is approved.
"""

from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.cases.models import Case, CaseChild
from portal.cases.queries import access_to_act, get_case, list_parties, must_work
from portal.cases.rules import WORKERS
from portal.cases.services import open_for
from portal.errors import Conflict, Invalid, NotFound, Problem
from portal.interviews.queries import list_for_child
from portal.plans.inputs import WriteActivity, WriteObjective, WriteOpinion, WriteTexts
from portal.plans.models import Activity, Objective, Plan, PlanVersion
from portal.plans.queries import (
    find_draft,
    get_part,
    get_plan,
    get_version,
    list_parts,
    visible_plans,
)
from portal.plans.rules import must_go, stands_in
from portal.texts import _l

Part = TypeVar("Part", Objective, Activity)
COPIED = (
    "background",
    "problems",
    "measures",
    "follow_up",
    "in_charge",
    "interview_id",
    "opinion",
    "weighed",
    "no_opinion",
)


def to_write(session: Session, actor: Actor, case_id: UUID, plan_id: UUID) -> tuple[Case, Plan]:
    """Return an open case and a plan of it that goes on, for who leads or intervenes.

    Raises NotFound where the plan is not visible, Conflict once the case is closed or it has ended.
    """
    case = get_case(session, actor, case_id)
    plan = get_plan(session, actor, case, plan_id)
    must_work(session, case, access_to_act(session, actor, case), *WORKERS)
    if plan.ended_at is not None:
        raise Conflict(_l("This plan has ended."))
    return case, plan


def start_plan(session: Session, actor: Actor, case_id: UUID, person_id: UUID) -> Plan:
    """Begin the plan of a child; one that goes on already is given back."""
    case = open_for(session, actor, case_id, *WORKERS)
    of_case = sa.select(col(CaseChild.id)).where(
        col(CaseChild.case_id) == case.id, col(CaseChild.person_id) == person_id
    )
    if session.scalar(of_case) is None:
        raise NotFound
    # Two who begin at once make one plan: the second waits here, and finds the first's.
    session.execute(sa.select(col(Case.id)).where(col(Case.id) == case.id).with_for_update())
    going_on = session.scalar(
        sa.select(Plan).where(
            col(Plan.case_id) == case.id,
            col(Plan.person_id) == person_id,
            col(Plan.ended_at).is_(None),
            visible_plans(actor),
        )
    )
    if going_on is not None:
        return going_on
    now = clock.now()
    plan = Plan(
        case_id=case.id,
        person_id=person_id,
        started_at=now,
        started_by=actor.user_id,
        agency_id=actor.agency_id,
        changed_at=now,
    )
    session.add(plan)
    session.flush()
    session.add(_blank(actor, plan))
    session.flush()
    audit.record(session, actor, "plans.plan.start", plan.id, case=case.id)
    return plan


def _blank(actor: Actor, plan: Plan) -> PlanVersion:
    return PlanVersion(
        plan_id=plan.id,
        number=plan.number + 1,
        begun_at=clock.now(),
        begun_by=actor.user_id,
    )


def begin_change(session: Session, actor: Actor, case_id: UUID, plan_id: UUID) -> PlanVersion:
    """Prepare the next version, which begins as the one in force; one in preparation is returned.

    Raises Conflict where none is in force yet.
    """
    case, plan = to_write(session, actor, case_id, plan_id)
    session.execute(sa.select(col(Plan.id)).where(col(Plan.id) == plan.id).with_for_update())
    draft = find_draft(session, plan)
    if draft is not None:
        return draft
    before = get_version(session, plan, plan.number)
    draft = _blank(actor, plan)
    for name in COPIED:
        setattr(draft, name, getattr(before, name))
    session.add(draft)
    session.flush()
    audit.record(session, actor, "plans.plan.change", plan.id, case=case.id, version=draft.number)
    return draft


def discard(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, *, reason: str
) -> UUID | None:
    """Throw away what is in preparation; a plan of which nothing was approved goes with it.

    Returns the plan that stays.
    """
    case, plan, draft = to_prepare(session, actor, case_id, plan_id)
    for activity in list_parts(session, Activity, [plan.id]):
        _undo(session, activity, draft.number)
    for objective in list_parts(session, Objective, [plan.id]):
        _undo(session, objective, draft.number)
    session.delete(draft)
    session.flush()
    plan.changed_at = clock.now()
    audit.record(
        session,
        actor,
        "plans.plan.discard",
        plan.id,
        case=case.id,
        reason=reason,
        version=draft.number,
    )
    if plan.number:
        return plan.id
    session.delete(plan)
    session.flush()
    return None


def _undo(session: Session, line: Objective | Activity, number: int) -> None:
    if line.since == number:
        session.delete(line)
    elif line.until == number:
        line.until = None


def to_prepare(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID
) -> tuple[Case, Plan, PlanVersion]:
    """Return what is in preparation, to be changed; raises Conflict where nothing is.

    Each form about it asks this first.
    """
    case, plan = to_write(session, actor, case_id, plan_id)
    draft = find_draft(session, plan)
    if draft is None:
        raise Conflict(_l("Nothing of this plan is in preparation: begin a change first."))
    return case, plan, draft


def _touch(session: Session, actor: Actor, case: Case, plan: Plan, fields: list[str]) -> None:
    """Move the plan on, so that whoever approves has read what is in preparation now."""
    plan.changed_at = clock.now()
    session.flush()
    audit.record(session, actor, "plans.plan.edit", plan.id, case=case.id, fields=fields)


def write_texts(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, given: WriteTexts
) -> PlanVersion:
    """Write background, problems, measures, follow-up and who is in charge."""
    case, plan, draft = to_prepare(session, actor, case_id, plan_id)
    for name, value in given.model_dump().items():
        setattr(draft, name, value)
    _touch(session, actor, case, plan, sorted(WriteTexts.model_fields))
    return draft


def write_opinion(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, given: WriteOpinion
) -> PlanVersion:
    """Write the child's opinion: an interview or words, with how it was weighed, or why none.

    Raises Invalid where neither stands there, or both (DL 7, 9; R 30.1).
    """
    case, plan, draft = to_prepare(session, actor, case_id, plan_id)
    heard = given.interview_id is not None or bool(given.opinion)
    problems = []
    if not heard and not given.no_opinion:
        words = _l("Choose the interview or write what the child said; or say why there is none.")
        problems.append(Problem("opinion", words))
    if heard and given.no_opinion:
        words = _l("The opinion stands above: leave this empty, or take the opinion out.")
        problems.append(Problem("no_opinion", words))
    if heard and not given.weighed:
        words = _l("Say how the opinion was weighed, and why it was departed from where it was.")
        problems.append(Problem("weighed", words))
    if given.interview_id is not None and given.interview_id != draft.interview_id:
        known = {row.id for row in list_for_child(session, actor, plan.person_id)}
        if given.interview_id not in known:
            problems.append(Problem("interview_id", _l("Choose one from the list.")))
    if problems:
        raise Invalid(*problems)
    for name, value in given.model_dump().items():
        setattr(draft, name, value)
    _touch(session, actor, case, plan, sorted(WriteOpinion.model_fields))
    return draft


def add_objective(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, given: WriteObjective
) -> Objective:
    """Add an objective to what is in preparation."""
    case, plan, draft = to_prepare(session, actor, case_id, plan_id)
    made = Objective(plan_id=plan.id, since=draft.number, right=given.right, text=given.text)
    session.add(made)
    _touch(session, actor, case, plan, ["objective"])
    return made


def edit_objective(
    session: Session,
    actor: Actor,
    case_id: UUID,
    plan_id: UUID,
    *,
    objective_id: UUID,
    given: WriteObjective,
) -> Objective:
    """Change an objective; what stood in a version before stays as it was, on a row of its own."""
    case, plan, draft = to_prepare(session, actor, case_id, plan_id)
    line = part_of(session, plan, draft, Objective, objective_id)
    if (line.right, line.text) == (given.right, given.text):
        raise Invalid(Problem("text", _l("Nothing is different yet.")))
    if must_go(line, draft.number):
        line.right, line.text = given.right, given.text
    else:
        line = Objective(
            plan_id=plan.id,
            line_id=line.line_id,
            since=draft.number,
            right=given.right,
            text=given.text,
        )
        session.add(line)
    _touch(session, actor, case, plan, ["objective"])
    return line


def drop_objective(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, objective_id: UUID
) -> None:
    """Drop an objective with its activities from what is in preparation."""
    case, plan, draft = to_prepare(session, actor, case_id, plan_id)
    line = part_of(session, plan, draft, Objective, objective_id)
    activities = list_parts(session, Activity, [plan.id])
    mine = [each for each in activities if each.objective_line == line.line_id]
    lines: list[Objective | Activity] = [line, *mine]
    for each in lines:
        if stands_in(each, draft.number) and must_go(each, draft.number):
            session.delete(each)
    _touch(session, actor, case, plan, ["objective"])


def add_activity(
    session: Session,
    actor: Actor,
    case_id: UUID,
    plan_id: UUID,
    *,
    objective_id: UUID,
    given: WriteActivity,
) -> Activity:
    """Add an activity for an objective, owed by an institution of the case."""
    case, plan, draft = to_prepare(session, actor, case_id, plan_id)
    objective = part_of(session, plan, draft, Objective, objective_id)
    _check_activity(session, actor, case, given)
    made = Activity(
        plan_id=plan.id,
        objective_line=objective.line_id,
        since=draft.number,
        **given.model_dump(),
    )
    session.add(made)
    _touch(session, actor, case, plan, ["activity"])
    return made


def _check_activity(session: Session, actor: Actor, case: Case, given: WriteActivity) -> None:
    problems = []
    access = access_to_act(session, actor, case)
    on_case = {party.agency_id for party in list_parties(session, actor, case, access)}
    if given.agency_id not in on_case:
        words = _l("Choose an institution of the case; bring it onto the case first.")
        problems.append(Problem("agency_id", words))
    if given.due_on < clock.today():
        problems.append(Problem("due_on", _l("This day has passed.")))
    if problems:
        raise Invalid(*problems)


def edit_activity(
    session: Session,
    actor: Actor,
    case_id: UUID,
    plan_id: UUID,
    *,
    activity_id: UUID,
    given: WriteActivity,
) -> Activity:
    """Change an activity of which nothing was recorded yet; what stood before stays as it was.

    Raises Conflict for one that was done, or not: that is the plan's past.
    """
    case, plan, draft = to_prepare(session, actor, case_id, plan_id)
    line = pending_activity(session, plan, draft, activity_id)
    if all(getattr(line, name) == value for name, value in given.model_dump().items()):
        raise Invalid(Problem("act", _l("Nothing is different yet.")))
    _check_activity(session, actor, case, given)
    if must_go(line, draft.number):
        for name, value in given.model_dump().items():
            setattr(line, name, value)
    else:
        line = Activity(
            plan_id=plan.id,
            objective_line=line.objective_line,
            line_id=line.line_id,
            since=draft.number,
            **given.model_dump(),
        )
        session.add(line)
    _touch(session, actor, case, plan, ["activity"])
    return line


def drop_activity(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, activity_id: UUID
) -> None:
    """Drop an activity of which nothing was recorded yet from what is in preparation."""
    case, plan, draft = to_prepare(session, actor, case_id, plan_id)
    line = pending_activity(session, plan, draft, activity_id)
    if must_go(line, draft.number):
        session.delete(line)
    _touch(session, actor, case, plan, ["activity"])


def restore(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, objective_or_activity: UUID
) -> None:
    """Take back that an objective or activity was dropped from what is in preparation.

    An objective comes back with the activities that went with it; raises Conflict for an activity
    whose objective is still dropped.
    """
    case, plan, draft = to_prepare(session, actor, case_id, plan_id)
    objectives = list_parts(session, Objective, [plan.id])
    activities = list_parts(session, Activity, [plan.id])
    kept = {each.line_id for each in objectives if stands_in(each, draft.number)}
    chosen = next((each for each in objectives if each.id == objective_or_activity), None)
    if chosen is not None:
        lines: list[Objective | Activity] = [chosen]
        lines += [each for each in activities if each.objective_line == chosen.line_id]
    else:
        one = next((each for each in activities if each.id == objective_or_activity), None)
        if one is None:
            raise NotFound
        if one.objective_line not in kept:
            raise Conflict(_l("Its objective is dropped: take that back first."))
        lines = [one]
    written: list[Objective | Activity] = [*objectives, *activities]
    replaced = {each.line_id for each in written if each.since == draft.number}
    for line in lines:
        if line.until == draft.number and line.line_id not in replaced:
            line.until = None
    _touch(session, actor, case, plan, ["restored"])


def pending_activity(
    session: Session, plan: Plan, draft: PlanVersion, activity_id: UUID
) -> Activity:
    """Return an activity of a version of which nothing came yet; its form asks this first."""
    line = part_of(session, plan, draft, Activity, activity_id)
    line.must_be_pending()
    return line


def part_of(
    session: Session, plan: Plan, draft: PlanVersion, part: type[Part], part_id: UUID
) -> Part:
    """Return a part that stands in a version; each form about one asks this first."""
    line = get_part(session, plan, part, part_id)
    if not stands_in(line, draft.number):
        raise Conflict(_l("Somebody changed this meanwhile. Look at it again."))
    return line
