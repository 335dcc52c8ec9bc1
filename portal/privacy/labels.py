"""Words for what stands on the privacy officer's desk."""

from portal.privacy.models import AlertKind, AlertState, Nature
from portal.texts import _l

KIND = {
    AlertKind.MANY: _l("Many files within an hour"),
    AlertKind.NEVER_ASSIGNED: _l("A case never assigned to who opened it"),
    AlertKind.KIN: _l("Somebody who may be close to the reader"),
    AlertKind.OWN: _l("The reader's own case"),
}
STATE = {
    AlertState.OPEN: _l("To be looked into"),
    AlertState.EXPLAINED: _l("Explained"),
    AlertState.NOT_EXPLAINED: _l("Not explained"),
}
# What a reading is called in the trail, said to somebody who does not know its codes.
LOOK = {
    "cases.case.read": _l("opened the case"),
    "cases.case.list": _l("saw it in a list"),
    "cases.entry.unseal": _l("opened a sealed piece"),
    "cases.term.list": _l("saw its terms in a list"),
    "cases.resident.list": _l("saw the child among the residents"),
    "alerts.alert.read": _l("opened its alert"),
    "alerts.reporter.unseal": _l("opened who told it"),
    "referrals.referral.read": _l("opened a referral of it"),
    "commitments.commitment.read": _l("opened a commitment of it"),
    "councils.brief.read": _l("read its brief for a session"),
    "privacy.export.make": _l("made a copy of it to hand over"),
    "privacy.export.fetch": _l("fetched the copy"),
}
NATURE = {
    Nature.STOLEN_ACCOUNT: _l("An account in the hands of somebody else"),
    Nature.LOST_DEVICE: _l("A device lost or stolen"),
    Nature.UNUSUAL_READING: _l("Files opened without a reason of service"),
    Nature.OTHER: _l("Another incident"),
}
