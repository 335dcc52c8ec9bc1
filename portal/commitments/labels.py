"""Words for the states and sources of a commitment."""

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
SOURCE = {
    Source.AGREEMENT: _l("Agreement of a council"),
    Source.RECOMMENDATION: _l("Recommendation of the Defensoría"),
    Source.CONFERENCE: _l("Case conference"),
    Source.MANUAL: _l("Agreed by hand"),
    Source.PLAN: _l("Individual work plan"),
}
