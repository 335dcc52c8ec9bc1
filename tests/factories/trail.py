"""A trail for tests: many readings by many people, a tenth of them by one account."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from portal import audit, clock
from portal.audit.models import AuditEntry
from portal.db import new_id


def put_trail(
    session: Session, user_id: UUID, agency_id: UUID, cases: list[UUID], size: int
) -> None:
    """Write a trail of many readings by many people, a tenth of them by one account."""
    others = [new_id() for _each in range(9)]
    start = clock.now() - timedelta(days=20)
    rows = []
    for number in range(size):
        mine = number % 10 == 0
        entry = AuditEntry(
            at=start + timedelta(seconds=number * 10),
            user_id=user_id if mine else others[number % 9],
            agency_id=agency_id,
            action="cases.case.list" if number % 30 == 0 else "cases.case.read",
            case_id=None if number % 30 == 0 else cases[number % len(cases)],
            facts=audit.trail.canonical({"ids": [str(each) for each in cases[:50]]})
            if number % 30 == 0
            else "{}",
        )
        rows.append(entry.model_dump())
    session.execute(sa.insert(AuditEntry), rows)
