"""What is done with documents: filed on a case, hung on a piece, replaced; uploads begun and fed.

The file was looked at and lies in the store before a service is called (`receiving.check`); what
becomes of no row is removed when the request ends, or by the worker.
"""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.cases.models import Case, Circle, Entry, EntryKind
from portal.cases.queries import get_case
from portal.cases.services import write_entry
from portal.cases.timeline import log
from portal.db import new_id
from portal.db.files import End, FileStore, Writing, Written
from portal.db.sealing import seal
from portal.documents import pieces
from portal.documents.inputs import BeginUpload, FileDocument
from portal.documents.labels import REFUSED
from portal.documents.models import Document, DocumentVersion, Upload
from portal.documents.queries import (
    MOST_OF_A_CASE,
    TABLE,
    UPLOAD,
    VERSION,
    entry_of,
    get_document,
    get_upload,
    key_of_upload,
)
from portal.documents.receiving import MOST_BYTES, Content, suffix_of
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _l, msgid

MOST_VERSIONS = 20
MOST_UPLOADS = 10
UPLOAD_KEPT = timedelta(days=1)
# Names of files that the transaction keeps and of those it needs no more, in the session's info.
KEPT, SPENT = "kept_files", "spent_files"


def file_document(
    session: Session, actor: Actor, case_id: UUID, given: FileDocument, content: Content
) -> Document:
    """File a document on a case: an entry of the timeline that says what it is, and the file.

    Who may read it, who is named where it is sealed, and when it came go by the entry. Raises
    Invalid as `write_entry` does, and where the case holds as many documents as it may.
    """
    entry = write_entry(
        session,
        actor,
        case_id,
        kind=EntryKind.DOCUMENT,
        text=given.title,
        circle=given.circle,
        happened_at=given.happened_at,
        person_id=given.person_id,
        readers=given.readers,
    )
    return attach(
        session,
        actor,
        content,
        piece=pieces.ENTRY,
        piece_id=entry.id,
        case_id=case_id,
        person_id=given.person_id,
        title=given.title,
    )


def attach(
    session: Session,
    actor: Actor,
    content: Content,
    *,
    piece: str,
    piece_id: UUID,
    case_id: UUID | None,
    title: str,
    person_id: UUID | None = None,
) -> Document:
    """Hang a document on a piece that the caller may write to; who sees the piece reads it.

    `piece` is a kind made known by `pieces.register`. Raises Invalid where the case is full.
    """
    if case_id is not None and piece not in pieces.frozen():
        _require_room(session, case_id)
    own, scope_id = new_id(), case_id or piece_id
    document = Document(
        id=own,
        case_id=case_id,
        scope_id=scope_id,
        piece=piece,
        piece_id=piece_id,
        person_id=person_id,
        title_sealed=seal(session, scope_id, TABLE, "title_sealed", own, title),
        author_id=actor.user_id,
        author_agency_id=actor.agency_id,
        recorded_at=clock.now(),
    )
    session.add(document)
    session.flush()
    _keep(session, actor, document, content)
    audit.record(session, actor, "documents.document.file", document.id, case=case_id)
    return document


def _require_room(session: Session, case_id: UUID) -> None:
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Document)
        .where(col(Document.case_id) == case_id, col(Document.piece).not_in(pieces.frozen()))
    )
    if (count or 0) >= MOST_OF_A_CASE:
        words = _l("This case holds %(count)s documents, and no more fit.", count=MOST_OF_A_CASE)
        raise Invalid(Problem("file", words))


def _keep(session: Session, actor: Actor, document: Document, content: Content) -> None:
    """Add a version; the keys of its files are sealed under the document's scope."""
    document.versions += 1
    own = new_id()

    def sealed(column: str, file: Written) -> bytes:
        return seal(session, document.scope_id, VERSION, column, own, file.key.hex())

    session.add(
        DocumentVersion(
            id=own,
            document_id=document.id,
            number=document.versions,
            format=content.format,
            size=content.file.size,
            width=content.width,
            height=content.height,
            sha256=content.file.sha256,
            sent_sha256=content.sent_sha256,
            file=content.file.name,
            key_sealed=sealed("key_sealed", content.file),
            preview=content.preview.name if content.preview else "",
            preview_size=content.preview.size if content.preview else None,
            preview_key_sealed=(
                sealed("preview_key_sealed", content.preview) if content.preview else None
            ),
            author_id=actor.user_id,
            author_agency_id=actor.agency_id,
            at=clock.now(),
        )
    )
    kept = session.info.setdefault(KEPT, set())
    kept |= {each.name for each in (content.file, content.preview) if each}
    if content.upload_id is not None:
        session.execute(sa.delete(Upload).where(col(Upload.id) == content.upload_id))
        session.info.setdefault(SPENT, set()).add(content.spent)
    session.flush()


