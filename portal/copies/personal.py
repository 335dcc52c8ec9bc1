"""What copies hold of a child."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.queries import names_of
from portal.cases.models import Case, CaseChild
from portal.copies.histories import TABLE
from portal.copies.labels import KIND, PURPOSE, STATE
from portal.copies.models import HistoryFile
from portal.personal import Ending, Erased, PersonExport, readable
from portal.texts import _, _l


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return which histories of a child's cases were taken out: when, by whom, for what."""
    cases = sa.select(col(CaseChild.case_id)).where(col(CaseChild.person_id) == person_id)
    return [_histories(session, col(HistoryFile.case_id).in_(cases))]


def _histories(session: Session, mine: sa.ColumnElement[bool]) -> PersonExport:
    found = session.execute(
        sa.select(HistoryFile, col(Case.code))
        .join(Case, col(Case.id) == col(HistoryFile.case_id))
        .where(mine)
        .order_by(col(HistoryFile.made_at))
    ).all()
    names = names_of(session, {made.agency_id for made, _code in found})
    rows = [
        readable(
            (_("Number"), made.number),
            (_("Case"), code),
            (_("Asked at"), made.made_at),
            (_("Institution"), names.get(made.agency_id)),
            (_("For what"), PURPOSE[made.purpose]),
            (_("As what"), KIND[made.kind]),
            (_("Status"), STATE[made.state]),
        )
        for made, code in found
    ]
    return PersonExport(table=TABLE, title=_l("Histories that were taken out"), rows=rows)


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Delete the histories of the cases that end, and with them the keys of their files."""
    mine = col(HistoryFile.case_id).in_(ending.case_ids)
    scopes = frozenset(session.scalars(sa.select(col(HistoryFile.id)).where(mine)))
    session.execute(sa.delete(HistoryFile).where(mine))
    return [Erased(table=TABLE, erased=len(scopes), scopes=scopes)]
