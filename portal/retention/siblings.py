"""One child's part in a closed case of several children: erased alone, the case stays.

Only a granted cancellation does it (Ley 29733 art. 20): a rule ends the case as a whole. While the
case is open nobody is taken out of it. What does not say of which child it speaks stays for the
others, the stricter reading where the law says nothing of files that several share.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import clock
from portal.actor import AgencyKind
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseChild, CaseStatus
from portal.db import rows
from portal.followups.models import FollowUp
from portal.retention.models import Tombstone


@dataclass(frozen=True, slots=True)
class Part:
    """One child's part: the row that puts the child on the case, the case, who leads it."""

    id: UUID
    case_id: UUID
    person_id: UUID
    code: str
    agency_id: UUID
    agency_kind: AgencyKind
    agency_name: str
    closed_at: datetime


def list_parts(
    session: Session, *, agency_id: UUID | None, ids: Collection[UUID], is_closed: bool = True
) -> list[Part]:
    """Return the parts of these identifiers whose case is closed and has other children.

    A child who is visited after the return is not among them: until then the part has not ended.
    """
    other = aliased(CaseChild)
    statement = (
        sa.select(
            col(CaseChild.id),
            col(CaseChild.case_id),
            col(CaseChild.person_id),
            col(Case.code),
            col(CaseChild.position),
            col(Agency.id),
            col(Agency.kind),
            col(Agency.name),
            col(Case.closed_at),
        )
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .join(Agency, col(Agency.id) == col(Case.lead_agency_id))
        .where(
            col(CaseChild.id).in_(ids),
            ~sa.exists().where(col(Tombstone.record_id) == col(Case.id)),
            sa.exists().where(
                col(other.case_id) == col(CaseChild.case_id), col(other.id) != col(CaseChild.id)
            ),
        )
    )
    if is_closed:
        visited = sa.exists().where(
            col(FollowUp.case_id) == col(CaseChild.case_id),
            col(FollowUp.person_id) == col(CaseChild.person_id),
            col(FollowUp.ended_at).is_(None),
        )
        statement = statement.where(
            col(Case.status) == CaseStatus.CLOSED, col(Case.closed_at).is_not(None), ~visited
        )
    if agency_id is not None:
        statement = statement.where(col(Agency.id) == agency_id)
    return [
        Part(
            own,
            case_id,
            person_id,
            name_of(code, place),
            agency,
            kind,
            name,
            closed_at or clock.now(),
        )
        for own, case_id, person_id, code, place, agency, kind, name, closed_at in rows(
            session, statement
        )
    ]


def name_of(code: str, position: int) -> str:
    """Return what a child's part is called: the case's code and the child's place in it."""
    return f"{code}/{position + 1}"


def codes_of(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    """Return what the parts of these identifiers are called."""
    statement = (
        sa.select(col(CaseChild.id), col(Case.code), col(CaseChild.position))
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .where(col(CaseChild.id).in_(ids))
    )
    return {own: name_of(code, place) for own, code, place in rows(session, statement)}


def record_of(session: Session, case_id: UUID, person_id: UUID) -> UUID:
    """Return what goes with a child of a case: its part, or the case where it is alone."""
    children = rows(
        session,
        sa.select(col(CaseChild.id), col(CaseChild.person_id)).where(
            col(CaseChild.case_id) == case_id
        ),
    )
    own = next((part for part, person in children if person == person_id), None)
    return own if own is not None and len(children) > 1 else case_id
