"""For what each person of a proposal stands: the case, else the alert, that registers it.

Whoever takes care of the children of a case stands for it too, as an adult of its family.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.alerts.models import WAITING, Alert, AlertChild
from portal.cases.models import Case, CaseChild
from portal.db import AnyColumns, given, rows
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
    asked = {"person_ids": list(person_ids)}
    for side in (
        *_in_cases(session, _carers(), asked, is_carer=True),
        *_in_alerts(session, asked),
        *_in_cases(session, _children(), asked),
    ):
        found[side.person_id] = side
    return found


@cache
def _carers() -> AnyColumns:
    return (
        sa.select(col(Relative.person_id), Case)
        .join(Case, col(Case.id) == col(Relative.case_id))
        .where(col(Relative.person_id).in_(given("person_ids", many=True)), takes_care())
    )


@cache
def _children() -> AnyColumns:
    return (
        sa.select(col(CaseChild.person_id), Case)
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .where(col(CaseChild.person_id).in_(given("person_ids", many=True)))
    )


@cache
def _alerts() -> AnyColumns:
    return (
        sa.select(col(AlertChild.person_id), Alert)
        .join(Alert, col(Alert.id) == col(AlertChild.alert_id))
        .where(
            col(AlertChild.person_id).in_(given("person_ids", many=True)),
            col(Alert.case_id).is_(None),
            col(Alert.status).in_(WAITING),
            col(Alert.erased_at).is_(None),
        )
        .order_by(col(Alert.created_at))
    )


def takes_care() -> sa.ColumnElement[bool]:
    """Return the condition of relatives who take care of the children, as told and not struck."""
    return sa.and_(col(Relative.is_caregiver), col(Relative.struck_at).is_(None))


def _in_cases(
    session: Session, statement: AnyColumns, asked: Mapping[str, Any], *, is_carer: bool = False
) -> list[Side]:
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
        for person_id, case in rows(session, statement, asked)
    ]
    return sorted(found, key=lambda side: (side.is_open, side.since))


def _in_alerts(session: Session, asked: Mapping[str, Any]) -> list[Side]:
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
        for person_id, alert in rows(session, _alerts(), asked)
    ]
