"""What the register of interviews holds of a child."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.queries import names_of
from portal.db.sealing import opened
from portal.interviews.labels import KIND, MAY_ASK
from portal.interviews.models import Interview, ReportRequest
from portal.interviews.queries import TABLE
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.texts import _, _l


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return when and by whom a child was heard; told by a decision of its own only (R 40)."""
    found = session.scalars(
        sa.select(Interview)
        .where(col(Interview.person_id) == person_id)
        .order_by(col(Interview.heard_on), col(Interview.id))
    ).all()
    ids = {each for row in found for each in (row.agency_id, row.holder_id) if each}
    names = names_of(session, ids)
    return [
        PersonExport(
            table=TABLE,
            title=_l("Interviews"),
            rows=[_row(session, row, names) for row in found],
            is_reserved=True,
        )
    ]


def _row(session: Session, row: Interview, names: dict[UUID, str]) -> dict[str, str]:
    reason = opened(
        session, row.case_id, TABLE, "strike_reason_sealed", row.id, row.strike_reason_sealed
    )
    return readable(
        (_("Interview"), KIND[row.kind]),
        (_("Heard on"), row.heard_on),
        (_("Institution"), names[row.agency_id] if row.agency_id else ""),
        (_("Who heard the child"), row.heard_by),
        (_("What it was about"), row.subject),
        (_("Who keeps the report"), names[row.holder_id] if row.holder_id else ""),
        (_("Report"), row.report),
        (_("Who may ask for it"), MAY_ASK[row.may_ask]),
        (_("Why the child was heard again"), row.again_why),
        (_("Struck at"), row.struck_at),
        (_("Why it was struck"), reason),
    )


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Delete the interviews of the cases that end."""
    return _delete(session, col(Interview.case_id).in_(ending.case_ids))


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Delete the interviews of a child on cases that stay for its siblings."""
    shared = col(Interview.case_id).in_(plan.shared_case_ids)
    return _delete(session, sa.and_(shared, col(Interview.person_id) == person_id))


def _delete(session: Session, mine: sa.ColumnElement[bool]) -> Sequence[Erased]:
    found = session.scalars(sa.select(Interview).where(mine)).all()
    asked = session.scalars(
        sa.select(ReportRequest).where(
            col(ReportRequest.interview_id).in_([row.id for row in found])
        )
    ).all()
    for request in asked:
        session.delete(request)
    session.flush()
    for interview in found:
        session.delete(interview)
    session.flush()
    return [
        Erased(table=TABLE, erased=len(found)),
        Erased(table="portal_report_request", erased=len(asked)),
    ]
