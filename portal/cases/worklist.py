"""The worklist: each institution's cases in the order of work, kept with every change."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.actor import AgencyKind
from portal.agencies.models import Agency
from portal.cases.models import (
    NEVER,
    Case,
    CaseParty,
    Level,
    Priority,
    Term,
    TermStatus,
    Worklist,
)
from portal.db import rows


def rewrite(session: Session, case: Case) -> None:
    """Bring the case's next day and its rows up to date, within the change's transaction."""
    session.flush()
    next_day = session.scalar(
        sa.select(sa.func.min(col(Term.due_on))).where(
            col(Term.case_id) == case.id, col(Term.status) == TermStatus.RUNNING
        )
    )
    case.due_on = next_day or NEVER
    session.flush()
    session.execute(sa.delete(Worklist).where(col(Worklist.case_id) == case.id))
    session.execute(
        sa.insert(Worklist).from_select(list(COLUMNS), granted().where(col(Case.id) == case.id))
    )


COLUMNS = ("agency_id", "status", "priority", "due_on", "case_id", "level", "until")


def granted() -> sa.Select[Any]:
    """Return what the worklist must hold, from its source: the rule that `doctor` compares with.

    The day is kept from those who do not read terms: neither list, order nor filter tells it.
    """
    rank = sa.case({each: each.rank for each in Priority}, value=col(Case.priority))
    reads_terms = sa.or_(
        col(CaseParty.level) != Level.INFORMED, col(Agency.kind) == AgencyKind.DEFENSORIA
    )
    return (
        sa.select(
            col(CaseParty.agency_id),
            col(Case.status),
            rank,
            sa.case((reads_terms, col(Case.due_on)), else_=sa.literal(NEVER)),
            col(Case.id),
            col(CaseParty.level),
            col(CaseParty.until),
        )
        .join(Case, col(Case.id) == col(CaseParty.case_id))
        .join(Agency, col(Agency.id) == col(CaseParty.agency_id))
        .where(col(CaseParty.ended_at).is_(None))
    )


def differences(session: Session) -> int:
    """Return how many rows differ between the worklist and its source; 0 when all is well."""
    kept = sa.select(*(getattr(Worklist, name) for name in COLUMNS))
    missing = sa.select(sa.func.count()).select_from(granted().except_(kept).subquery())
    surplus = sa.select(sa.func.count()).select_from(kept.except_(granted()).subquery())
    return sum(count for statement in (missing, surplus) for (count,) in rows(session, statement))
