"""Terms across cases: those that run, that passed, that were met, that stand still or moved."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.queries import attending
from portal.actor import Actor
from portal.cases.concealing import Concealing
from portal.cases.models import (
    Case,
    CaseAssignment,
    CaseBar,
    CaseGrant,
    CaseStatus,
    Term,
    TermStatus,
    Worklist,
)
from portal.cases.running import TermRow, select_terms
from portal.cases.visibility import own_cases, visible_terms
from portal.db import rows

PAGE = 50
# For how long a term that a change of calendar moved is shown as moved.
LATELY = timedelta(days=30)


class TermState(StrEnum):
    """How a term stands, as people ask for it; late and moved are computed, never states."""

    LATE = "late"
    RUNNING = "running"
    SUSPENDED = "suspended"
    MET = "met"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class TermFilter:
    """What the page of terms shows: a state, those that an agency owes, one case."""

    state: TermState | None = None
    owed_by: UUID | None = None
    code: str = ""


def _stands(state: TermState | None) -> sa.ColumnElement[bool]:
    status, now = col(Term.status), clock.now()
    runs = sa.and_(status == TermStatus.RUNNING, col(Case.status) == CaseStatus.OPEN)
    if state is None:
        return sa.true()
    return {
        TermState.LATE: sa.and_(runs, col(Term.due_at) < now),
        TermState.RUNNING: sa.and_(runs, col(Term.due_at) >= now),
        TermState.SUSPENDED: status == TermStatus.SUSPENDED,
        TermState.MET: status == TermStatus.MET,
        TermState.MOVED: sa.and_(runs, col(Term.moved_at) > now - LATELY),
    }[state]


def walk_terms(
    session: Session,
    actor: Actor,
    wanted: TermFilter,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> list[TermRow]:
    """Return visible terms in the order of their end, the latest end first for those met.

    Who owes one stands without the name of a place of care where the actor only looks on. Noted as
    a read of the cases named.
    """
    order: Sequence[Any] = (col(Term.due_at), col(Term.id))
    # Only a case that the agency is on, or that is open by emergency access, can be visible.
    reach = sa.union_all(
        sa.select(col(Worklist.case_id)).where(col(Worklist.agency_id) == actor.agency_id),
        sa.select(col(CaseGrant.case_id)).where(col(CaseGrant.user_id) == actor.user_id),
    )
    looks_on = sa.true() if actor.staff_session_id else sa.not_(own_cases(actor))
    statement = (
        select_terms()
        .add_columns(looks_on)
        .where(col(Term.case_id).in_(reach), visible_terms(actor), _stands(wanted.state))
        .limit(limit)
    )
    if wanted.owed_by is not None:
        statement = statement.where(col(Term.agency_id) == wanted.owed_by)
    if wanted.code:
        statement = statement.where(col(Case.code) == wanted.code)
    if wanted.state is TermState.MET:
        statement = statement.order_by(*(each.desc() for each in order))
        before = sa.tuple_(*order) < sa.tuple_(*after) if after else sa.true()
        statement = statement.where(before)
    else:
        statement = statement.order_by(*order)
        statement = statement.where(sa.tuple_(*order) > sa.tuple_(*after) if after else sa.true())
    found = rows(session, statement)
    if found:
        audit.note_read(session, actor, "cases.term.list", *{row[1] for row in found})
    concealing = Concealing(session)
    return [
        concealing.terms([TermRow(*row[:-1])])[0] if row[-1] else TermRow(*row[:-1])
        for row in found
    ]


@dataclass(frozen=True, slots=True)
class MovedTerm:
    """A term that a change of calendar moved: its case, from which day to which."""

    code: str
    before: date
    after: date


def owners_of_moved(
    session: Session, agency_id: UUID, moved_at: datetime
) -> dict[UUID, list[MovedTerm]]:
    """Return who is told of which terms of an agency that moved at a moment.

    Its coordinators and whoever is on duty of all, a person assigned to a case of those on it;
    nobody who is barred from the case.
    """
    found = rows(
        session,
        sa.select(col(Case.id), col(Case.code), col(Term.moved_from), col(Term.due_on))
        .join(Case, col(Case.id) == col(Term.case_id))
        .where(col(Term.agency_id) == agency_id, col(Term.moved_at) == moved_at)
        .order_by(col(Term.due_at), col(Term.id)),
    )
    ids = {case_id for case_id, *_rest in found}
    assigned = _pairs(
        session,
        sa.select(col(CaseAssignment.case_id), col(CaseAssignment.user_id)).where(
            col(CaseAssignment.case_id).in_(ids),
            col(CaseAssignment.agency_id) == agency_id,
            col(CaseAssignment.until).is_(None),
        ),
    )
    barred = _pairs(
        session,
        sa.select(col(CaseBar.case_id), col(CaseBar.user_id)).where(
            col(CaseBar.case_id).in_(ids), col(CaseBar.lifted_at).is_(None)
        ),
    )
    of_all = attending(session, agency_id)
    told: dict[UUID, list[MovedTerm]] = defaultdict(list)
    for case_id, code, before, after in found:
        for user_id in (of_all | assigned[case_id]) - barred[case_id]:
            told[user_id].append(MovedTerm(code, before or after, after))
    return told


def _pairs(session: Session, statement: sa.Select[UUID, UUID]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for case_id, user_id in rows(session, statement):
        found[case_id].add(user_id)
    return found
