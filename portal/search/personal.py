"""What searches hold of a person who works here."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.db.sealing import opened
from portal.personal import Erased, PersonExport, readable
from portal.search.models import Search
from portal.search.services import TABLE, name_of
from portal.texts import _, _l


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return a person's searches of the day and those that were kept. They may name a child."""
    found = session.scalars(
        sa.select(Search).where(col(Search.user_id) == user_id).order_by(col(Search.made_at))
    )
    rows = [
        readable(
            (_("When"), search.made_at),
            (_("Name of the search"), name_of(session, search)),
            (
                _("What was looked for"),
                opened(session, user_id, TABLE, "wanted_sealed", search.id, search.wanted_sealed),
            ),
        )
        for search in found
    ]
    return [PersonExport(table=TABLE, title=_l("Searches"), rows=rows, is_reserved=True)]


def erase_user(session: Session, user_id: UUID) -> Sequence[Erased]:
    """Delete what a person who left looked for."""
    gone = session.execute(sa.delete(Search).where(col(Search.user_id) == user_id))
    return [Erased(table=TABLE, erased=gone.rowcount)]  # type: ignore[attr-defined]
