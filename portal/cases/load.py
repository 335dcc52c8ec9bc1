"""Who carries how much of an institution's open cases, and passing many of them on at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access.queries import case_workers
from portal.actor import Actor
from portal.cases.assignments import put_assignment
from portal.cases.events import CasesPassed
from portal.cases.models import (
    Case,
    CaseAssignment,
    CaseBar,
    CaseStatus,
    Priority,
    Term,
    TermStatus,
    Worklist,
)
from portal.cases.visibility import own_cases
from portal.db import rows
from portal.errors import Conflict, Invalid, Problem
from portal.texts import _l
from portal.users.models import User

SOON = timedelta(days=7)
MOST = 200


@dataclass(frozen=True, slots=True)
class LoadRow:
    """What one person carries; without a person, what nobody is assigned to.

    `late` and `soon` are the terms of those cases that the institution owes.
    """

    user_id: UUID | None
    name: str
    cases: int = 0
    immediate: int = 0
    late: int = 0
    soon: int = 0


def _assigned(actor: Actor, case_id: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(CaseAssignment.case_id) == case_id,
        col(CaseAssignment.agency_id) == actor.agency_id,
        col(CaseAssignment.until).is_(None),
    )


def list_load(session: Session, actor: Actor) -> list[LoadRow]:
    """Return the load of everybody who may work on cases: what expired first; unassigned on top.

    A case in the hands of two people counts for each of them.
    """
    person = col(CaseAssignment.user_id)
    is_open = sa.and_(col(Case.status) == CaseStatus.OPEN, own_cases(actor))
    immediate = sa.case((col(Case.priority) == Priority.IMMEDIATE, 1))
    carried = rows(
        session,
        sa.select(person, sa.func.count(), sa.func.count(immediate))
        .select_from(Case)
        .join(CaseAssignment, _assigned(actor, col(Case.id)), isouter=True)
        .where(is_open)
        .group_by(person),
    )
    late = sa.case((col(Term.due_at) < clock.now(), 1))
    terms = rows(
        session,
        sa.select(person, sa.func.count(late), sa.func.count() - sa.func.count(late))
        .select_from(Term)
        .join(Case, col(Case.id) == col(Term.case_id))
        .join(CaseAssignment, _assigned(actor, col(Case.id)), isouter=True)
        .where(
            is_open,
            col(Term.agency_id) == actor.agency_id,
            col(Term.status) == TermStatus.RUNNING,
            col(Term.due_on) <= clock.today() + SOON,
        )
        .group_by(person),
    )
    found: dict[UUID | None, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for user_id, many, pressing in carried:
        found[user_id][:2] = many, pressing
    for user_id, expired, coming in terms:
        found[user_id][2:] = expired, coming
    people: dict[UUID | None, str] = dict(case_workers(session, actor.agency_id))
    others = set(found) - set(people) - {None}
    named = sa.select(col(User.id), col(User.name)).where(col(User.id).in_(others))
    people.update(rows(session, named))
    load = [LoadRow(user_id, name, *found[user_id]) for user_id, name in people.items()]
    load.sort(key=lambda row: (-row.late, -row.immediate, -row.cases, row.name))
    nobody = [LoadRow(None, "", *found[None])] if found[None][0] else []
    return nobody + load


def count_let_pass(session: Session, actor: Actor) -> int:
    """Return how many terms of the institution expired on cases that others carry."""
    mine = sa.exists().where(
        _assigned(actor, col(Case.id)), col(CaseAssignment.user_id) == actor.user_id
    )
    statement = (
        sa.select(sa.func.count())
        .select_from(Term)
        .join(Case, col(Case.id) == col(Term.case_id))
        .where(
            col(Case.status) == CaseStatus.OPEN,
            col(Term.agency_id) == actor.agency_id,
            col(Term.status) == TermStatus.RUNNING,
            col(Term.due_at) < clock.now(),
            own_cases(actor),
            ~mine,
        )
    )
    return session.scalar(statement) or 0


@dataclass(frozen=True, slots=True)
class CarriedCase:
    """An open case in somebody's hands, in the order of work."""

    id: UUID
    code: str
    priority: Priority
    due_on: date


