"""The table of searches."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, Index

from portal.db import Identified


class Search(Identified, table=True):
    """What a person looks for, acting for an institution: encrypted under the person's own key.

    The address of its results carries the identifier only, never a name. One that was given a name
    (`saved_at`) stays; the others are forgotten after a day.
    """

    __tablename__ = "portal_search"
    __table_args__ = (Index("ix_portal_search_own", "user_id", "agency_id", "saved_at"),)

    user_id: UUID = Field(foreign_key="portal_user.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    wanted_sealed: bytes
    name_sealed: bytes | None = None
    made_at: datetime = Field(index=True)
    saved_at: datetime | None = None
