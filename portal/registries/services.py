"""Keeping the codes of a case in official systems."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.cases.models import CaseChild
from portal.cases.rules import WORKERS
from portal.cases.services import open_for
from portal.errors import Conflict, Invalid, Problem
from portal.registries.inputs import AddCode
from portal.registries.models import OfficialCode
from portal.registries.queries import get_code
from portal.texts import _l


def add_code(session: Session, actor: Actor, case_id: UUID, given: AddCode) -> OfficialCode:
    """Keep a code; raises Invalid where it stands there already, or for a stranger to the case."""
    case = open_for(session, actor, case_id, *WORKERS)
    same = sa.exists().where(
        col(OfficialCode.case_id) == case.id,
        col(OfficialCode.system) == given.system,
        col(OfficialCode.name) == given.name,
        col(OfficialCode.number) == given.number,
        col(OfficialCode.person_id).is_(None)
        if given.person_id is None
        else col(OfficialCode.person_id) == given.person_id,
        col(OfficialCode.struck_at).is_(None),
    )
    if session.scalar(sa.select(same)):
        raise Invalid(Problem("number", _l("This code is kept already.")))
    of_case = sa.exists().where(
        col(CaseChild.case_id) == case.id, col(CaseChild.person_id) == given.person_id
    )
    if given.person_id is not None and not session.scalar(sa.select(of_case)):
        raise Invalid(Problem("person_id", _l("Choose among the children of this case.")))
    code = OfficialCode(
        case_id=case.id,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        agency_id=actor.agency_id,
        **given.model_dump(),
    )
    session.add(code)
    session.flush()
    audit.record(
        session, actor, "registries.code.add", code.id, case=case.id, system=given.system.value
    )
    return code


def strike_code(session: Session, actor: Actor, case_id: UUID, *, code_id: UUID) -> OfficialCode:
    """Strike a code that was wrong; it stays readable, struck."""
    case = open_for(session, actor, case_id, *WORKERS)
    code = get_code(session, actor, case, code_id)
    if code.struck_at is not None:
        raise Conflict(_l("This code was struck already."))
    code.struck_at, code.struck_by = clock.now(), actor.user_id
    session.flush()
    audit.record(session, actor, "registries.code.strike", code.id, case=case.id)
    return code