def list_carried(session: Session, actor: Actor, user_id: UUID | None) -> list[CarriedCase]:
    """Return the open cases that a person carries, or nobody does: the most pressing first.

    The next day is the one of the list of cases, which is kept from who reads no terms there.
    """
    rank = sa.case({each: each.rank for each in Priority}, value=col(Case.priority))
    statement = (
        sa.select(col(Case.id), col(Case.code), col(Case.priority), col(Worklist.due_on))
        .join(
            Worklist,
            sa.and_(
                col(Worklist.case_id) == col(Case.id), col(Worklist.agency_id) == actor.agency_id
            ),
        )
        .where(col(Case.status) == CaseStatus.OPEN, own_cases(actor), _carried_by(actor, user_id))
        .order_by(rank, col(Worklist.due_on), col(Case.id))
        .limit(MOST)
    )
    found = [CarriedCase(*row) for row in rows(session, statement)]
    if found:
        audit.note_read(session, actor, "cases.case.list", *[row.id for row in found])
    return found


def _carried_by(actor: Actor, user_id: UUID | None) -> sa.ColumnElement[bool]:
    assigned = sa.exists().where(_assigned(actor, col(Case.id)))
    if user_id is None:
        return ~assigned
    return assigned.where(col(CaseAssignment.user_id) == user_id)


def pass_on(
    session: Session,
    actor: Actor,
    *,
    from_id: UUID | None,
    to_id: UUID,
    case_ids: Sequence[UUID],
    reason: str = "",
) -> int:
    """Pass open cases of a person, or of nobody, to another in one act; returns how many.

    All of them or none: raises Invalid for somebody who may not have one of them, naming its code,
    Conflict where one changed hands meanwhile. Both people are told once of all.
    """
    wanted = list(dict.fromkeys(case_ids))
    cases = session.scalars(
        sa.select(Case).where(
            col(Case.id).in_(wanted),
            col(Case.status) == CaseStatus.OPEN,
            own_cases(actor),
            _carried_by(actor, from_id),
        )
    ).all()
    if len(cases) < len(wanted) or actor.agency_id is None:
        raise Conflict(_l("One of these cases changed hands meanwhile. Look at the list again."))
    _must_be_free(session, actor, cases, to_id, from_id)
    act = audit.record(
        session,
        actor,
        "cases.case.pass_on",
        None,
        reason=reason or None,
        count=len(cases),
        of=str(from_id or ""),
        to=str(to_id),
    )
    for case in cases:
        put_assignment(session, case, actor.agency_id, to_id)
        facts = {"user": str(to_id), "act": str(act.id)}
        audit.record(session, actor, "cases.case.assign", case.id, case=case.id, **facts)
        if from_id is not None:
            facts = {"user": str(from_id), "act": str(act.id)}
            audit.record(session, actor, "cases.case.unassign", case.id, case=case.id, **facts)
    if from_id is not None:
        session.execute(
            sa.update(CaseAssignment)
            .where(
                col(CaseAssignment.case_id).in_(wanted),
                col(CaseAssignment.agency_id) == actor.agency_id,
                col(CaseAssignment.user_id) == from_id,
                col(CaseAssignment.until).is_(None),
            )
            .values(until=clock.now())
        )
    events.record(session, CasesPassed(act.id, actor.agency_id, from_id, to_id, len(cases)))
    return len(cases)


def _must_be_free(
    session: Session, actor: Actor, cases: Sequence[Case], to_id: UUID, from_id: UUID | None
) -> None:
    """Raise Invalid where a person may not work on these cases."""
    if to_id == from_id:
        raise Invalid(Problem("to_id", _l("These cases are this person's already.")))
    if to_id not in dict(case_workers(session, actor.agency_id)):
        raise Invalid(Problem("to_id", _l("Choose one from the list.")))
    barred = session.scalars(
        sa.select(col(CaseBar.case_id)).where(
            col(CaseBar.case_id).in_([case.id for case in cases]),
            col(CaseBar.user_id) == to_id,
            col(CaseBar.lifted_at).is_(None),
        )
    ).all()
    codes = ", ".join(sorted(case.code for case in cases if case.id in set(barred)))
    if codes:
        raise Invalid(Problem("to_id", _l("This person cannot be put on %(codes)s.", codes=codes)))
