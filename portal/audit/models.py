"""Tables of the trail (registro de accesos): entries, sealed reasons, and the chain of links.

Database triggers refuse UPDATE and DELETE on all three, and TRUNCATE on PostgreSQL.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, Index, SQLModel

from portal.db import Identified


class AuditEntry(Identified, table=True):
    """Who did or read what, when: identifiers and changed field names, never contents.

    `facts` is canonical JSON (see `chain.canonical`); a reason is kept elsewhere, encrypted, and
    the entry holds its salted hash only, so that erasure leaves the chain whole.
    """

    __tablename__ = "portal_audit_entry"
    __table_args__ = (
        Index("ix_portal_audit_entry_case", "case_id", "at"),
        Index("ix_portal_audit_entry_at", "at", "id"),
    )

    at: datetime
    user_id: UUID | None = None
    agency_id: UUID | None = None
    action: str = Field(max_length=60)
    subject_id: UUID | None = None
    case_id: UUID | None = None
    outcome: str = Field(default="done", max_length=12)
    request_id: str = Field(default="", max_length=40)
    sign_in_id: UUID | None = None
    facts: str = Field(default="{}", max_length=20000)
    reason_hash: str = Field(default="", max_length=64)


class AuditReason(SQLModel, table=True):
    """The reason that a person gave, encrypted; its entry keeps the salted hash."""

    __tablename__ = "portal_audit_reason"

    entry_id: UUID = Field(primary_key=True, foreign_key="portal_audit_entry.id")
    scope: UUID
    salt: str = Field(max_length=32)
    reason_sealed: bytes


class AuditLink(SQLModel, table=True):
    """One link of the chain: the entry's hash and the hash of all that went before."""

    __tablename__ = "portal_audit_link"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    entry_id: UUID = Field(unique=True)
    entry_hash: str = Field(max_length=64)
    head: str = Field(max_length=64)
