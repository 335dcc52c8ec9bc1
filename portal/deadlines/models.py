"""Tables of the calendars, and of how the instance reads a doubtful term."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index

from portal.db import Identified, Versioned, enum_column
from portal.deadlines.calendar import DayKind
from portal.deadlines.rules import Unit


class Scope(StrEnum):
    """Where a day is not counted, from the widest to the narrowest."""

    NATIONAL = "national"
    REGIONAL = "regional"
    PROVINCIAL = "provincial"
    JUDICIARY = "judiciary"
    ENTITY = "entity"


class CalendarDay(Identified, Versioned, table=True):
    """A day that some service does not count, and the norm that says so (TUO 134.1, 137).

    `key` is the INEI code of the department or province, the agency's identifier, or empty where
    the scope needs none. Where `counts_as_business` is set the service works that day and it
    counts: the narrowest scope decides, except over a national holiday. A day is never deleted; a
    mistake is withdrawn with a reason, because terms were counted by it.
    """

    __tablename__ = "portal_calendar_day"
    __table_args__ = (
        Index(
            "uq_portal_calendar_day_current",
            "day",
            "scope",
            "key",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
    )

    day: date
    scope: Scope = Field(sa_column=enum_column(Scope))
    key: str = Field(default="", max_length=36)
    kind: DayKind = Field(sa_column=enum_column(DayKind))
    title: str = Field(max_length=120)
    norm: str = Field(max_length=160)
    counts_as_business: bool = False
    entered_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    entered_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    withdrawal_reason: str = Field(default="", max_length=400)


class TermReading(Identified, Versioned, table=True):
    """How the instance reads a term that the law leaves open, and on what opinion or norm."""

    __tablename__ = "portal_term_reading"

    rule_code: str = Field(max_length=60, unique=True)
    length: int
    unit: Unit = Field(sa_column=enum_column(Unit))
    basis: str = Field(max_length=200)
    decided_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    decided_at: datetime
