"""Documents, their versions, and uploads that are on their way."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, Index, UniqueConstraint

from portal.db import Identified, Versioned, enum_column


class Format(StrEnum):
    """What a kept file is; the value is how its name ends."""

    JPEG = "jpg"
    PNG = "png"
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    ODT = "odt"

    @property
    def is_image(self) -> bool:
        """Tell whether the portal shows it."""
        return self in (Format.JPEG, Format.PNG)


class Document(Identified, Versioned, table=True):
    """A document that hangs on a piece: an entry of the timeline, a commitment, a referral.

    Who reads the piece reads the document, and nobody else. `scope_id` is under whose key it is
    sealed: its case, else its piece. `versions` counts them; each one stays.
    """

    __tablename__ = "portal_document"
    __table_args__ = (
        Index("ix_portal_document_case_id", "case_id", "recorded_at"),
        Index("ix_portal_document_piece", "piece", "piece_id"),
    )

    case_id: UUID | None = Field(default=None, foreign_key="portal_case.id")
    scope_id: UUID
    piece: str = Field(max_length=40)
    piece_id: UUID
    person_id: UUID | None = Field(default=None, foreign_key="portal_person.id")
    title_sealed: bytes
    versions: int = 0
    author_id: UUID | None = Field(default=None, foreign_key="portal_user.id")
    author_agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    recorded_at: datetime


class DocumentVersion(Identified, table=True):
    """One content of a document, never changed: the file's random name, its key, size and hash.

    `sha256` is of what is kept and handed out, `sent_sha256` of what arrived: an image is drawn
    anew, so that the two differ.
    """

    __tablename__ = "portal_document_version"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    document_id: UUID = Field(foreign_key="portal_document.id")
    number: int
    format: Format = Field(sa_column=enum_column(Format))
    size: int
    width: int | None = None
    height: int | None = None
    sha256: str = Field(max_length=64)
    sent_sha256: str = Field(max_length=64)
    file: str = Field(max_length=32, unique=True)
    key_sealed: bytes
    preview: str = Field(default="", max_length=32)
    preview_size: int | None = None
    preview_key_sealed: bytes | None = None
    author_id: UUID | None = Field(default=None, foreign_key="portal_user.id")
    author_agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    at: datetime


class Upload(Identified, table=True):
    """A file that arrives piece by piece, so that a line that is cut costs one piece.

    It is its person's alone until a form takes it; one that nobody takes is forgotten.
    """

    __tablename__ = "portal_upload"

    user_id: UUID = Field(foreign_key="portal_user.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    suffix: str = Field(max_length=8)
    size: int
    received: int = 0
    stored: int = 0
    pieces: int = 0
    file: str = Field(max_length=32, unique=True)
    key_sealed: bytes
    at: datetime
