"""The work of forming a copy: each piece becomes sheets, the sheets folios, the folios volumes.

Done by the worker on a session beside, so that nobody waits for the writer meanwhile. The pieces
are those that were chosen, as they were: what disappeared or changed stops it, and says which.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import flask_babel
import sqlalchemy as sa
from flask import current_app
from sqlmodel import Session, col

from portal import audit, clock, events, paper
from portal.actor import Actor
from portal.audit.models import AuditLink
from portal.cases.models import Case, EntryKind
from portal.cases.queries import access_to_act, get_case, get_entry
from portal.cases.timeline import log
from portal.copies import court_sheets
from portal.copies.binder import Part, Unbound, bind, measure
from portal.copies.choosing import Candidate, answers_of, candidates, letters_of
from portal.copies.court import FORM_JOB, named_rows, number_of, rows_of, title_of
from portal.copies.makers import maker_of
from portal.copies.models import (
    COURT_COPY,
    Choice,
    CopyState,
    CourtCopy,
    CourtCopyPiece,
    PieceKind,
)
from portal.copies.volumes import Numbered, Volume, foliate
from portal.db import beside
from portal.db.files import FileStore, Written
from portal.documents.models import Document, Format
from portal.documents.queries import file_of
from portal.documents.receiving import Content
from portal.documents.services import attach
from portal.errors import NotFound, PortalError
from portal.referrals.letters import content as letter_content
from portal.texts import _, msgid

server_log = logging.getLogger(__name__)

TRY_AGAIN = timedelta(seconds=1)
# A task that takes longer is taken for dead, and another process begins it anew.
MOST_SECONDS = 200.0
PRINTED = (Format.PDF, Format.JPEG, Format.PNG)
# A sheet of drawn text: A4 in points.
A4 = (595.28, 841.89)


class Unformed(Exception):
    """A copy cannot be formed; `code` says why, `place` which piece hinders it."""

    def __init__(self, code: str, place: int | None = None) -> None:
        super().__init__(code)
        self.code, self.place = code, place


@dataclass(slots=True)
class Source:
    """A piece on its way into a copy: its sheets, and the bytes that are put on them."""

    row: CourtCopyPiece
    title: str
    kind: str
    sizes: list[tuple[float, float]]
    drawn: bytes = b""
    lying: Any = None
    is_beside: bool = False
    sha256: str = ""

    def pieces(self, store: FileStore) -> Iterable[bytes]:
        """Yield its bytes."""
        if self.lying is None:
            return iter([self.drawn])
        return store.read(self.lying.name, self.lying.key)

    @property
    def size(self) -> int:
        """Return how many bytes it has."""
        return len(self.drawn) if self.lying is None else int(self.lying.size)


@dataclass(frozen=True, slots=True)
class Formed:
    """A copy that was formed: its file, and on which folios each piece stands."""

    file: Written
    sources: list[Source]
    numbered: list[Numbered]
    volumes: list[Volume]


def form_copy(session: Session, payload: dict[str, Any]) -> None:
    """Form a copy that waits, once its entry is linked; the work of the job."""
    parts = current_app.extensions["portal"]
    own = UUID(payload["copy"])
    formed, stopped = None, Unformed("access")
    with beside(session) as reading:
        copy = reading.get(CourtCopy, own)
        if copy is None or copy.state is not CopyState.WAITING:
            return
        linked = reading.scalar(
            sa.select(sa.exists().where(col(AuditLink.entry_id) == copy.entry_id))
        )
        if linked:
            try:
                formed = _formed(reading, copy, parts.files, parts.settings.year_names)
            except Unformed as unformed:
                stopped = unformed
            except PortalError:
                stopped = Unformed("access")
            except sa.exc.SQLAlchemyError:
                raise
            except Exception as error:
                # What nobody foresaw gives the draft back too: it is not tried again and again.
                server_log.error("a copy could not be formed: %s", type(error).__name__)
                stopped = Unformed("broken")
            audit.write_reads(parts.db, reading)
    if not linked:
        events.add_job(session, FORM_JOB, payload, due_at=clock.now() + TRY_AGAIN)
        return
    copy = session.get_one(CourtCopy, own, with_for_update=True)
    if copy.state is not CopyState.WAITING:
        if formed is not None:
            parts.files.remove(formed.file.name)
        return
    if formed is None:
        copy.state = CopyState.DRAFT
        copy.problem, copy.problem_piece = stopped.code, stopped.place
        return
    _keep(session, copy, formed)


def _keep(session: Session, copy: CourtCopy, formed: Formed) -> None:
    """Write down what was formed, and hang the file on it."""
    actor = maker_of(session, copy.author_id or copy.agency_id, copy.agency_id)
    for source, numbered in zip(formed.sources, formed.numbered, strict=True):
        row = session.get_one(CourtCopyPiece, source.row.id)
        row.first_folio, row.last_folio, row.volume = (
            numbered.first,
            numbered.last,
            numbered.volume,
        )
        row.is_beside, row.sha256 = source.is_beside, source.sha256
    with flask_babel.force_locale("es"):
        title = _("Copy of the file No. %(number)s", number=number_of(copy))
    document = attach(
        session,
        actor,
        Content(Format.PDF, formed.file, formed.file.sha256),
        piece=COURT_COPY,
        piece_id=copy.id,
        case_id=copy.case_id,
        title=title,
    )
    copy.document_id, copy.sha256, copy.size = document.id, formed.file.sha256, formed.file.size
    copy.state, copy.formed_at = CopyState.FORMED, clock.now()
    copy.volumes, copy.folios = len(formed.volumes), formed.volumes[-1].last
    log(
        session,
        actor,
        session.get_one(Case, copy.case_id),
        kind=EntryKind.ACT,
        title=msgid("Copy of the file No. %(number)s formed for %(court)s: %(folios)s folios"),
        facts={
            "number": number_of(copy),
            "court": copy.court[:100],
            "folios": str(copy.folios),
        },
    )


@dataclass(slots=True)
class _Making:
    """What the making of one copy needs throughout."""

    session: Session
    actor: Actor
    case: Case
    copy: CourtCopy
    store: FileStore
    years: dict[int, str]
    letters: dict[UUID, Any] = field(default_factory=dict)
    answers: dict[UUID, Any] = field(default_factory=dict)


def _formed(session: Session, copy: CourtCopy, store: FileStore, years: dict[int, str]) -> Formed:
    """Return a copy as it was formed, in Spanish: it is for a court of this country."""
    if copy.author_id is None:
        raise Unformed("access")
    actor = maker_of(session, copy.author_id, copy.agency_id)
    case = get_case(session, actor, copy.case_id)
    access = access_to_act(session, actor, case)
    if not access.leads:
        raise Unformed("access")
    with flask_babel.force_locale("es"):
        found = candidates(session, actor, case, access)
        rows = rows_of(session, copy)
        included = _unchanged(rows, found)
        making = _Making(session, actor, case, copy, store, years)
        making.letters = {
            letter.id: (letter, referral)
            for letter, referral in letters_of(session, actor, case.id)
        }
        making.answers = {
            answer.id: (answer, referral)
            for answer, referral in answers_of(session, actor, case.id)
        }
        sources = _sources(making, included)
        numbered, volumes = foliate([len(each.sizes) for each in sources])
        file = _bound(making, sources, numbered, volumes)
    return Formed(file, sources, numbered, volumes)


def _unchanged(rows: Sequence[CourtCopyPiece], found: Sequence[Candidate]) -> list[CourtCopyPiece]:
    """Return the pieces that go in; raises Unformed where one is no longer what was chosen."""
    known = {(each.kind, each.id): each for each in found}
    for row in rows:
        each = known.get((row.kind, row.piece_id))
        restricted = row.choice is Choice.RESTRICTED
        if each is None or each.is_restricted != restricted or each.version != row.version:
            raise Unformed("gone", row.place)
    named = {row.piece_id for row in rows if row.choice is Choice.RESTRICTED}
    if any(each.is_restricted and each.id not in named for each in found):
        raise Unformed("gone")
    included = [row for row in rows if row.choice is Choice.INCLUDED]
    if not included:
        raise Unformed("nothing")
    return included


def _sources(making: _Making, included: Sequence[CourtCopyPiece]) -> list[Source]:
    """Return the sheets of each piece; raises Unformed where that takes too long."""
    end = time.monotonic() + MOST_SECONDS
    found = []
    for row in included:
        if time.monotonic() > end:
            raise Unformed("large", row.place)
        found.append(_source(making, row))
    return found


def _source(making: _Making, row: CourtCopyPiece) -> Source:
    title = title_of(making.session, making.copy, row)
    if row.kind is PieceKind.DOCUMENT:
        return _document(making, row, title)
    if row.kind is PieceKind.LETTER:
        letter, referral = making.letters[row.piece_id]
        data = letter_content(making.session, making.actor, referral, letter, making.years)
        drawn = paper.draw("oficio.typ", data)
        case_id = making.case.id
        audit.note_read(
            making.session, making.actor, "referrals.letter.read", letter.id, case=case_id
        )
    elif row.kind is PieceKind.ANSWER:
        answer, referral = making.answers[row.piece_id]
        data = court_sheets.answer_sheet(making.session, answer, referral, title)
        drawn = paper.draw("piece.typ", data)
        audit.note_read(
            making.session,
            making.actor,
            "referrals.referral.read",
            referral.id,
            case=making.case.id,
        )
    else:
        entry = get_entry(making.session, making.actor, making.case, row.piece_id)
        data = court_sheets.entry_sheet(making.session, making.case, entry, row.agency)
        drawn = paper.draw("piece.typ", data)
    return Source(row, title, "pdf", _sizes(drawn), drawn)


def _sizes(drawn: bytes) -> list[tuple[float, float]]:
    """Return one size for each page of a PDF that was drawn here."""
    from pypdf import PdfReader

    return [A4] * len(PdfReader(BytesIO(drawn)).pages)


def _document(making: _Making, row: CourtCopyPiece, title: str) -> Source:
    """Return a document's pages; one that cannot be put on paper becomes a sheet that names it."""
    document = making.session.get_one(Document, row.piece_id)
    lying = file_of(making.session, document, row.version)
    audit.note_read(
        making.session,
        making.actor,
        "documents.document.read",
        document.id,
        case=making.case.id,
    )
    try:
        if lying.format in PRINTED:
            pieces = making.store.read(lying.name, lying.key)
            sizes = measure(lying.format.value, pieces)
            return Source(row, title, lying.format.value, sizes, lying=lying, sha256=lying.sha256)
        why = "kind"
    except Unbound as unbound:
        why = unbound.code
    except NotFound as error:
        raise Unformed("missing", row.place) from error
    drawn = paper.draw("piece.typ", court_sheets.beside_sheet(row, title, lying, why))
    return Source(row, title, "pdf", _sizes(drawn), drawn, is_beside=True, sha256=lying.sha256)


