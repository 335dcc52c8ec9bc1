"""Words for kinds of visit and for how a recommendation stands."""

from portal.sdk import CommitmentStatus, _l
from portal_defensoria.models import VisitKind

KIND = {
    VisitKind.UNANNOUNCED: _l("Unannounced visit"),
    VisitKind.ANNOUNCED: _l("Announced visit"),
}
STATUS = {
    CommitmentStatus.PROPOSED: _l("Issued"),
    CommitmentStatus.OBJECTED: _l("Rejected with reasons"),
    CommitmentStatus.ACCEPTED: _l("Waiting for the answer"),
    CommitmentStatus.DONE: _l("Answered, to verify"),
    CommitmentStatus.VERIFIED: _l("Verified"),
    CommitmentStatus.NOT_MET: _l("Not complied with"),
    CommitmentStatus.WITHDRAWN: _l("Withdrawn, no longer owed"),
}
