"""Running terms of cases, as lists and the home page show them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseStatus, Term, TermStatus
from portal.cases.visibility import visible_terms
from portal.db import AnyColumns, acting, given, once, rows


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term as pages and modules show it; `case_code` and `title` name the case without names."""

    id: UUID
    case_id: UUID
    case_code: str
    person_id: UUID | None
    agency_id: UUID
    agency: str
    rule_code: str
    starts_at: datetime
    due_on: date
    due_at: datetime
    steps: list[Any]
    status: TermStatus
    ended_at: datetime | None
    late_reason: str
    moved_from: date | None = None

    @property
    def is_late(self) -> bool:
        """Tell whether the term has passed, or was met after its end: computed, never stored."""
        return self.due_at < (self.ended_at or clock.now())

    @property
    def key(self) -> tuple[datetime, UUID]:
        """Return its place in the order of lists."""
        return self.due_at, self.id


def due_days(session: Session, actor: Actor, until: date) -> Collection[date]:
    """Return the days up to one on which a term ends that the acting agency owes; no case named."""
    return session.scalars(
        sa.select(col(Term.due_on))
        .distinct()
        .join(Case, col(Case.id) == col(Term.case_id))
        .where(
            col(Term.agency_id) == actor.agency_id,
            col(Term.status) == TermStatus.RUNNING,
            col(Term.due_on) <= until,
            col(Case.status) == CaseStatus.OPEN,
            visible_terms(actor),
        )
    ).all()


def select_terms() -> AnyColumns:
    """Return the statement of terms with their case and who owes them; visibility is added."""
    return (
        sa.select(
            col(Term.id),
            col(Term.case_id),
            col(Case.code),
            col(Term.person_id),
            col(Term.agency_id),
            col(Agency.name),
            col(Term.rule_code),
            col(Term.starts_at),
            col(Term.due_on),
            col(Term.due_at),
            col(Term.steps),
            col(Term.status),
            col(Term.ended_at),
            col(Term.late_reason),
            col(Term.moved_from),
        )
        .join(Case, col(Case.id) == col(Term.case_id))
        .join(Agency, col(Agency.id) == col(Term.agency_id))
    )


def list_terms(session: Session, actor: Actor, case: Case) -> list[TermRow]:
    """Return the terms of a case, the running ones first, soonest first."""
    found = rows(session, _of_case(actor), acting(actor, case_id=case.id))
    return [TermRow(*row) for row in found]


@once
def _of_case(actor: Actor) -> AnyColumns:
    return (
        select_terms()
        .where(col(Term.case_id) == given("case_id"), visible_terms(actor))
        .order_by(col(Term.status) != TermStatus.RUNNING, col(Term.due_at), col(Term.id))
    )


def terms_running_out(
    session: Session,
    actor: Actor,
    *,
    within_days: int,
    limit: int,
    agency_id: UUID | None = None,
) -> list[TermRow]:
    """Return running terms of visible open cases that end within some calendar days, soonest first.

    `agency_id` keeps those that this agency owes. Noted as a read of the cases named.
    """
    until = clock.today() + timedelta(days=within_days)
    statement = _running_out(actor, limit, is_of_one=agency_id is not None)
    values = acting(actor, until=until, owes_id=agency_id)
    found = [TermRow(*row) for row in rows(session, statement, values)]
    if found:
        audit.note_read(session, actor, "cases.term.list", *{row.case_id for row in found})
    return found


@once
def _running_out(actor: Actor, limit: int, *, is_of_one: bool) -> AnyColumns:
    owed = [col(Term.agency_id) == given("owes_id")] if is_of_one else []
    return (
        select_terms()
        .where(
            col(Term.status) == TermStatus.RUNNING,
            col(Term.due_on) <= given("until", col(Term.due_on)),
            col(Case.status) == CaseStatus.OPEN,
            visible_terms(actor),
            *owed,
        )
        .order_by(col(Term.due_at), col(Term.id))
        .limit(limit)
    )
