"""The table of commitments."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index

from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l


class CommitmentStatus(StrEnum):
    """How a commitment (compromiso) stands; overdue is computed."""

    PROPOSED = "proposed"
    OBJECTED = "objected"
    ACCEPTED = "accepted"
    DONE = "done"
    VERIFIED = "verified"
    NOT_MET = "not_met"
    WITHDRAWN = "withdrawn"


class Source(StrEnum):
    """Where a commitment comes from."""

    AGREEMENT = "agreement"
    RECOMMENDATION = "recommendation"
    CONFERENCE = "conference"
    MANUAL = "manual"
    PLAN = "plan"


OPEN = (CommitmentStatus.PROPOSED, CommitmentStatus.ACCEPTED, CommitmentStatus.DONE)


class Commitment(Identified, Versioned, table=True):
    """An act owed by an agency, by a day, about a case or a general matter.

    `first_due_on` stays when it is postponed; `postponements` keep each move with its reason, in
    order. `agreed_on` is the day of the case conference that it comes from. Evidence is words with
    the number and date of the document. Verified by another agency than the one that owes it.
    """

    __tablename__ = "portal_commitment"
    __table_args__ = (
        Index("ix_portal_commitment_owed", "agency_id", "status", "due_on", "id"),
        Index("ix_portal_commitment_verify", "verifier_id", "status", "due_on", "id"),
    )

    agency_id: UUID = Field(foreign_key="portal_agency.id")
    verifier_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    proposer_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    case_id: UUID | None = Field(default=None, foreign_key="portal_case.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="portal_person.id")
    source: Source = Field(sa_column=enum_column(Source))
    source_id: UUID | None = Field(default=None, index=True)
    agreed_on: date | None = None
    act: str = Field(max_length=600)
    status: CommitmentStatus = Field(sa_column=enum_column(CommitmentStatus))
    first_due_on: date
    due_on: date
    created_at: datetime
    accepted_at: datetime | None = None
    words: str = Field(default="", max_length=2000)
    document: str = Field(default="", max_length=120)
    dated: date | None = None
    done_at: datetime | None = None
    ended_at: datetime | None = None
    objection: str = Field(default="", max_length=400)
    postponements: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    verdict: str = Field(default="", max_length=400)

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still owes something."""
        return self.status in OPEN

    @property
    def verified_by(self) -> UUID | None:
        """Return the agency that verifies it: the one named, else who proposed it to another."""
        if self.verifier_id is None and self.proposer_id != self.agency_id:
            return self.proposer_id
        return self.verifier_id

    def must_be(self, *states: CommitmentStatus) -> None:
        """Raise Conflict where it is in none of these states."""
        if self.status not in states:
            raise Conflict(_l("This commitment is no longer in that state. Look at it again."))

    def accept(self, at: datetime) -> None:
        """Take it on."""
        self.must_be(CommitmentStatus.PROPOSED)
        self.status, self.accepted_at = CommitmentStatus.ACCEPTED, at

    def object_to(self, reason: str, at: datetime) -> None:
        """Object to it with a reason."""
        self.must_be(CommitmentStatus.PROPOSED)
        self.status, self.objection, self.ended_at = CommitmentStatus.OBJECTED, reason, at

    def finish(self, words: str, document: str, dated: date | None, at: datetime) -> None:
        """Say that the act was done, with its evidence."""
        self.must_be(CommitmentStatus.ACCEPTED)
        self.words, self.document, self.dated, self.done_at = words, document, dated, at
        self.status = CommitmentStatus.DONE

    def postpone(self, due_on: date, why: str) -> None:
        """Move the day, with the reason; the first one, and every move, stay."""
        self.must_be(CommitmentStatus.ACCEPTED)
        move = {"from": self.due_on.isoformat(), "to": due_on.isoformat(), "why": why}
        self.due_on, self.postponements = due_on, [*self.postponements, move]

    @property
    def moves(self) -> list[tuple[date, date, str]]:
        """Return each postponement: from which day, to which, why."""
        return [
            (date.fromisoformat(move["from"]), date.fromisoformat(move["to"]), move["why"])
            for move in self.postponements
            if "why" in move
        ]

    def verify(self, verdict: str, at: datetime) -> None:
        """Find it done."""
        self.must_be(CommitmentStatus.DONE)
        self.status, self.verdict, self.ended_at = CommitmentStatus.VERIFIED, verdict, at

    def find_not_met(self, verdict: str, at: datetime) -> None:
        """Find it not done."""
        self.must_be(CommitmentStatus.ACCEPTED, CommitmentStatus.DONE)
        self.status, self.verdict, self.ended_at = CommitmentStatus.NOT_MET, verdict, at

    def withdraw(self, reason: str, at: datetime) -> None:
        """Take it back while nothing was done: what it came from does not ask for it any more."""
        self.must_be(CommitmentStatus.PROPOSED, CommitmentStatus.ACCEPTED)
        self.status, self.verdict, self.ended_at = CommitmentStatus.WITHDRAWN, reason, at
