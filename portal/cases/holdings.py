"""Cases in a person's hands: they pass on with the post, open ones to a new owner each."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access import holdings
from portal.access.holdings import Passing
from portal.actor import CASE_ROLES, Actor
from portal.cases.assignments import put_assignment
from portal.cases.events import CaseAssigned
from portal.cases.models import Case, CaseAssignment, CaseBar, CaseStatus
from portal.cases.visibility import visible_cases
from portal.db import rows
from portal.errors import Invalid, Problem
from portal.texts import _l


def _is_theirs(agency_id: UUID, user_id: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(CaseAssignment.agency_id) == agency_id,
        col(CaseAssignment.user_id) == user_id,
        col(CaseAssignment.until).is_(None),
    )


def _open_cases(session: Session, agency_id: UUID, user_id: UUID) -> list[UUID]:
    """Return the open cases that a person works on for an agency."""
    return list(
        session.scalars(
            sa.select(col(CaseAssignment.case_id))
            .join(Case, col(Case.id) == col(CaseAssignment.case_id))
            .where(_is_theirs(agency_id, user_id), col(Case.status) == CaseStatus.OPEN)
            .order_by(col(Case.code))
        )
    )


def _holds(user_id: Any, agency_id: UUID) -> sa.ColumnElement[bool]:
    """Return the condition that a person works on an open case for an agency."""
    return sa.exists().where(
        _is_theirs(agency_id, user_id),
        col(Case.id) == col(CaseAssignment.case_id),
        col(Case.status) == CaseStatus.OPEN,
    )


def _codes(session: Session, actor: Actor, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return the codes of those cases that the actor sees; noted as one read."""
    found = dict(
        rows(
            session,
            sa.select(col(Case.id), col(Case.code)).where(
                col(Case.id).in_(ids), visible_cases(actor)
            ),
        )
    )
    if found:
        audit.note_read(session, actor, "cases.case.list", *found)
    return found


def _give(session: Session, actor: Actor, passing: Passing, case_id: UUID) -> None:
    """Put the new owner on the case and take the other off; raises Invalid for who is barred."""
    barred = sa.exists().where(
        col(CaseBar.case_id) == case_id, col(CaseBar.user_id) == passing.to_id
    )
    if session.scalar(sa.select(barred)):
        raise Invalid(Problem("user_id", _l("This person cannot be put on this case.")))
    case = session.get_one(Case, case_id)
    if put_assignment(session, case, passing.agency_id, passing.to_id):
        audit.record(
            session, actor, "cases.case.assign", case_id, case=case_id, user=str(passing.to_id)
        )
        events.record(session, CaseAssigned(case_id, passing.agency_id, passing.to_id))
    session.execute(
        sa.update(CaseAssignment)
        .where(
            _is_theirs(passing.agency_id, passing.from_id), col(CaseAssignment.case_id) == case_id
        )
        .values(until=clock.now())
    )
    audit.record(
        session, actor, "cases.case.unassign", case_id, case=case_id, user=str(passing.from_id)
    )


def _release(session: Session, _actor: Actor, agency_id: UUID, user_id: UUID) -> None:
    """End what is left: closed cases need no owner, and the person reads them no more."""
    session.execute(
        sa.update(CaseAssignment).where(_is_theirs(agency_id, user_id)).values(until=clock.now())
    )


def register() -> None:
    """Let cases pass on with a post."""
    holdings.register(
        "cases",
        _l("Cases"),
        _open_cases,
        _give,
        describe=_codes,
        takers=CASE_ROLES,
        release=_release,
        holds=_holds,
    )
