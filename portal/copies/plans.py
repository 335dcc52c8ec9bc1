"""The individual work plans of a case in its history: each version's frame, and how all stands."""

from typing import Any

from sqlmodel import Session

from portal.actor import Actor
from portal.agencies.queries import names_of
from portal.cases.models import Case
from portal.plans.models import Activity, Objective, Plan, PlanVersion, Review, Visit
from portal.plans.queries import get_plan, list_for_case, list_parts
from portal.plans.rules import standing


def tell_plans(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    """Return the plans that were approved, where the actor reads them; each is noted as read."""
    shown = [row.id for row in list_for_case(session, actor, case) if row.number]
    return [_plan(session, get_plan(session, actor, case, plan_id)) for plan_id in shown]


def _plan(session: Session, plan: Plan) -> dict[str, Any]:
    versions = [
        each for each in list_parts(session, PlanVersion, [plan.id]) if each.approved_at is not None
    ]
    now = versions[-1]
    return {
        "child": plan.person_id,
        "version": plan.number,
        "declared_on": plan.declared_on,
        "ended_at": plan.ended_at,
        "ended_because": plan.outcome_words,
        "versions": [
            {
                "number": each.number,
                "resolution": each.resolution,
                "resolved_on": each.resolved_on,
                "approved_at": each.approved_at,
                "reason": each.reason,
            }
            for each in versions
        ],
        "background": now.background,
        "problems": now.problems,
        "measures": now.measures,
        "follow_up": now.follow_up,
        "in_charge": now.in_charge,
        "opinion": now.opinion,
        "opinion_weighed": now.weighed,
        "no_opinion_because": now.no_opinion,
        "objectives": _objectives(session, plan),
        "visits": [
            {
                "planned_on": each.planned_on,
                "purpose": each.purpose,
                "progress": each.progress,
                "happened_at": each.happened_at,
                "visitor": each.visitor,
                "found": each.found,
                "note": each.note,
            }
            for each in list_parts(session, Visit, [plan.id])
        ],
        "reviews": [
            {
                "due_on": each.due_on,
                "held_on": each.held_on,
                "decision": each.decision,
                "words": each.words,
            }
            for each in list_parts(session, Review, [plan.id])
        ],
    }


def _objectives(session: Session, plan: Plan) -> list[dict[str, Any]]:
    objectives = standing(list_parts(session, Objective, [plan.id]), plan.number)
    activities = standing(list_parts(session, Activity, [plan.id]), plan.number)
    names = names_of(session, {each.agency_id for each in activities})
    return [
        {
            "text": objective.text,
            "right": objective.right,
            "activities": [
                {
                    "act": each.act,
                    "owed_by": names[each.agency_id],
                    "person": each.person,
                    "due_on": each.due_on,
                    "progress": each.progress,
                    "done_on": each.done_on,
                    "result": each.result,
                    "is_commitment": each.commitment_id is not None,
                }
                for each in activities
                if each.objective_line == objective.line_id
            ],
        }
        for objective in objectives
    ]
