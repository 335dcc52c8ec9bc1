"""For what each person of a proposal stands: the case, else the alert, that registers it.

Whoever takes care of the children of a case stands for it too, as an adult of its family.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.alerts.models import WAITING, Alert, AlertChild
from portal.cases.models import Case, CaseChild
from portal.db import AnyColumns, rows
from portal.family.models import Relative


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a proposal: the record of a person, and the institution that answers for it.

    `is_carer`: the person is no child of the record, but takes care of its children.
    """

    person_id: UUID
    kind: str
    record_id: UUID
    code: str
    agency_id: UUID
    district: str
    is_open: bool
    is_shielded: bool
    since: datetime
    is_carer: bool = False

    @property
    def is_case(self) -> bool:
        """Tell whether it is a case, rather than an alert that waits."""
        return self.kind == "case"

    @property
    def url(self) -> str:
        """Return the address of the record."""
        return f"/cases/{self.code}" if self.is_case else f"/alerts/{self.record_id}"


def sides_of(session: Session, person_ids: Collection[UUID]) -> dict[UUID, Side]:
    """Return for what each person stands, in three statements: an open case before a closed one.

    Whoever stands in no case and in no alert that waits has no side.
    """
    found: dict[UUID, Side] = {}
    if not person_ids:
        return found
    carers: AnyColumns = (
        sa.select(col(Relative.person_id), Case)
        .join(Case, col(Case.id) == col(Relative.case_id))
        .where(col(Relative.person_id).in_(person_ids), takes_care())
    )
    children: AnyColumns = (
        sa.select(col(CaseChild.person_id), Case)
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .where(col(CaseChild.person_id).in_(person_ids))
    )
    for side in (
        *_in_cases(session, carers, is_carer=True),
        *_in_alerts(session, person_ids),
        *_in_cases(session, children),
    ):
        found[side.person_id] = side
    return found


def takes_care() -> sa.ColumnElement[bool]:
    """Return the condition of relatives who take care of the children, as told and not struck."""
    return sa.and_(col(Relative.is_caregiver), col(Relative.struck_at).is_(None))


def _in_cases(session: Session, statement: AnyColumns, *, is_carer: bool = False) -> list[Side]:
    found = [
        Side(
            person_id,
            "case",
            case.id,
            case.code,
            case.lead_agency_id,
            case.district,
            case.is_open,
            case.shielded_at is not None,
            case.opened_at,
            is_carer,
        )
        for person_id, case in rows(session, statement)
    ]
    return sorted(found, key=lambda side: (side.is_open, side.since))


def _in_alerts(session: Session, person_ids: Collection[UUID]) -> list[Side]:
    statement: AnyColumns = (
        sa.select(col(AlertChild.person_id), Alert)
        .join(Alert, col(Alert.id) == col(AlertChild.alert_id))
        .where(
            col(AlertChild.person_id).in_(person_ids),
            col(Alert.case_id).is_(None),
            col(Alert.status).in_(WAITING),
            col(Alert.erased_at).is_(None),
        )
        .order_by(col(Alert.created_at))
    )
    return [
        Side(
            person_id,
            "alert",
            alert.id,
            alert.code,
            alert.authority_id,
            alert.district,
            is_open=True,
            is_shielded=False,
            since=alert.created_at,
        )
        for person_id, alert in rows(session, statement)
    ]
