"""Tables of who is in charge of a case."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index

from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l


class TransferState(StrEnum):
    """How a case that was declined stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Transfer(Identified, Versioned, table=True):
    """A case whose competence was declined towards another authority (R 160–161; DL 1297 art. 107).

    Until the other accepts, whoever declined stays in charge. `term_id` is the term to send the
    file; the reason of either side is sealed under the case.
    """

    __tablename__ = "portal_case_transfer"
    __table_args__ = (
        # The value stands first, as in `CaseParty`.
        Index(
            "uq_portal_case_transfer_waiting",
            "case_id",
            unique=True,
            sqlite_where=sa.text("'waiting' = state"),
            postgresql_where=sa.text("'waiting' = state"),
        ),
        Index("ix_portal_case_transfer_receiver", "to_agency_id", "state", "declined_at"),
        Index("ix_portal_case_transfer_case", "case_id", "declined_at"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id")
    from_agency_id: UUID = Field(foreign_key="portal_agency.id")
    to_agency_id: UUID = Field(foreign_key="portal_agency.id")
    state: TransferState = Field(
        default=TransferState.WAITING, sa_column=enum_column(TransferState)
    )
    declined_at: datetime
    declined_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    term_id: UUID | None = Field(default=None, foreign_key="portal_case_term.id")
    reason_sealed: bytes
    answered_at: datetime | None = None
    answered_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    answer_sealed: bytes | None = None

    @property
    def waits(self) -> bool:
        """Tell whether the other authority has still to answer."""
        return self.state is TransferState.WAITING

    def answer(self, state: TransferState, at: datetime, user_id: UUID | None) -> None:
        """Accept, return or take it back; raises Conflict for what was answered already."""
        if not self.waits:
            raise Conflict(_l("This was answered already."))
        self.state, self.answered_at, self.answered_by = state, at, user_id
