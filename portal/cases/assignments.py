"""People on a case: assigned to it, barred from it, abstaining."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access.models import Membership
from portal.access.queries import is_held
from portal.actor import CASE_ROLES, Actor
from portal.cases.events import CaseAssigned, PersonAbstained
from portal.cases.models import BarKind, Case, CaseAssignment, CaseBar, Level
from portal.cases.visibility import get_case, open_for
from portal.db.sealing import seal
from portal.errors import Forbidden, Invalid, Problem
from portal.texts import _l


def put_assignment(session: Session, case: Case, agency_id: UUID, user_id: UUID) -> bool:
    """Assign a person who works on cases for the agency; says whether that is new."""
    present = session.scalar(
        sa.select(sa.exists().where(_current_assignment(case.id, agency_id, user_id)))
    )
    if present:
        return False
    session.add(
        CaseAssignment(case_id=case.id, agency_id=agency_id, user_id=user_id, since=clock.now())
    )
    session.flush()
    return True


def _current_assignment(case_id: UUID, agency_id: UUID, user_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(CaseAssignment.case_id) == case_id,
        col(CaseAssignment.agency_id) == agency_id,
        col(CaseAssignment.user_id) == user_id,
        col(CaseAssignment.until).is_(None),
    )


def assign(session: Session, actor: Actor, case_id: UUID, *, user_id: UUID) -> Case:
    """Put a person of the acting agency on a case; raises Invalid for one who may not be."""
    case = open_for(session, actor, case_id, *Level)
    if actor.agency_id is None:
        raise Forbidden(_l("Act for an institution to assign people."))
    works = session.scalar(
        sa.select(
            sa.exists().where(
                col(Membership.user_id) == user_id,
                col(Membership.agency_id) == actor.agency_id,
                col(Membership.role).in_(CASE_ROLES),
                is_held(),
            )
        )
    )
    barred = session.scalar(
        sa.select(
            sa.exists().where(
                col(CaseBar.case_id) == case.id,
                col(CaseBar.user_id) == user_id,
                col(CaseBar.lifted_at).is_(None),
            )
        )
    )
    if not works or barred:
        raise Invalid(Problem("user_ids", _l("This person cannot be put on this case.")))
    if put_assignment(session, case, actor.agency_id, user_id):
        audit.record(session, actor, "cases.case.assign", case.id, case=case.id, user=str(user_id))
        events.record(session, CaseAssigned(case.id, actor.agency_id, user_id))
    return case


def assign_many(
    session: Session, actor: Actor, case_id: UUID, *, user_ids: Sequence[UUID]
) -> list[UUID]:
    """Put several people of the acting agency on a case: all of them, or none."""
    chosen = list(dict.fromkeys(user_ids))
    for user_id in chosen:
        assign(session, actor, case_id, user_id=user_id)
    return chosen


def unassign(session: Session, actor: Actor, case_id: UUID, *, user_id: UUID) -> None:
    """Take a person of the acting agency off a case."""
    case = get_case(session, actor, case_id)
    session.execute(
        sa.update(CaseAssignment)
        .where(_current_assignment(case.id, actor.agency_id, user_id))  # type: ignore[arg-type]
        .values(until=clock.now())
    )
    audit.record(session, actor, "cases.case.unassign", case.id, case=case.id, user=str(user_id))


def bar_person(
    session: Session, actor: Actor, case_id: UUID, *, user_id: UUID, reason: str
) -> CaseBar:
    """Bar a person from a case, kin or involved: it is invisible to that person at once."""
    case = open_for(session, actor, case_id, Level.LEAD)
    return _put_bar(session, actor, case, user_id, BarKind.BARRED, reason)


def abstain(session: Session, actor: Actor, case_id: UUID, *, reason: str) -> CaseBar:
    """Abstain from a case (abstención, TUO of Ley 27444 arts. 88–89): it closes to oneself.

    The coordinators of the agency are told by the event, and asked to assign somebody.
    """
    case = get_case(session, actor, case_id)
    if actor.user_id is None or actor.agency_id is None:
        raise Forbidden(_l("Only a person can abstain."))
    found = _put_bar(session, actor, case, actor.user_id, BarKind.ABSTAINED, reason)
    events.record(session, PersonAbstained(case.id, actor.agency_id, actor.user_id))
    return found


def _put_bar(
    session: Session, actor: Actor, case: Case, user_id: UUID, kind: BarKind, reason: str
) -> CaseBar:
    bar = CaseBar(
        case_id=case.id,
        user_id=user_id,
        agency_id=actor.agency_id if kind is BarKind.ABSTAINED else None,
        kind=kind,
        reason_sealed=b"",
        at=clock.now(),
        barred_by=actor.user_id,
    )
    bar.reason_sealed = seal(session, case.id, "portal_case_bar", "reason_sealed", bar.id, reason)
    session.add(bar)
    session.flush()
    session.execute(
        sa.update(CaseAssignment)
        .where(
            col(CaseAssignment.case_id) == case.id,
            col(CaseAssignment.user_id) == user_id,
            col(CaseAssignment.until).is_(None),
        )
        .values(until=clock.now())
    )
    audit.record(
        session, actor, f"cases.case.{kind.value}", case.id, case=case.id, user=str(user_id)
    )
    return bar
