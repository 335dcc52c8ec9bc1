"""Who sees which document, and what pages read of them: as who sees the piece it hangs on."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.cases.models import Case, Circle, Entry
from portal.cases.queries import entries_at, opens_sealed, own_entries
from portal.cases.rules import Access
from portal.db import AnyColumns, acting, given, once, rows
from portal.db.sealing import load_keys, opened, unseal
from portal.documents import pieces
from portal.documents.models import Document, DocumentVersion, Format, Upload
from portal.errors import NotFound
from portal.users.models import User

Condition = sa.ColumnElement[bool]
TABLE, VERSION, UPLOAD = "portal_document", "portal_document_version", "portal_upload"

# The file of a case holds no more than this.
MOST_OF_A_CASE = 100


def visible_documents(actor: Actor) -> Condition:
    """Return the condition under which `Document` rows are visible: where their piece is.

    What hangs on a sealed entry opens to its author and the people named. Emergency access and a
    staff session open none: a scan may tell where a child in care is, and cannot be masked.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or actor.staff_session_id is not None:
        return sa.false()
    return sa.or_(*(_seen(actor, kind) for kind in (pieces.ENTRY, *pieces.known())))


def belongs(case_id: sa.ColumnElement[UUID]) -> Condition:
    """Return which documents are of a case, for who asks whether there are any at all."""
    return col(Document.case_id) == case_id


def _seen(actor: Actor, kind: str) -> Condition:
    """Return the part of the rule that is of one kind of piece."""
    if kind == pieces.ENTRY:
        return _on_entries(sa.and_(own_entries(actor), _opens(actor)))
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or actor.staff_session_id is not None:
        return sa.false()
    return sa.and_(col(Document.piece) == kind, pieces.known()[kind].seen(actor))


def _on_entries(seen: Condition) -> Condition:
    mine = col(Entry.id) == col(Document.piece_id)
    return sa.and_(
        col(Document.piece) == pieces.ENTRY, sa.exists().where(mine, seen).correlate(Document)
    )


def _opens(actor: Actor) -> Condition:
    return sa.or_(col(Entry.circle) != Circle.SEALED, opens_sealed(actor))


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document in a list, by its latest version; `circle` is None where no entry holds it."""

    id: UUID
    piece: str
    piece_id: UUID
    title: str
    agency: str
    author: str
    recorded_at: datetime
    number: int
    format: Format
    size: int
    circle: Circle | None
    struck_at: datetime | None


def _rows(visible: Condition) -> AnyColumns:
    entry = sa.and_(col(Document.piece) == pieces.ENTRY, col(Entry.id) == col(Document.piece_id))
    return (
        sa.select(
            col(Document.id),
            col(Document.piece),
            col(Document.piece_id),
            col(Document.title_sealed),
            sa.func.coalesce(col(Agency.name), ""),
            sa.func.coalesce(col(User.name), ""),
            col(Document.recorded_at),
            col(DocumentVersion.number),
            col(DocumentVersion.format),
            col(DocumentVersion.size),
            col(Entry.circle),
            col(Entry.struck_at),
            col(Document.scope_id),
        )
        .join(
            DocumentVersion,
            sa.and_(
                col(DocumentVersion.document_id) == col(Document.id),
                col(DocumentVersion.number) == col(Document.versions),
            ),
        )
        .join(Entry, entry, isouter=True)
        .join(Agency, col(Agency.id) == col(Document.author_agency_id), isouter=True)
        .join(User, col(User.id) == col(Document.author_id), isouter=True)
        .where(visible)
        .order_by(col(Document.recorded_at).desc(), col(Document.id).desc())
        .limit(MOST_OF_A_CASE)
    )


def _read(
    session: Session, actor: Actor, statement: AnyColumns, **values: object
) -> list[DocumentRow]:
    found = list(rows(session, statement, acting(actor, **values)))
    if not found:
        return []
    keys = load_keys(session, {row[-1] for row in found})
    told = []
    for *plain, scope in found:
        plain[3] = opened(session, scope, TABLE, "title_sealed", plain[0], plain[3])
        told.append(DocumentRow(*plain))
    del keys
    audit.note_read(session, actor, "documents.document.list", *[row.id for row in told])
    return told


def list_for_case(session: Session, actor: Actor, case: Case, access: Access) -> list[DocumentRow]:
    """Return all visible documents of a case, the newest first, those of struck entries too.

    `access` is what the actor may do there (`access_to_act`).
    """
    if access.reads_only:
        return []
    on_pieces = [_seen(actor, kind) for kind in pieces.known()]
    on_entries = _on_entries(sa.and_(entries_at(actor, access), _opens(actor)))
    mine = sa.and_(col(Document.case_id) == case.id, sa.or_(on_entries, *on_pieces))
    return _read(session, actor, _rows(mine))


def list_filed(session: Session, actor: Actor, case: Case, access: Access) -> list[DocumentRow]:
    """Return the visible documents of a case's timeline, for its page: the newest first."""
    if access.reads_only:
        return []
    return _read(session, actor, _filed(actor, access), case_id=case.id)


@once
def _filed(actor: Actor, access: Access) -> AnyColumns:
    on_entries = _on_entries(sa.and_(entries_at(actor, access), _opens(actor)))
    return _rows(sa.and_(col(Document.case_id) == given("case_id"), on_entries))


def list_for_piece(session: Session, actor: Actor, piece: str, piece_id: UUID) -> list[DocumentRow]:
    """Return the documents that hang on a piece, the newest first."""
    mine = sa.and_(_seen(actor, piece), col(Document.piece_id) == piece_id)
    return _read(session, actor, _rows(mine))


