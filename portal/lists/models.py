"""Tables of lists: on what basis an institution may send one, the list, and its rows."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, UniqueConstraint

from portal.cases.models import Situation
from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import Said, _l


class ListKind(StrEnum):
    """Whose children a list names (DOMAIN: grupos poblacionales of the programme)."""

    PRISONERS = "prisoners"
    STUDENTS = "students"
    ORPHANS = "orphans"


# Lists with data of the families of prisoners or pupils need their legal basis first.
GUARDED = frozenset({ListKind.PRISONERS, ListKind.STUDENTS})


class ListState(StrEnum):
    """How far a list is."""

    READING = "reading"
    CHECKED = "checked"
    SENDING = "sending"
    DONE = "done"
    CANCELLED = "cancelled"
    UNREADABLE = "unreadable"


class RowState(StrEnum):
    """What is to become of a row, or became of it."""

    READY = "ready"
    DOUBLE = "double"
    WRONG = "wrong"
    SENT = "sent"
    SKIPPED = "skipped"


class ListBasis(Identified, table=True):
    """On what an institution's lists of a kind rest (DS 016-2024-JUS art. 42).

    `opinion_by` is the privacy officer who entered it, and with it gave a favourable opinion.
    """

    __tablename__ = "portal_list_basis"
    __table_args__ = (Index("ix_portal_list_basis_agency", "agency_id", "kind"),)

    agency_id: UUID = Field(foreign_key="portal_agency.id")
    kind: ListKind = Field(sa_column=enum_column(ListKind))
    agreement: str = Field(max_length=160)
    data_bank: str = Field(max_length=80)
    opinion: str = Field(max_length=1000)
    opinion_by: UUID = Field(foreign_key="portal_user.id")
    entered_at: datetime
    since: date
    until: date | None = None


class AlertList(Identified, Versioned, table=True):
    """A list that was handed in, and how far it is.

    The file stands sealed until its rows are read. `rows_read` and `rows_done` let the work go on
    where it stopped. Whatever a row says goes when its alert is sent, and with the list's key when
    the list has ended for some days.
    """

    __tablename__ = "portal_alert_list"
    __table_args__ = (Index("ix_portal_alert_list_agency", "agency_id", "made_at", "id"),)

    number: str = Field(max_length=12, unique=True)
    kind: ListKind = Field(sa_column=enum_column(ListKind))
    state: ListState = Field(default=ListState.READING, sa_column=enum_column(ListState))
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    author_id: UUID = Field(foreign_key="portal_user.id")
    basis_id: UUID | None = Field(default=None, foreign_key="portal_list_basis.id")
    situation: Situation = Field(sa_column=enum_column(Situation))
    district: str = Field(default="", max_length=6)
    telephone: str = Field(max_length=20)
    locale: str = Field(default="es", max_length=5)
    file_sealed: bytes | None = None
    rows_total: int = 0
    rows_read: int = 0
    rows_done: int = 0
    sends_doubles: bool = False
    why: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    made_at: datetime
    ended_at: datetime | None = None
    emptied_at: datetime | None = None

    @property
    def reason(self) -> Said | None:
        """Return why it could not be read."""
        return Said(*self.why) if self.why else None

    @property
    def is_working(self) -> bool:
        """Tell whether the worker is at it."""
        return self.state in (ListState.READING, ListState.SENDING)

    @property
    def percent(self) -> int:
        """Return how much of the present work is done, from 0 to 100."""
        done = self.rows_done if self.state is ListState.SENDING else self.rows_read
        return min(100, done * 100 // self.rows_total) if self.rows_total else 0

    def confirm(self, *, doubles: bool) -> None:
        """Let its rows be sent; raises Conflict unless it was checked and waits."""
        self._from_checked()
        self.state, self.sends_doubles = ListState.SENDING, doubles

    def cancel(self, at: datetime) -> None:
        """End it with nothing sent; raises Conflict unless it was checked and waits."""
        self._from_checked()
        self.state, self.ended_at = ListState.CANCELLED, at

    def _from_checked(self) -> None:
        if self.state is not ListState.CHECKED:
            raise Conflict(_l("This list does not wait for your decision any more."))


class ListRow(Identified, table=True):
    """A row of a list: what it says (sealed), what becomes of it, and why.

    Rows of the same `family` become one alert. `why` is a text with its facts, in `Said`'s form.
    """

    __tablename__ = "portal_alert_list_row"
    __table_args__ = (
        UniqueConstraint("list_id", "number"),
        Index("ix_portal_alert_list_row_state", "list_id", "state", "number"),
    )

    list_id: UUID = Field(foreign_key="portal_alert_list.id")
    number: int
    state: RowState = Field(sa_column=enum_column(RowState))
    family: str = Field(default="", max_length=32)
    data_sealed: bytes | None = None
    why: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    alert_id: UUID | None = Field(default=None, foreign_key="portal_alert.id")
