"""Tables of forms: what was sent once, and what was typed and not sent yet."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel, UniqueConstraint

from portal.db import Identified


class FormKey(SQLModel, table=True):
    """A form that was accepted: sent again, it answers with where the first one went."""

    __tablename__ = "portal_form_key"

    user_id: UUID = Field(primary_key=True, foreign_key="portal_user.id")
    key: str = Field(primary_key=True, max_length=40)
    location: str = Field(default="", max_length=300)
    at: datetime = Field(index=True)


class Draft(Identified, table=True):
    """What a person typed into a form and did not send: encrypted under the person's key."""

    __tablename__ = "portal_draft"
    __table_args__ = (UniqueConstraint("user_id", "agency_id", "path"),)

    user_id: UUID = Field(foreign_key="portal_user.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    path: str = Field(max_length=200)
    content_sealed: bytes
    saved_at: datetime = Field(index=True)