def may_replace(actor: Actor, document: Document, entry: Entry | None, case: Case | None) -> bool:
    """Tell whether the actor may put a new version on a document that the actor reads."""
    is_live = (case is None or case.is_open) and (entry is None or entry.struck_at is None)
    if document.piece in pieces.frozen():
        return False
    return is_live and document.author_agency_id == actor.agency_id and actor.agency_id is not None


def must_replace(actor: Actor, document: Document, entry: Entry | None, case: Case | None) -> None:
    """Raise, saying what to do instead, where the actor may not put a new version."""
    if document.author_agency_id != actor.agency_id:
        raise Forbidden(_l("Only the institution that filed a document can put a new version."))
    if not may_replace(actor, document, entry, case):
        raise Conflict(_l("The case is closed, or the entry struck: file a new document instead."))


def add_version(session: Session, actor: Actor, document_id: UUID, content: Content) -> Document:
    """Put a new version on a document, by the institution that filed it; the last one stays.

    Raises Conflict where the case is closed or the entry struck, Invalid after many versions.
    """
    document = get_document(session, actor, document_id)
    case = get_case(session, actor, document.case_id) if document.case_id else None
    entry = entry_of(session, document)
    must_replace(actor, document, entry, case)
    if document.versions >= MOST_VERSIONS:
        words = _l(
            "It has %(count)s versions already: file it as a new document.", count=MOST_VERSIONS
        )
        raise Invalid(Problem("file", words))
    _keep(session, actor, document, content)
    number = document.versions
    audit.record(
        session,
        actor,
        "documents.document.replace",
        document.id,
        case=document.case_id,
        number=number,
    )
    if entry is not None and case is not None and entry.circle is not Circle.SEALED:
        title = msgid("New version of a document")
        log(
            session,
            actor,
            case,
            kind=EntryKind.DOCUMENT,
            title=title,
            circle=entry.circle,
            person_id=document.person_id,
        )
    return document


def begin_upload(session: Session, actor: Actor, store: FileStore, given: BeginUpload) -> Upload:
    """Begin an upload that arrives in pieces; of many that were begun the oldest are forgotten.

    Raises Invalid for a name or size that no form would take in the end, and receiving.Refused.
    """
    if actor.user_id is None:
        raise NotFound
    suffix = suffix_of(given.name)
    if given.size > MOST_BYTES:
        raise Invalid(Problem("file", REFUSED["large"]))
    older = session.scalars(
        sa.select(Upload)
        .where(col(Upload.user_id) == actor.user_id)
        .order_by(col(Upload.at).desc(), col(Upload.id).desc())
        .offset(MOST_UPLOADS - 1)
    ).all()
    for upload in older:
        session.info.setdefault(SPENT, set()).add(upload.file)
        session.delete(upload)
    own, file = new_id(), Writing(store)
    upload = Upload(
        id=own,
        user_id=actor.user_id,
        agency_id=actor.agency_id,
        suffix=suffix,
        size=given.size,
        file=file.name,
        key_sealed=seal(session, actor.user_id, UPLOAD, "key_sealed", own, file.key.hex()),
        at=clock.now(),
    )
    session.add(upload)
    session.flush()
    return upload


def feed(session: Session, upload: Upload, store: FileStore, data: bytes) -> End:
    """Put a piece on the disk at the end of an upload; `note_received` then writes it down.

    Raises Invalid where more comes than was said.
    """
    if upload.received + len(data) > upload.size:
        raise Invalid(Problem("file", REFUSED["large"]))
    end = End(upload.received, upload.stored, upload.pieces)
    return store.append(upload.file, key_of_upload(session, upload), end, data)


def note_received(session: Session, actor: Actor, upload_id: UUID, before: int, end: End) -> Upload:
    """Write down how much of an upload has come; raises Conflict where it moved meanwhile."""
    upload = get_upload(session, actor, upload_id)
    if upload.received != before:
        raise Conflict(_l("This piece came already."))
    upload.received, upload.stored, upload.pieces = end.size, end.stored, end.pieces
    session.flush()
    return upload
