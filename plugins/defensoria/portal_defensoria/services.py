"""Recording a visit and its recommendation."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.sdk import (
    Actor,
    Erased,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Source,
    _l,
    clock,
    get_case_by_code,
    new_id,
    propose_commitment,
    record,
    seal,
)
from portal_defensoria.inputs import RecordVisit
from portal_defensoria.models import Visit
from portal_defensoria.queries import COLUMN, TABLE, cases_of


def record_visit(session: Session, actor: Actor, given: RecordVisit) -> Visit:
    """Record a visit; its recommendation becomes a commitment of the agency visited.

    The law itself owes the answer (Ley 26520 art. 26), so the commitment begins accepted. Raises
    Invalid where the case is not one that the office sees.
    """
    if actor.agency_id is None:
        raise Forbidden(_l("Act for an office to record a visit."))
    case_id = _case_id(session, actor, given.code)
    own = new_id()
    visit = Visit(
        id=own,
        agency_id=actor.agency_id,
        visited_id=given.visited_id,
        case_id=case_id,
        kind=given.kind,
        visited_on=given.visited_on,
        found_sealed=seal(session, own, TABLE, COLUMN, own, given.found),
        recommendation=given.recommendation,
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    session.add(visit)
    session.flush()
    propose_commitment(
        session,
        actor,
        agency_id=given.visited_id,
        act=given.recommendation,
        due_on=given.due_on,
        source=Source.RECOMMENDATION,
        case_id=case_id,
        source_id=visit.id,
        verifier_agency_id=actor.agency_id,
    )
    record(session, actor, "defensoria.visit.record", visit.id, case=case_id)
    return visit


def _case_id(session: Session, actor: Actor, code: str) -> UUID | None:
    if not code:
        return None
    try:
        return get_case_by_code(session, actor, code).id
    except NotFound as error:
        raise Invalid(Problem("code", _l("None of your cases has this code."))) from error


def erase(session: Session, person_id: UUID, held: Collection[UUID]) -> Erased:
    """Empty what was found on the cases of a person, with the keys of these visits."""
    found = session.scalars(
        sa.select(Visit).where(col(Visit.case_id).in_(cases_of(person_id)))
    ).all()
    free = [visit for visit in found if visit.case_id not in held and visit.found_sealed]
    for visit in free:
        visit.found_sealed, visit.recommendation = b"", "—"
    session.flush()
    return Erased(
        table=TABLE,
        erased=len(free),
        held=sum(visit.case_id in held for visit in found),
        scopes=frozenset(visit.id for visit in free),
    )
