"""Rights of the children of a case as pages read them: strips, matrix, how each stood before."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.actor import Actor
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseRight, CaseRightStep, Right, RightState
from portal.cases.rules import Access
from portal.cases.visibility import readable_cases
from portal.db import AnyColumns, acting, given, once, rows
from portal.users.models import User


@dataclass(frozen=True, slots=True)
class RightRow:
    """How a right of a child stands, as the strip shows it.

    `fell_back_on` is the day on which a right that had been restored was no longer.
    """

    person_id: UUID
    right: Right
    state: RightState
    since: date | None
    agency_id: UUID | None
    agency: str
    next_step: str
    evidence: str
    fell_back_on: date | None
    row_version: int


def list_rights(
    session: Session, actor: Actor, case: Case, access: Access
) -> dict[UUID, list[RightRow]]:
    """Return the rights of each child; an informed institution sees those it answers for.

    `access` is what the actor reads of the case (`access_to`).
    """
    statement = _rights(actor, reads_all=access.reads_all)
    order = list(Right)
    strips: dict[UUID, list[RightRow]] = {}
    found = rows(session, statement, acting(actor, case_id=case.id))
    for row in sorted(found, key=lambda row: order.index(row[1])):
        strips.setdefault(row[0], []).append(RightRow(*row))
    return strips


@once
def _rights(actor: Actor, *, reads_all: bool) -> AnyColumns:
    statement: AnyColumns = (
        sa.select(
            col(CaseRight.person_id),
            col(CaseRight.right),
            col(CaseRight.state),
            col(CaseRight.since),
            col(CaseRight.agency_id),
            sa.func.coalesce(col(Agency.name), ""),
            col(CaseRight.next_step),
            col(CaseRight.evidence),
            col(CaseRight.fell_back_on),
            col(CaseRight.row_version),
        )
        .join(Agency, col(Agency.id) == col(CaseRight.agency_id), isouter=True)
        .where(col(CaseRight.case_id) == given("case_id"))
    )
    return statement if reads_all else statement.where(col(CaseRight.agency_id) == actor.agency_id)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rights stand how; what does not apply counts for nothing."""

    restored: int
    denied: int
    fell_back: int
    all: int


def tally(strip: Iterable[RightRow]) -> Tally:
    """Count the rights of a child, of a right among siblings, or of a case."""
    counted = [row for row in strip if row.state is not RightState.NOT_APPLICABLE]
    states = Counter(row.state for row in counted)
    return Tally(
        restored=states[RightState.RESTORED],
        denied=states[RightState.NOT_GUARANTEED],
        fell_back=sum(row.fell_back_on is not None for row in counted),
        all=len(counted),
    )


def by_right(
    strips: Mapping[UUID, Sequence[RightRow]], agency_id: UUID | None = None
) -> dict[Right, dict[UUID, RightRow]]:
    """Return the matrix: for each right the row of each child, of one institution or of all."""
    found: dict[Right, dict[UUID, RightRow]] = {right: {} for right in Right}
    for strip in strips.values():
        for row in strip:
            if agency_id is None or row.agency_id == agency_id:
                found[row.right][row.person_id] = row
    return {right: cells for right, cells in found.items() if cells}


@dataclass(frozen=True, slots=True)
class StepRow:
    """How a right stood from a moment on, and who wrote it."""

    at: datetime
    state: RightState
    since: date
    agency: str
    next_step: str
    evidence: str
    author: str


def visible_right_steps(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition under which `CaseRightStep` rows are read: where the whole case is."""
    of_case = col(Case.id) == col(CaseRightStep.case_id)
    return sa.exists().where(of_case, readable_cases(actor)).correlate(CaseRightStep)


def list_right_steps(
    session: Session, actor: Actor, case: Case, *, person_id: UUID, right: Right
) -> list[StepRow]:
    """Return how a right of a child stood before, the newest first."""
    statement: AnyColumns = (
        sa.select(
            col(CaseRightStep.at),
            col(CaseRightStep.state),
            col(CaseRightStep.since),
            sa.func.coalesce(col(Agency.name), ""),
            col(CaseRightStep.next_step),
            col(CaseRightStep.evidence),
            sa.func.coalesce(col(User.name), ""),
        )
        .join(Agency, col(Agency.id) == col(CaseRightStep.agency_id), isouter=True)
        .join(User, col(User.id) == col(CaseRightStep.user_id), isouter=True)
        .where(
            col(CaseRightStep.case_id) == case.id,
            col(CaseRightStep.person_id) == person_id,
            col(CaseRightStep.right) == right,
            visible_right_steps(actor),
        )
        .order_by(col(CaseRightStep.at).desc(), col(CaseRightStep.id).desc())
    )
    return [StepRow(*row) for row in rows(session, statement)]
