"""What the lists hold of a person who works here; what a row says of a child is gone once sent."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.lists.labels import KIND, STATE
from portal.lists.models import AlertList, ListBasis, ListRow
from portal.personal import Ending, Erased, PersonExport, readable
from portal.texts import _, _l


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return the lists that a person handed in, and the opinions given on their basis."""
    lists = session.scalars(
        sa.select(AlertList)
        .where(col(AlertList.author_id) == user_id)
        .order_by(col(AlertList.made_at))
    )
    bases = session.scalars(
        sa.select(ListBasis)
        .where(col(ListBasis.opinion_by) == user_id)
        .order_by(col(ListBasis.entered_at))
    )
    return [
        PersonExport(
            table="portal_alert_list",
            title=_l("Lists handed in"),
            rows=[
                readable(
                    (_("Number"), each.number),
                    (_("Kind"), KIND[each.kind]),
                    (_("Status"), STATE[each.state]),
                    (_("Handed in at"), each.made_at),
                    (_("Telephone"), each.telephone),
                )
                for each in lists
            ],
        ),
        PersonExport(
            table="portal_list_basis",
            title=_l("Opinions on the basis of lists"),
            rows=[
                readable(
                    (_("Kind"), KIND[each.kind]),
                    (_("Agreement between institutions"), each.agreement),
                    (_("Opinion"), each.opinion),
                    (_("Entered at"), each.entered_at),
                )
                for each in bases
            ],
        ),
    ]


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Empty the rows that became alerts that end, where a copy of them is still here."""
    emptied = session.execute(
        sa.update(ListRow)
        .where(col(ListRow.alert_id).in_(ending.alert_ids))
        .values(data_sealed=None, why=[], family="")
    )
    return [Erased(table="portal_alert_list_row", erased=emptied.rowcount)]  # type: ignore[attr-defined]
