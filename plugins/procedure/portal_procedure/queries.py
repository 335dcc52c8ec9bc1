"""Reading assessments, of cases that the actor sees."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.sdk import (
    Actor,
    CaseView,
    NotFound,
    TermRow,
    TermStatus,
    _,
    clock,
    list_terms,
    note_read,
    opened,
    readable,
    system_actor,
)
from portal_procedure.labels import GROUND, LEVEL
from portal_procedure.models import Assessment, Ground
from portal_procedure.terms import ASSESSMENT, DECLARATION

TABLE, COLUMN = "procedure_assessment", "opinion_sealed"


def find_assessment(session: Session, case_id: UUID) -> Assessment | None:
    """Return the last assessment of a case that was read already, or None."""
    return next(iter(list_assessments(session, case_id)), None)


def list_assessments(session: Session, case_id: UUID) -> Sequence[Assessment]:
    """Return the assessments of a case that was read already, the last one first."""
    return session.scalars(
        sa.select(Assessment)
        .where(col(Assessment.case_id) == case_id)
        .order_by(col(Assessment.number).desc())
    ).all()


def is_due(found: Assessment | None) -> bool:
    """Tell whether an assessment is due: there is none, or the case was reopened after the last."""
    return found is None or not found.stands


def read_opinion(session: Session, actor: Actor, found: Assessment) -> str:
    """Return the child's opinion, kept encrypted under the case's key, and note the read.

    Empty once it was erased.
    """
    note_read(session, actor, "procedure.assessment.read", found.id, case=found.case_id)
    return opened(session, found.case_id, TABLE, COLUMN, found.id, found.opinion_sealed)


def running_term(session: Session, actor: Actor, case_id: UUID) -> TermRow | None:
    """Return the running term of the assessment of a case, or None."""
    return next(
        (
            term
            for term in list_terms(session, actor, case_id)
            if term.rule_code == ASSESSMENT.code and term.status is TermStatus.RUNNING
        ),
        None,
    )


def is_declared(session: Session, actor: Actor, case: CaseView, since: datetime) -> bool:
    """Tell whether provisional unprotection was declared of a case from a day on."""
    day = clock.local(since).date()
    return any(
        term.rule_code == DECLARATION and clock.local(term.starts_at).date() >= day
        for term in list_terms(session, actor, case.id)
    )


def find_begun(session: Session, case_id: UUID) -> TermRow | None:
    """Return the term of the assessment that this module started on a case, or None."""
    try:
        terms = list_terms(session, system_actor(), case_id)
    except NotFound:
        return None
    return next((term for term in terms if term.rule_code == ASSESSMENT.code), None)


def assessments_of(session: Session, person_id: UUID) -> list[Mapping[str, Any]]:
    """Return what the module holds of a person's cases, opinions opened."""
    statement = (
        sa.select(Assessment)
        .where(col(Assessment.case_id).in_(cases_of(person_id)))
        .order_by(col(Assessment.case_id), col(Assessment.number))
    )
    return [
        readable(
            (_("What was found"), LEVEL[found.level]),
            (_("Grounds"), [ground_of(value) for value in found.grounds]),
            (_("Resolution"), found.resolution),
            (_("Resolved on"), found.resolved_on),
            (_("Urgent measure"), found.urgent_measure),
            (_("Case reopened on"), found.reopened_at),
            (
                _("Opinion of the child"),
                opened(session, found.case_id, TABLE, COLUMN, found.id, found.opinion_sealed),
            ),
        )
        for found in session.scalars(statement)
    ]


def ground_of(value: str) -> str:
    """Return the words of a ground as it is kept."""
    return str(GROUND[Ground(value)]) if value in set(Ground) else value


def cases_of(person_id: UUID) -> Any:
    """Return the cases of a person, by the core's public keys."""
    children = sa.table("portal_case_child", sa.column("case_id"), sa.column("person_id"))
    kept = sa.Uuid()
    return sa.select(sa.type_coerce(children.c.case_id, kept)).where(
        sa.type_coerce(children.c.person_id, kept) == person_id
    )
