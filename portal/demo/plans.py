"""A plan in the demonstration: approved, followed by visits, changed once, a review to come."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlmodel import Session

from portal import clock
from portal.actor import Actor
from portal.cases.models import Right
from portal.cases.queries import children_of
from portal.demo.interviews import CASE
from portal.interviews.queries import list_for_child
from portal.plans import drafting, services
from portal.plans.inputs import (
    ApprovePlan,
    FinishActivity,
    PlanVisit,
    RecordVisit,
    WriteActivity,
    WriteObjective,
    WriteOpinion,
    WriteTexts,
)

if TYPE_CHECKING:
    from portal.demo.world import Builder


def make_plans(made: "Builder") -> None:
    """Give the eldest of two siblings a plan, of which two other institutions owe an activity."""
    case_id, now = made.cases[CASE], clock.now()
    with made.acting("upe", now - timedelta(hours=40)) as (session, actor):
        plan_id, matriculation = _prepare(made, session, actor, case_id)
        _approve(session, actor, case_id, plan_id, "RD 041-2026")
    with made.acting("upe", now - timedelta(hours=22)) as (session, actor):
        _follow(session, actor, case_id, plan_id, matriculation)
    with made.acting("upe", now - timedelta(hours=3)) as (session, actor):
        _change(made, session, actor, case_id, plan_id)


def _prepare(made: "Builder", session: Session, actor: Actor, case_id: UUID) -> tuple[UUID, UUID]:
    eldest = children_of(session, [case_id])[case_id][0].person_id
    plan = drafting.start_plan(session, actor, case_id, eldest)
    drafting.write_texts(
        session,
        actor,
        case_id,
        plan.id,
        WriteTexts(
            background="Madre internada y padre en un penal; estuvieron solos una noche.",
            problems="Nadie de la familia se hace cargo todavía; dejó de ir a la escuela.",
            measures="Acogimiento en familia extensa, en evaluación.",
            follow_up="Visita cada quince días; se informa a la familia en persona.",
            in_charge="Marco Lupuna, psicología",
        ),
    )
    heard = [row for row in list_for_child(session, actor, eldest) if row.kind == "psychological"]
    drafting.write_opinion(
        session,
        actor,
        case_id,
        plan.id,
        WriteOpinion(
            interview_id=heard[0].id,
            opinion="Quiere estar con su tía y no separarse de su hermano.",
            weighed="Se sigue: se evalúa primero a la tía, para los dos.",
        ),
    )
    care = drafting.add_objective(
        session,
        actor,
        case_id,
        plan.id,
        WriteObjective(right=Right.CARE, text="Vive con un familiar que la cuida, con su hermano"),
    )
    school = drafting.add_objective(
        session,
        actor,
        case_id,
        plan.id,
        WriteObjective(right=Right.SCHOOL, text="Vuelve a la escuela y asiste todos los días"),
    )
    today = clock.today()
    acts = [
        (care.id, "UPE-SM", "Evaluar a la tía materna", "Trabajo social", 6),
        (care.id, "DEM-LAM", "Orientar a la tía en pautas de crianza", "Defensora", 12),
        (school.id, "UPE-SM", "Acompañar la matrícula", "Marco Lupuna", 4),
    ]
    written = [
        drafting.add_activity(
            session,
            actor,
            case_id,
            plan.id,
            objective_id=objective_id,
            given=WriteActivity(
                act=act,
                agency_id=made.agencies[agency],
                person=person,
                due_on=today + timedelta(days=days),
            ),
        )
        for objective_id, agency, act, person, days in acts
    ]
    return plan.id, written[-1].id


def _approve(
    session: Session,
    actor: Actor,
    case_id: UUID,
    plan_id: UUID,
    resolution: str,
    reason: str = "",
) -> None:
    today = clock.today()
    services.approve(
        session,
        actor,
        case_id,
        plan_id,
        ApprovePlan(
            resolution=resolution,
            resolved_on=today,
            reason=reason,
            declared_on=None if reason else today - timedelta(days=3),
            review_on=today + timedelta(days=90),
        ),
    )


def _follow(
    session: Session, actor: Actor, case_id: UUID, plan_id: UUID, activity_id: UUID
) -> None:
    services.finish_activity(
        session,
        actor,
        case_id,
        plan_id,
        activity_id=activity_id,
        given=FinishActivity(
            was_done=True, done_on=clock.today(), result="Matriculada; empieza el lunes."
        ),
    )
    services.record_visit(
        session,
        actor,
        case_id,
        plan_id,
        visit_id=None,
        given=RecordVisit(
            was_made=True,
            happened_at=_an_hour_ago(),
            visitor="Marco Lupuna, psicología",
            found="La tía materna",
            note="La casa tiene lugar para los dos. La tía pide apoyo para el horario.",
        ),
    )
    services.plan_visit(
        session,
        actor,
        case_id,
        plan_id,
        PlanVisit(planned_on=clock.today() + timedelta(days=5), purpose="Ver cómo va la escuela"),
    )


def _an_hour_ago() -> datetime:
    return clock.now() - timedelta(hours=1)


def _change(made: "Builder", session: Session, actor: Actor, case_id: UUID, plan_id: UUID) -> None:
    drafting.begin_change(session, actor, case_id, plan_id)
    identity = drafting.add_objective(
        session,
        actor,
        case_id,
        plan_id,
        WriteObjective(right=Right.IDENTITY, text="Los dos hermanos tienen su DNI"),
    )
    drafting.add_activity(
        session,
        actor,
        case_id,
        plan_id,
        objective_id=identity.id,
        given=WriteActivity(
            act="Emitir el DNI sin costo",
            agency_id=made.agencies["RENIEC"],
            due_on=clock.today() + timedelta(days=10),
        ),
    )
    reason = "En la visita se vio que falta el DNI del hermano menor."
    _approve(session, actor, case_id, plan_id, "RD 043-2026", reason)
