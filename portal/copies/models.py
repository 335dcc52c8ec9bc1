"""Histories of cases that somebody takes out, and copies of the file for the court."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, Index, UniqueConstraint

from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l


class HistoryKind(StrEnum):
    """How a history is set: on paper, or as data with the files; the value is how its name ends."""

    PDF = "pdf"
    ZIP = "zip"


class Purpose(StrEnum):
    """For what somebody takes a history out of the portal; words are asked for beside it."""

    STUDY = "study"
    MEETING = "meeting"
    HAND_OVER = "hand_over"
    AUTHORITY = "authority"
    OTHER = "other"


class HistoryState(StrEnum):
    """How a history stands: being made, ready, not to be made, fetched or run out."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"


class HistoryFile(Identified, Versioned, table=True):
    """The history of a case as one person may read it: its own alone, for a while, fetched once.

    `entry_id` is its entry in the trail: nothing is made before that is linked in the chain. The
    file lies in the store under a key that only `key_sealed` holds; `problem` says why there is
    none.
    """

    __tablename__ = "portal_history"
    __table_args__ = (Index("ix_portal_history_owner", "owner_id", "made_at"),)

    number: str = Field(max_length=12, unique=True)
    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    owner_id: UUID = Field(foreign_key="portal_user.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    kind: HistoryKind = Field(sa_column=enum_column(HistoryKind))
    purpose: Purpose = Field(sa_column=enum_column(Purpose))
    reason_sealed: bytes
    with_names: bool = False
    with_restricted: bool = False
    entry_id: UUID
    state: HistoryState = Field(default=HistoryState.WAITING, sa_column=enum_column(HistoryState))
    made_at: datetime
    ready_at: datetime | None = None
    gone_at: datetime | None = None
    file: str = Field(default="", max_length=32)
    key_sealed: bytes | None = None
    size: int = 0
    sha256: str = Field(default="", max_length=64)
    problem: str = Field(default="", max_length=20)


class CopyState(StrEnum):
    """How a copy of the file stands: being put together, being formed, formed."""

    DRAFT = "draft"
    WAITING = "waiting"
    FORMED = "formed"


class PieceKind(StrEnum):
    """What a piece of a copy is: an act, a document filed, a letter with its receipt, an answer."""

    ENTRY = "entry"
    DOCUMENT = "document"
    LETTER = "letter"
    ANSWER = "answer"


class Choice(StrEnum):
    """Whether a piece goes in; what is withheld by resolution or restricted is named as such."""

    INCLUDED = "included"
    WITHHELD = "withheld"
    RESTRICTED = "restricted"


# What documents that hang on a copy name it as: the copy itself, and the stamped receipt.
COURT_COPY = "court_copy"


class CourtCopy(Identified, Versioned, table=True):
    """A copy of the file for the court (DL 1297 art. 52), by the institution in charge.

    A draft is put together and may be left again; once formed it stays as it is, and what came
    later makes another copy. `number` is of its institution's series of the year, given when it is
    asked for. `document_id` is the document that holds it, `entry_id` its entry in the trail;
    `problem` says why it could not be formed. Delivered, it has the receipt of the court.
    """

    __tablename__ = "portal_court_copy"
    __table_args__ = (
        UniqueConstraint("agency_id", "year", "number"),
        Index("ix_portal_court_copy_case_id", "case_id", "started_at"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    author_id: UUID | None = Field(default=None, foreign_key="portal_user.id")
    state: CopyState = Field(default=CopyState.DRAFT, sa_column=enum_column(CopyState))
    court_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    court: str = Field(max_length=160)
    court_number: str = Field(default="", max_length=80)
    signer_id: UUID | None = Field(default=None, foreign_key="portal_signer.id")
    started_at: datetime
    number: int | None = None
    year: int | None = None
    entry_id: UUID | None = None
    asked_at: datetime | None = None
    formed_at: datetime | None = None
    volumes: int = 0
    folios: int = 0
    size: int = 0
    sha256: str = Field(default="", max_length=64)
    document_id: UUID | None = Field(default=None, foreign_key="portal_document.id")
    problem: str = Field(default="", max_length=20)
    problem_piece: int | None = None
    delivered_at: datetime | None = None
    delivered_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    received_by: str = Field(default="", max_length=120)
    receipt: str = Field(default="", max_length=60)

    @property
    def is_draft(self) -> bool:
        """Tell whether it may still be put together otherwise."""
        return self.state is CopyState.DRAFT

    def require_draft(self) -> None:
        """Raise Conflict where it was formed, or is being formed."""
        if not self.is_draft:
            raise Conflict(
                _l("This copy was formed already, or is being formed: begin another one.")
            )


class CourtCopyPiece(Identified, table=True):
    """A piece of a copy: which record, in which version, at which place and on which folios.

    `title_sealed` is what the index calls it, `why_sealed` the resolution that withholds it.
    `is_beside` tells that it cannot be put on paper and goes beside as a file; `sha256` is of the
    document's version.
    """

    __tablename__ = "portal_court_copy_piece"
    __table_args__ = (
        UniqueConstraint("copy_id", "kind", "piece_id"),
        Index("ix_portal_court_copy_piece_place", "copy_id", "place"),
    )

    copy_id: UUID = Field(foreign_key="portal_court_copy.id")
    place: int
    kind: PieceKind = Field(sa_column=enum_column(PieceKind))
    piece_id: UUID
    version: int = 1
    choice: Choice = Field(default=Choice.INCLUDED, sa_column=enum_column(Choice))
    title_sealed: bytes
    why_sealed: bytes | None = None
    at: datetime
    agency: str = Field(default="", max_length=200)
    volume: int = 0
    first_folio: int = 0
    last_folio: int = 0
    is_beside: bool = False
    sha256: str = Field(default="", max_length=64)