def by_piece(found: Collection[DocumentRow]) -> dict[UUID, list[DocumentRow]]:
    """Return listed documents by the piece that they hang on."""
    told: dict[UUID, list[DocumentRow]] = {}
    for row in found:
        told.setdefault(row.piece_id, []).append(row)
    return told


def get_document(session: Session, actor: Actor, document_id: UUID) -> Document:
    """Return a visible document and note the read; raises NotFound.

    One that is absent is looked for as one that is hidden, and takes as long.
    """
    kind = session.scalar(sa.select(col(Document.piece)).where(col(Document.id) == document_id))
    seen = _seen(actor, kind if kind and kind in pieces.known() else pieces.ENTRY)
    document = session.scalar(sa.select(Document).where(col(Document.id) == document_id, seen))
    if document is None:
        raise NotFound
    audit.note_read(session, actor, "documents.document.read", document.id, case=document.case_id)
    return document


def title_of(session: Session, document: Document) -> str:
    """Return what a document that the caller reads is called."""
    return opened(
        session, document.scope_id, TABLE, "title_sealed", document.id, document.title_sealed
    )


def entry_of(session: Session, document: Document) -> Entry | None:
    """Return the entry that a document, which the caller reads, hangs on; None for other pieces."""
    if document.piece != pieces.ENTRY:
        return None
    return session.get(Entry, document.piece_id)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a document as its page shows it."""

    number: int
    format: Format
    size: int
    width: int | None
    height: int | None
    sha256: str
    sent_sha256: str
    has_preview: bool
    agency: str
    author: str
    at: datetime


def list_versions(session: Session, document: Document) -> list[VersionRow]:
    """Return the versions of a document that the caller reads, the latest first."""
    statement: AnyColumns = (
        sa.select(
            col(DocumentVersion.number),
            col(DocumentVersion.format),
            col(DocumentVersion.size),
            col(DocumentVersion.width),
            col(DocumentVersion.height),
            col(DocumentVersion.sha256),
            col(DocumentVersion.sent_sha256),
            col(DocumentVersion.preview) != "",
            sa.func.coalesce(col(Agency.name), ""),
            sa.func.coalesce(col(User.name), ""),
            col(DocumentVersion.at),
        )
        .join(Agency, col(Agency.id) == col(DocumentVersion.author_agency_id), isouter=True)
        .join(User, col(User.id) == col(DocumentVersion.author_id), isouter=True)
        .where(col(DocumentVersion.document_id) == document.id)
        .order_by(col(DocumentVersion.number).desc())
    )
    return [VersionRow(*row) for row in rows(session, statement)]


@dataclass(frozen=True, slots=True)
class Lying:
    """Where a file lies and with what it opens."""

    name: str
    key: bytes
    size: int
    format: Format
    sha256: str = ""


def every_file(session: Session) -> Iterator[Lying]:
    """Yield where each file lies, previews too, for whoever proves a restored backup."""
    statement = sa.select(DocumentVersion, col(Document.scope_id)).join(
        Document, col(Document.id) == col(DocumentVersion.document_id)
    )
    for version, scope in rows(session, statement):
        yield _lying(session, scope, version)
        if version.preview:
            yield _lying_preview(session, scope, version)


def _lying(session: Session, scope: UUID, version: DocumentVersion) -> Lying:
    key = unseal(session, scope, VERSION, "key_sealed", version.id, version.key_sealed)
    return Lying(version.file, bytes.fromhex(key), version.size, version.format, version.sha256)


def _lying_preview(session: Session, scope: UUID, version: DocumentVersion) -> Lying:
    cell = version.preview_key_sealed or b""
    key = unseal(session, scope, VERSION, "preview_key_sealed", version.id, cell)
    return Lying(version.preview, bytes.fromhex(key), version.preview_size or 0, Format.JPEG)


def file_of(session: Session, document: Document, number: int, *, preview: bool = False) -> Lying:
    """Return where a version of a document that the caller reads lies; raises NotFound."""
    version = session.scalar(
        sa.select(DocumentVersion).where(
            col(DocumentVersion.document_id) == document.id, col(DocumentVersion.number) == number
        )
    )
    if version is None or (preview and not version.preview):
        raise NotFound
    where_it_lies = _lying_preview if preview else _lying
    return where_it_lies(session, document.scope_id, version)


def get_upload(session: Session, actor: Actor, upload_id: UUID) -> Upload:
    """Return an upload of the actor's own, for the agency acted for; raises NotFound."""
    upload = session.scalar(
        sa.select(Upload).where(
            col(Upload.id) == upload_id,
            col(Upload.user_id) == actor.user_id,
            col(Upload.agency_id) == actor.agency_id,
        )
    )
    if upload is None:
        raise NotFound
    return upload


def key_of_upload(session: Session, upload: Upload) -> bytes:
    """Return with what the file of an upload opens."""
    cell = upload.key_sealed
    return bytes.fromhex(unseal(session, upload.user_id, UPLOAD, "key_sealed", upload.id, cell))


def kept_versions(session: Session) -> set[str]:
    """Return the names of the files that documents keep, previews too."""
    columns = (col(DocumentVersion.file), col(DocumentVersion.preview))
    return {name for column in columns for name in session.scalars(sa.select(column)) if name}


def kept_files(session: Session) -> set[str]:
    """Return the names of all files that a row keeps, for whoever looks for the others."""
    return kept_versions(session) | set(session.scalars(sa.select(col(Upload.file))))
