"""Tables of the follow-up of children who returned to their family, and of its visits."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, UniqueConstraint

from portal import clock
from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l


class Finding(StrEnum):
    """What a visit found; after `risk` the case is to be reopened."""

    WELL = "well"
    DIFFICULTIES = "difficulties"
    RISK = "risk"
    ABSENT = "absent"


class FollowUpEnd(StrEnum):
    """How a follow-up ended: its time passed, it cannot go on, or its case was reopened."""

    COMPLETED = "completed"
    IMPOSSIBLE = "impossible"
    REOPENED = "reopened"


class FollowUp(Identified, Versioned, table=True):
    """The follow-up of one child after a return (seguimiento posterior al retorno; DL 91; R 46).

    It lasts until `ends_on` at least, which `steps` explain; `adult_on` is the day on which the
    child turns 18, where the birth is known. `next_on` is the next visit; `risk_on` the day of a
    visit that found risk and that none has answered since.
    """

    __tablename__ = "portal_followup"
    __table_args__ = (
        UniqueConstraint("closing_id", "person_id"),
        Index("ix_portal_followup_running", "ended_at", "next_on"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    closing_id: UUID = Field(foreign_key="portal_case_closing.id")
    person_id: UUID = Field(foreign_key="portal_person.id", index=True)
    returned_on: date
    adult_on: date | None = None
    ends_on: date
    steps: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    next_on: date | None = None
    risk_on: date | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    end: FollowUpEnd | None = Field(default=None, sa_column=enum_column(FollowUpEnd, nullable=True))
    words: str = Field(default="", max_length=400)

    @property
    def runs(self) -> bool:
        """Tell whether visits are still made."""
        return self.ended_at is None

    @property
    def is_due_to_end(self) -> bool:
        """Tell whether the time that the law sets has passed."""
        return self.runs and self.ends_on <= clock.today()

    @property
    def unfinished(self) -> Any:
        """Return why it may not end as completed, or an empty text."""
        if self.risk_on is not None:
            return _l("The last visit found risk: reopen the case, or visit the child again.")
        if self.ends_on > clock.today():
            return _l(
                "The law asks for visits until its last day. If the child is at risk, reopen"
                " the case; if it cannot go on, say why."
            )
        return ""

    def must_run(self) -> None:
        """Raise Conflict where it has ended."""
        if not self.runs:
            raise Conflict(_l("This follow-up has ended."))

    def visited(self, finding: Finding, on: date, next_on: date | None) -> None:
        """Note a visit and the next one; raises Conflict where it runs no more."""
        self.must_run()
        self.next_on = next_on
        if finding is not Finding.ABSENT:
            self.risk_on = on if finding is Finding.RISK else None

    def finish(self, end: FollowUpEnd, *, words: str, by: UUID | None, at: datetime) -> None:
        """End it; raises Conflict where it has ended, or may not as completed."""
        self.must_run()
        if end is FollowUpEnd.COMPLETED and (why := self.unfinished):
            raise Conflict(why)
        self.end, self.words, self.ended_by, self.ended_at = end, words, by, at
        self.next_on = None


class FollowUpVisit(Identified, table=True):
    """A visit to a child, told by an entry of the timeline, where what was found stands."""

    __tablename__ = "portal_followup_visit"
    __table_args__ = (UniqueConstraint("followup_id", "entry_id"),)

    followup_id: UUID = Field(foreign_key="portal_followup.id")
    entry_id: UUID = Field(foreign_key="portal_case_entry.id", index=True)
    happened_on: date
    finding: Finding = Field(sa_column=enum_column(Finding))
    next_on: date | None = None
