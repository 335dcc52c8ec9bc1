"""Words for the states and sources of a commitment."""

from dataclasses import dataclass
from typing import Any

from portal.commitments.models import CommitmentStatus, Source
from portal.commitments.rules import Age
from portal.texts import _l

STATUS = {
    CommitmentStatus.PROPOSED: _l("Proposed, waiting for acceptance"),
    CommitmentStatus.OBJECTED: _l("Objected to"),
    CommitmentStatus.ACCEPTED: _l("Accepted, to be done"),
    CommitmentStatus.DONE: _l("Done, waiting for verification"),
    CommitmentStatus.VERIFIED: _l("Done and verified"),
    CommitmentStatus.NOT_MET: _l("Not met"),
    CommitmentStatus.WITHDRAWN: _l("Withdrawn, no longer owed"),
}
AGE = {
    Age.LONG_LATE: _l("Late by more than 30 days"),
    Age.LATE: _l("Late"),
    Age.SOON: _l("Within 7 days"),
    Age.LATER: _l("Later"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the board: what it counts, and by which address those are found."""

    name: str
    label: Any
    query: str
    tone: str = ""


BOARD = (
    Column("proposed", _l("To accept"), "status=proposed"),
    Column("long_late", AGE[Age.LONG_LATE], "status=accepted&age=long", "late"),
    Column("late", AGE[Age.LATE], "status=accepted&age=late", "late"),
    Column("soon", AGE[Age.SOON], "status=accepted&age=soon", "soon"),
    Column("later", AGE[Age.LATER], "status=accepted&age=later"),
    Column("done", _l("To verify"), "status=done"),
)
SOURCE = {
    Source.AGREEMENT: _l("Agreement of a council"),
    Source.RECOMMENDATION: _l("Recommendation of the Defensoría"),
    Source.CONFERENCE: _l("Case conference"),
    Source.MANUAL: _l("Agreed by hand"),
    Source.PLAN: _l("Individual work plan"),
}
