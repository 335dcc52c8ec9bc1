"""What the plans hold of a child."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.queries import names_of
from portal.cases.labels import RIGHT
from portal.cases.models import Case
from portal.interviews.labels import KIND
from portal.interviews.models import Interview
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.plans.labels import DECISION, OUTCOME, PROGRESS
from portal.plans.models import Activity, Objective, Plan, PlanVersion, Review, Visit
from portal.plans.queries import list_parts
from portal.texts import _, _l

# The parts of a plan, what hangs on nothing first.
PARTS: tuple[tuple[str, Any], ...] = (
    ("portal_plan_activity", Activity),
    ("portal_plan_objective", Objective),
    ("portal_plan_visit", Visit),
    ("portal_plan_review", Review),
    ("portal_plan_version", PlanVersion),
)


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return the plans of a child with all that was written into them; versions and past acts too.

    What was in preparation and never approved is not handed out.
    """
    found = session.execute(
        sa.select(Plan, col(Case.code))
        .join(Case, col(Case.id) == col(Plan.case_id))
        .where(col(Plan.person_id) == person_id)
        .order_by(col(Plan.id))
    ).all()
    plans = {plan.id: plan for plan, _code in found}
    versions = list_parts(session, PlanVersion, plans)
    objectives = list_parts(session, Objective, plans)
    activities = list_parts(session, Activity, plans)
    names = names_of(session, {each.agency_id for each in activities})
    heard = {
        each.id: each
        for each in session.scalars(
            sa.select(Interview).where(
                col(Interview.id).in_([each.interview_id for each in versions])
            )
        )
    }
    return [
        PersonExport(
            table="portal_plan",
            title=_l("Individual work plans"),
            rows=[_plan(plan, code) for plan, code in found],
        ),
        PersonExport(
            table="portal_plan_version",
            title=_l("Versions of the plan"),
            rows=[_version(each, heard) for each in versions if each.approved_at is not None],
        ),
        PersonExport(
            table="portal_plan_objective",
            title=_l("Objectives of the plan"),
            rows=[
                readable(
                    (_("From version"), each.since),
                    (_("Right"), RIGHT[each.right] if each.right else ""),
                    (_("Objective"), each.text),
                )
                for each in objectives
                if each.since <= plans[each.plan_id].number
            ],
        ),
        PersonExport(
            table="portal_plan_activity",
            title=_l("Activities of the plan"),
            rows=[
                _activity(each, names)
                for each in activities
                if each.since <= plans[each.plan_id].number
            ],
        ),
        PersonExport(
            table="portal_plan_visit",
            title=_l("Follow-up visits"),
            rows=[_visit(each) for each in list_parts(session, Visit, plans)],
        ),
        PersonExport(
            table="portal_plan_review",
            title=_l("Reviews of the plan"),
            rows=[
                readable(
                    (_("Due on"), each.due_on),
                    (_("Held on"), each.held_on),
                    (_("What was decided"), DECISION[each.decision] if each.decision else ""),
                    (_("What was found"), each.words),
                )
                for each in list_parts(session, Review, plans)
            ],
        ),
    ]


def _plan(plan: Plan, code: str) -> dict[str, str]:
    return readable(
        (_("Case"), code),
        (_("Begun at"), plan.started_at),
        (_("Version in force"), plan.number or ""),
        (_("Date of the resolution that declares risk or unprotection"), plan.declared_on),
        (_("Ended at"), plan.ended_at),
        (_("Why it ended"), OUTCOME[plan.outcome] if plan.outcome else ""),
        (_("Note"), plan.outcome_words),
    )


def _version(version: PlanVersion, heard: dict[UUID, Interview]) -> dict[str, str]:
    interview = heard.get(version.interview_id) if version.interview_id else None
    return readable(
        (_("Version"), version.number),
        (_("Resolution"), version.resolution),
        (_("Date of the resolution"), version.resolved_on),
        (_("Approved at"), version.approved_at),
        (_("Why it changed"), version.reason),
        (_("Background"), version.background),
        (_("Problems to solve"), version.problems),
        (_("Measures"), version.measures),
        (_("How follow-up is done"), version.follow_up),
        (_("In charge of the plan"), version.in_charge),
        (_("Interview"), KIND[interview.kind] if interview else ""),
        (_("Heard on"), interview.heard_on if interview else None),
        (_("The child's opinion"), version.opinion),
        (_("How it was weighed"), version.weighed),
        (_("Why there is no opinion"), version.no_opinion),
    )


def _activity(each: Activity, names: dict[UUID, str]) -> dict[str, str]:
    return readable(
        (_("From version"), each.since),
        (_("Activity"), each.act),
        (_("Who answers"), names[each.agency_id]),
        (_("Person"), each.person),
        (_("Due on"), each.due_on),
        (_("Status"), PROGRESS[each.progress]),
        (_("Done on"), each.done_on),
        (_("What came of it"), each.result),
    )


def _visit(each: Visit) -> dict[str, str]:
    return readable(
        (_("Planned for"), each.planned_on),
        (_("What for"), each.purpose),
        (_("Status"), PROGRESS[each.progress]),
        (_("When"), each.happened_at),
        (_("Who made the visit"), each.visitor),
        (_("Who was found"), each.found),
        (_("What was seen"), each.note),
    )


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Delete the plans of the cases that end."""
    _forget(session, col(Interview.case_id).in_(ending.case_ids))
    return _delete(session, col(Plan.case_id).in_(ending.case_ids))


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Delete the plans of a child on cases that stay for its siblings."""
    here = col(Interview.case_id).in_(plan.shared_case_ids)
    _forget(session, sa.and_(here, col(Interview.person_id) == person_id))
    shared = col(Plan.case_id).in_(plan.shared_case_ids)
    return _delete(session, sa.and_(shared, col(Plan.person_id) == person_id))


def _forget(session: Session, gone: sa.ColumnElement[bool]) -> None:
    """Let no plan name an interview that goes: two records of one child may share what was told."""
    heard = sa.select(col(Interview.id)).where(gone)
    session.execute(
        sa.update(PlanVersion)
        .where(col(PlanVersion.interview_id).in_(heard))
        .values(interview_id=None)
    )


def _delete(session: Session, mine: sa.ColumnElement[bool]) -> Sequence[Erased]:
    plans = session.scalars(sa.select(Plan).where(mine)).all()
    ids = [plan.id for plan in plans]
    erased = []
    for table, part in PARTS:
        gone = session.execute(sa.delete(part).where(part.plan_id.in_(ids)))
        erased.append(Erased(table=table, erased=gone.rowcount))  # type: ignore[attr-defined]
    for plan in plans:
        session.delete(plan)
    session.flush()
    return [*erased, Erased(table="portal_plan", erased=len(plans))]
