"""The table of the dummy module."""

from uuid import UUID

from sqlmodel import Field

from portal.sdk import Identified


class Note(Identified, table=True):
    """A note, about a person or about nobody."""

    __tablename__ = "dummy_note"

    person_id: UUID | None = Field(default=None, foreign_key="portal_person.id")
    text: str = Field(max_length=200)
