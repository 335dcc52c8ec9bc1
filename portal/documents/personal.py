"""What documents hold of a child, and of who works here: an upload that no form has taken."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.queries import names_of
from portal.cases.models import CaseChild
from portal.documents.labels import FORMAT
from portal.documents.models import Document, DocumentVersion, Upload
from portal.documents.queries import TABLE, UPLOAD, VERSION, title_of
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.texts import _, _l


def _of_person(person_id: UUID) -> sa.ColumnElement[bool]:
    """Return the documents about a child, or on a case of it and about no child alone."""
    whose = col(Document.person_id)
    cases = sa.select(col(CaseChild.case_id)).where(col(CaseChild.person_id) == person_id)
    return sa.or_(whose == person_id, sa.and_(whose.is_(None), col(Document.case_id).in_(cases)))


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return which documents are held; each is handed out by a decision of its own (R 40)."""
    found = session.scalars(
        sa.select(Document).where(_of_person(person_id)).order_by(col(Document.recorded_at))
    ).all()
    versions = session.scalars(
        sa.select(DocumentVersion)
        .where(col(DocumentVersion.document_id).in_([row.id for row in found]))
        .order_by(col(DocumentVersion.at))
    ).all()
    names = names_of(
        session,
        {each for each in (*_agencies(found), *_agencies(versions)) if each},
    )
    titles = {row.id: title_of(session, row) for row in found}
    return [
        PersonExport(
            table=TABLE,
            title=_l("Documents"),
            rows=[
                readable(
                    (_("Document"), titles[row.id]),
                    (_("Filed at"), row.recorded_at),
                    (_("Institution"), names.get(row.author_agency_id)),  # type: ignore[arg-type]
                    (_("Versions"), row.versions),
                )
                for row in found
            ],
            is_reserved=True,
        ),
        PersonExport(
            table=VERSION,
            title=_l("Versions of documents"),
            rows=[
                readable(
                    (_("Document"), titles[row.document_id]),
                    (_("Version"), row.number),
                    (_("Kind of file"), FORMAT[row.format]),
                    (_("Bytes"), row.size),
                    (_("Hash (SHA-256)"), row.sha256),
                    (_("Filed at"), row.at),
                    (_("Institution"), names.get(row.author_agency_id)),  # type: ignore[arg-type]
                )
                for row in versions
            ],
            is_reserved=True,
        ),
    ]


def _agencies(found: Sequence[Document] | Sequence[DocumentVersion]) -> list[UUID | None]:
    return [row.author_agency_id for row in found]


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return the files that a person began to send; they may be about a child: reserved."""
    uploads = session.scalars(
        sa.select(Upload).where(col(Upload.user_id) == user_id).order_by(col(Upload.at))
    )
    rows = [
        readable(
            (_("Kind of file"), upload.suffix),
            (_("Bytes"), upload.received),
            (_("Begun at"), upload.at),
        )
        for upload in uploads
    ]
    return [PersonExport(table=UPLOAD, title=_l("Files being sent"), rows=rows, is_reserved=True)]


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Delete the documents of the cases that end; with the rows go the keys of their files."""
    return _delete(session, col(Document.case_id).in_(ending.case_ids))


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Delete the documents about a child alone on cases that stay for its siblings."""
    shared = col(Document.case_id).in_(plan.shared_case_ids)
    return _delete(session, sa.and_(shared, col(Document.person_id) == person_id))


def erase_user(session: Session, user_id: UUID) -> Sequence[Erased]:
    """Delete what a person began to send."""
    deleted = session.execute(sa.delete(Upload).where(col(Upload.user_id) == user_id))
    return [Erased(table=UPLOAD, erased=deleted.rowcount)]  # type: ignore[attr-defined]


def _delete(session: Session, mine: sa.ColumnElement[bool]) -> Sequence[Erased]:
    """Delete documents; the worker then removes the files, which nothing opens any more."""
    found = session.scalars(sa.select(col(Document.id)).where(mine)).all()
    told = []
    for table, whose in (
        (DocumentVersion, col(DocumentVersion.document_id)),
        (Document, col(Document.id)),
    ):
        deleted = session.execute(sa.delete(table).where(whose.in_(found)))
        count = deleted.rowcount  # type: ignore[attr-defined]
        told.append(Erased(table=str(table.__tablename__), erased=count))
    return told
