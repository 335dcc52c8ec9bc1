"""The table of notices."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, UniqueConstraint

from portal.db import Identified


class Notice(Identified, table=True):
    """One thing that a person should know: a marked text with codes, and where to go.

    `origin` names the event that told it, so that a retried delivery tells it once. `case_id` is
    the case that it is about where the text does not name it: its code stands beside the text for
    who sees the case now.
    """

    __tablename__ = "portal_notice"
    __table_args__ = (
        UniqueConstraint("user_id", "origin"),
        Index("ix_portal_notice_unread", "user_id", "agency_id", "read_at"),
    )

    user_id: UUID = Field(foreign_key="portal_user.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    case_id: UUID | None = Field(default=None, foreign_key="portal_case.id", index=True)
    origin: str = Field(max_length=120)
    text: str = Field(max_length=200)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    url: str = Field(max_length=200)
    at: datetime
    read_at: datetime | None = None