def _bound(
    making: _Making,
    sources: Sequence[Source],
    numbered: Sequence[Numbered],
    volumes: Sequence[Volume],
) -> Written:
    """Return the sheets as one PDF: covers, index, folios, certificates."""
    withheld = [
        each
        for each in named_rows(making.session, making.copy)
        if each[0].choice is not Choice.INCLUDED
    ]
    lines = [
        court_sheets.Line(source.row, source.title, folios, source.sizes, source.is_beside)
        for source, folios in zip(sources, numbered, strict=True)
    ]
    base = paper.draw(
        "court_copy.typ",
        court_sheets.whole(making.session, making.case, making.copy, lines, withheld, volumes),
        tagged=False,
    )
    at = [court_sheets.sheet_of(folio, volumes) for folio in range(1, volumes[-1].last + 1)]
    parts = [
        Part(
            source.kind,
            source.size,
            source.pieces(making.store),
            at[folios.first - 1 : folios.last],
        )
        for source, folios in zip(sources, numbered, strict=True)
    ]
    outline = [
        (f"{folios.first}. {source.title}", at[folios.first - 1])
        for source, folios in zip(sources, numbered, strict=True)
    ]
    sheets = volumes[-1].last + 2 * len(volumes)
    try:
        return bind(making.store, base, parts, sheets=sheets, outline=outline)
    except NotFound as error:
        raise Unformed("missing") from error
    except Unbound as unbound:
        raise Unformed("large" if unbound.code == "large" else "broken") from unbound
