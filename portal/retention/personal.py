"""What retention itself holds of a record: who asked to keep it, and why."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.personal import Ending, Erased
from portal.retention.models import LegalHold


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Empty the holds that once stood on the records that end."""
    found = session.scalars(
        sa.select(LegalHold).where(
            sa.or_(
                col(LegalHold.case_id).in_(ending.case_ids),
                col(LegalHold.alert_id).in_(ending.alert_ids),
            )
        )
    ).all()
    for hold in found:
        hold.document, hold.reason_sealed, hold.lift_reason_sealed = "", b"", None
    session.flush()
    return [Erased(table="portal_legal_hold", erased=len(found))]
