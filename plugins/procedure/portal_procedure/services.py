"""Beginning the term of the assessment, and recording what it found."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.sdk import (
    Actor,
    CaseOpened,
    CaseReopened,
    CaseStatus,
    CaseView,
    Conflict,
    EntryKind,
    Invalid,
    NotFound,
    Problem,
    World,
    _l,
    cancel_term,
    clock,
    get_case_view,
    list_case_views,
    meet_term,
    msgid,
    new_id,
    record,
    seal,
    set_stage,
    start_term,
    system_actor,
    write_entry,
)
from portal_procedure.inputs import RecordAssessment
from portal_procedure.labels import BEGUN, STAGE
from portal_procedure.models import Assessment, AssessmentLevel, Ground
from portal_procedure.queries import (
    COLUMN,
    TABLE,
    cases_of,
    find_assessment,
    find_begun,
    is_declared,
    is_due,
    running_term,
)
from portal_procedure.terms import ASSESSMENT


def begin(session: Session, event: CaseOpened) -> None:
    """Start the term when a case opens: from when the alert was received (DL 1297 art. 18).

    The same event heard twice starts one term, whoever is in charge of the case by then.
    """
    actor = system_actor(event.lead_agency_id)
    if find_begun(session, event.case_id) is None:
        start_term(
            session,
            actor,
            event.case_id,
            rule_code=ASSESSMENT.code,
            starts_at=event.received_at,
            agency_id=event.lead_agency_id,
        )
    if find_assessment(session, event.case_id) is None:
        set_stage(session, actor, event.case_id, stage=BEGUN)


def begin_again(session: Session, event: CaseReopened) -> None:
    """Let another assessment be due when a case is reopened, in its term from that hour (DL 18).

    Heard twice, or on a case that has none yet, it starts nothing twice. Until it is recorded the
    stage stays as the reopening left it. Where the case was closed by mistake nothing is new: what
    was assessed stands.
    """
    try:
        case = get_case_view(session, system_actor(), event.case_id)
    except NotFound:
        return
    found = find_assessment(session, case.id)
    actor = system_actor(case.lead_agency_id)
    if case.status != CaseStatus.OPEN or running_term(session, actor, case.id) is not None:
        return
    now = clock.now()
    if found is not None:
        if event.by_mistake or not found.stands:
            return
        found.reopened_at = now
        session.flush()
    start_term(
        session,
        actor,
        case.id,
        rule_code=ASSESSMENT.code,
        starts_at=now,
        agency_id=case.lead_agency_id,
    )


def let_stand(session: Session, actor: Actor, case: CaseView, reason: str) -> Assessment:
    """Let the last assessment of a reopened case stand: no new facts are to be assessed.

    The term of another one ends. Raises Conflict where none is due after it.
    """
    found = must_be_replaced(session, case)
    term = running_term(session, actor, case.id)
    if term is not None:
        cancel_term(session, actor, term.id, reason=reason)
    since, found.reopened_at = found.reopened_at or case.opened_at, None
    session.flush()
    # What was declared before the closing ended with it; what was declared since goes further.
    if not is_declared(session, actor, case, since):
        set_stage(session, actor, case.id, stage=STAGE[found.level])
    write_entry(
        session,
        actor,
        case.id,
        kind=EntryKind.ACT,
        title=msgid("The earlier preliminary assessment stands: resolution %(number)s"),
        facts={"number": found.resolution},
        text=reason,
    )
    record(session, actor, "procedure.assessment.keep", found.id, case=case.id)
    return found


def must_be_replaced(session: Session, case: CaseView) -> Assessment:
    """Return the last assessment where another is due after it; its form asks this first."""
    must_assess(case)
    found = find_assessment(session, case.id)
    if found is None or found.stands:
        raise Conflict(_l("No other preliminary assessment of this case is due."))
    return found


def record_assessment(
    session: Session, actor: Actor, case: CaseView, given: RecordAssessment
) -> Assessment:
    """Record the assessment: its term is met, the stage follows, the timeline tells.

    Raises Conflict where it was recorded before, Invalid where it is late without a reason.
    """
    must_assess(case)
    before = find_assessment(session, case.id)
    if not is_due(before):
        raise Conflict(_l("The preliminary assessment of this case was recorded already."))
    term = running_term(session, actor, case.id)
    if term is not None and term.is_late and not given.late_reason:
        raise Invalid(Problem("late_reason", _l("The term has passed: say why it comes late.")))
    own = new_id()
    found = Assessment(
        id=own,
        case_id=case.id,
        number=before.number + 1 if before else 1,
        level=given.level,
        grounds=[ground.value for ground in given.grounds],
        resolution=given.resolution,
        resolved_on=given.resolved_on,
        urgent_measure=given.urgent_measure,
        opinion_sealed=seal(session, case.id, TABLE, COLUMN, own, given.opinion),
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    session.add(found)
    session.flush()
    if term is not None:
        meet_term(session, actor, term.id, late_reason=given.late_reason)
    since = (before and before.reopened_at) or case.opened_at
    # The urgent route declares at once, and the assessment follows (DL 45): the stage is further.
    if given.level is not AssessmentLevel.UNPROTECTION or not is_declared(
        session, actor, case, since
    ):
        set_stage(
            session, actor, case.id, stage=STAGE[given.level], measure=given.urgent_measure or None
        )
    write_entry(
        session,
        actor,
        case.id,
        kind=EntryKind.ACT,
        title=msgid("Preliminary assessment: resolution %(number)s"),
        facts={"number": given.resolution},
    )
    record(session, actor, "procedure.assessment.record", found.id, case=case.id)
    return found


def must_assess(case: CaseView) -> None:
    """Raise Conflict where a case is closed; the form of its assessment asks this first."""
    if case.status != CaseStatus.OPEN:
        raise Conflict(_l("This case is closed. Reopen it to go on working."))


def demonstrate(session: Session, world: World) -> None:
    """Record assessments in the demonstration; every fifth case, and today's, are left to do."""
    for number, (name, case_id) in enumerate(world.cases.items()):
        for actor in (world.actors["upe"], world.actors["demuna"]):
            case = list_case_views(session, actor, [case_id]).get(case_id)
            if case is None or case.level != "lead" or (number % 5 == 4 and name != "cerrado"):
                continue
            at = case.opened_at + timedelta(hours=5)
            if at < clock.now():
                with clock.at(at):
                    record_assessment(session, actor, case, _invented(case.situation, number))


def _invented(situation: str, number: int) -> RecordAssessment:
    risk = situation == "risk"
    return RecordAssessment(
        level=AssessmentLevel.RISK if risk else AssessmentLevel.UNPROTECTION,
        grounds=[Ground.NEGLECT if number % 2 else Ground.PARENTS_UNABLE],
        resolution=f"{number + 1:03d}-2026-DEMO",
        resolved_on=clock.today(),
        urgent_measure="" if risk else "Acogimiento de urgencia",
        opinion="Fue escuchada con lenguaje sencillo; su opinión consta en el acta.",
    )


def erase(session: Session, person_id: UUID, held: Collection[UUID]) -> tuple[int, int]:
    """Empty what was written freely of a person's cases; returns how many, and how many stay."""
    found = session.scalars(
        sa.select(Assessment).where(col(Assessment.case_id).in_(cases_of(person_id)))
    ).all()
    free = [each for each in found if each.case_id not in held and each.opinion_sealed]
    for each in free:
        each.urgent_measure, each.resolution, each.opinion_sealed = "", "", b""
    session.flush()
    return len(free), sum(each.case_id in held for each in found)
