"""What the follow-up after a return holds of a child."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.cases.models import Case
from portal.followups.labels import END, FINDING
from portal.followups.models import FollowUp, FollowUpVisit
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.texts import _, _l

TABLE, VISITS = "portal_followup", "portal_followup_visit"


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return the follow-ups of a child and their visits; what was found stands in the timeline."""
    found = session.execute(
        sa.select(FollowUp, col(Case.code))
        .join(Case, col(Case.id) == col(FollowUp.case_id))
        .where(col(FollowUp.person_id) == person_id)
        .order_by(col(FollowUp.returned_on), col(FollowUp.id))
    ).all()
    codes = {row.id: code for row, code in found}
    visits = session.scalars(
        sa.select(FollowUpVisit)
        .where(col(FollowUpVisit.followup_id).in_(codes))
        .order_by(col(FollowUpVisit.happened_on), col(FollowUpVisit.id))
    )
    return [
        PersonExport(
            table=TABLE,
            title=_l("Follow-up after the return"),
            rows=[
                readable(
                    (_("Case"), code),
                    (_("Returned on"), row.returned_on),
                    (_("Last day"), row.ends_on),
                    (_("Next visit"), row.next_on),
                    (_("Ended at"), row.ended_at),
                    (_("How it ended"), END[row.end] if row.end else ""),
                    (_("Reason"), row.words),
                )
                for row, code in found
            ],
        ),
        PersonExport(
            table=VISITS,
            title=_l("Visits after the return"),
            rows=[
                readable(
                    (_("Case"), codes[visit.followup_id]),
                    (_("Day of the visit"), visit.happened_on),
                    (_("What was found"), FINDING[visit.finding]),
                    (_("Next visit"), visit.next_on),
                )
                for visit in visits
            ],
        ),
    ]


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Delete the follow-ups of the cases that end."""
    return _delete(session, col(FollowUp.case_id).in_(ending.case_ids))


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Delete the follow-up of a child on cases that stay for its siblings."""
    shared = col(FollowUp.case_id).in_(plan.shared_case_ids)
    return _delete(session, sa.and_(shared, col(FollowUp.person_id) == person_id))


def _delete(session: Session, mine: sa.ColumnElement[bool]) -> Sequence[Erased]:
    ids = list(session.scalars(sa.select(col(FollowUp.id)).where(mine)))
    visits = session.execute(
        sa.delete(FollowUpVisit).where(col(FollowUpVisit.followup_id).in_(ids))
    )
    gone = session.execute(sa.delete(FollowUp).where(col(FollowUp.id).in_(ids)))
    return [
        Erased(table=VISITS, erased=visits.rowcount),  # type: ignore[attr-defined]
        Erased(table=TABLE, erased=gone.rowcount),  # type: ignore[attr-defined]
    ]
