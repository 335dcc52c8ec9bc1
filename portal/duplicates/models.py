"""Tables of what may be one child registered twice."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, UniqueConstraint

from portal.cases.models import Level
from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l


class Basis(StrEnum):
    """On what two records are proposed as one: a document, a name with age and district, a word."""

    DOCUMENT = "document"
    NAME = "name"
    TOLD = "told"


class Answer(StrEnum):
    """What one side says: the same child, to link or to merge the cases, or another child."""

    LINK = "link"
    MERGE = "merge"
    DIFFERENT = "different"


class MatchState(StrEnum):
    """How a proposal stands: it follows from both answers."""

    OPEN = "open"
    LINKED = "linked"
    MERGED = "merged"
    DIFFERENT = "different"


class Match(Identified, Versioned, table=True):
    """Two people who may be one; each stands for the case or alert in which it is registered.

    `one_id` is less than `other_id`, so that a pair stands here once and is never proposed again.
    What was merged may be undone until `undo_until`; rows never move, so that nothing is lost.
    """

    __tablename__ = "portal_match"
    __table_args__ = (UniqueConstraint("one_id", "other_id"),)

    one_id: UUID = Field(foreign_key="portal_person.id")
    other_id: UUID = Field(foreign_key="portal_person.id", index=True)
    basis: Basis = Field(sa_column=enum_column(Basis))
    found_at: datetime
    state: MatchState = Field(default=MatchState.OPEN, sa_column=enum_column(MatchState))
    one_says: Answer | None = Field(default=None, sa_column=enum_column(Answer, nullable=True))
    one_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    one_opens: bool = False
    other_says: Answer | None = Field(default=None, sa_column=enum_column(Answer, nullable=True))
    other_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    other_opens: bool = False
    kept_case_id: UUID | None = Field(default=None, foreign_key="portal_case.id", index=True)
    joined_case_id: UUID | None = Field(default=None, foreign_key="portal_case.id", index=True)
    merged_at: datetime | None = None
    undo_until: datetime | None = None
    undone_at: datetime | None = None

    def says(self, person_id: UUID) -> Answer | None:
        """Return what the side of a person answered."""
        return self.one_says if person_id == self.one_id else self.other_says

    def opens(self, person_id: UUID) -> bool:
        """Tell whether a side agreed that all institutions of both cases see both."""
        return self.one_opens if person_id == self.one_id else self.other_opens

    def must_not_be_merged(self) -> None:
        """Raise Conflict where the cases are merged."""
        if self.state is MatchState.MERGED:
            raise Conflict(_l("These cases are merged: undo the merge to answer otherwise."))

    def answer(self, person_id: UUID, says: Answer, user_id: UUID | None) -> MatchState:
        """Note what a side says and return what follows; raises Conflict once they are merged."""
        self.must_not_be_merged()
        if person_id == self.one_id:
            self.one_says, self.one_by = says, user_id
        else:
            self.other_says, self.other_by = says, user_id
        return self.follows

    @property
    def follows(self) -> MatchState:
        """Return the state that both answers lead to."""
        answers = (self.one_says, self.other_says)
        if Answer.DIFFERENT in answers:
            return MatchState.DIFFERENT
        if None in answers:
            return MatchState.OPEN
        both = answers == (Answer.MERGE, Answer.MERGE)
        return MatchState.MERGED if both else MatchState.LINKED


class MatchParty(Identified, table=True):
    """An institution that a merge brought onto a case, or raised: undoing it takes that back."""

    __tablename__ = "portal_match_party"
    __table_args__ = (UniqueConstraint("match_id", "party_id"),)

    match_id: UUID = Field(foreign_key="portal_match.id")
    party_id: UUID = Field(foreign_key="portal_case_party.id", index=True)
    level_before: Level | None = Field(default=None, sa_column=enum_column(Level, nullable=True))
