"""What copies hold of a child."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.queries import names_of
from portal.cases.models import Case, CaseChild
from portal.copies.court import PIECE, named_rows, number_of
from portal.copies.court import TABLE as COPY_TABLE
from portal.copies.histories import TABLE
from portal.copies.labels import CHOICE, COPY_STATE, KIND, PURPOSE, STATE
from portal.copies.models import CourtCopy, CourtCopyPiece, HistoryFile
from portal.personal import Ending, Erased, PersonExport, readable
from portal.texts import _, _l


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return which histories and copies of a child's cases there are: when, by whom, for what."""
    cases = sa.select(col(CaseChild.case_id)).where(col(CaseChild.person_id) == person_id)
    return [
        _histories(session, col(HistoryFile.case_id).in_(cases)),
        *_copies(session, col(CourtCopy.case_id).in_(cases)),
    ]


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


def _copies(session: Session, mine: sa.ColumnElement[bool]) -> list[PersonExport]:
    """Return the copies for a court, and by a decision of its own what each held (R 40)."""
    found = session.execute(
        sa.select(CourtCopy, col(Case.code))
        .join(Case, col(Case.id) == col(CourtCopy.case_id))
        .where(mine)
        .order_by(col(CourtCopy.started_at))
    ).all()
    names = names_of(session, {copy.agency_id for copy, _code in found})
    copies = [
        readable(
            (_("Number"), number_of(copy)),
            (_("Case"), code),
            (_("Institution"), names.get(copy.agency_id)),
            (_("Court"), copy.court),
            (_("Status"), COPY_STATE[copy.state]),
            (_("Formed"), copy.formed_at),
            (_("Delivered"), copy.delivered_at),
            (_("Hash (SHA-256)"), copy.sha256),
        )
        for copy, code in found
    ]
    pieces = [
        readable(
            (_("Number"), number_of(copy)),
            (_("Piece"), title),
            (_("Status"), CHOICE[row.choice]),
            (_("Reason"), why),
            (_("Folios"), f"{row.first_folio}–{row.last_folio}" if row.first_folio else ""),
        )
        for copy, _code in found
        for row, title, why in named_rows(session, copy)
    ]
    return [
        PersonExport(table=COPY_TABLE, title=_l("Copies of the file for a court"), rows=copies),
        PersonExport(
            table=PIECE,
            title=_l("Pieces of the copies for a court"),
            rows=pieces,
            is_reserved=True,
        ),
    ]


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Delete histories and copies of the cases that end, and with them the keys of their files."""
    mine = col(HistoryFile.case_id).in_(ending.case_ids)
    scopes = frozenset(session.scalars(sa.select(col(HistoryFile.id)).where(mine)))
    session.execute(sa.delete(HistoryFile).where(mine))
    copies = sa.select(col(CourtCopy.id)).where(col(CourtCopy.case_id).in_(ending.case_ids))
    told = [Erased(table=TABLE, erased=len(scopes), scopes=scopes)]
    for table, whose in (
        (CourtCopyPiece, col(CourtCopyPiece.copy_id).in_(copies)),
        (CourtCopy, col(CourtCopy.case_id).in_(ending.case_ids)),
    ):
        deleted = session.execute(sa.delete(table).where(whose))
        count = deleted.rowcount  # type: ignore[attr-defined]
        told.append(Erased(table=str(table.__tablename__), erased=count))
    return told
