"""Words for what stands on the privacy officer's desk."""

from portal.audit.labels import ACT
from portal.privacy.models import (
    AlertKind,
    AlertState,
    Authority,
    Decision,
    ExportState,
    Nature,
    OrderKind,
    Piece,
    RequestKind,
    Standing,
)
from portal.texts import _l

KIND = {
    AlertKind.MANY: _l("Many cases within an hour"),
    AlertKind.NEVER_ASSIGNED: _l("A case never assigned to who opened it"),
    AlertKind.KIN: _l("Somebody who may be close to the reader"),
    AlertKind.OWN: _l("The reader's own case"),
    AlertKind.COPIES: _l("Many histories or copies taken out within a day"),
}
STATE = {
    AlertState.OPEN: _l("To be looked into"),
    AlertState.EXPLAINED: _l("Explained"),
    AlertState.NOT_EXPLAINED: _l("Not explained"),
}
# The acts of the trail by which somebody sees what a case holds.
LOOK = {
    action: ACT[action]
    for action in (
        "cases.case.read",
        "sharing.emergency.open",
        "cases.case.list",
        "cases.entry.unseal",
        "cases.term.list",
        "cases.resident.list",
        "alerts.alert.read",
        "alerts.reporter.unseal",
        "referrals.referral.read",
        "commitments.commitment.read",
        "councils.brief.read",
        "privacy.export.make",
        "privacy.export.fetch",
        "copies.history.make",
        "copies.history.fetch",
        "copies.copy.form",
        "documents.document.read",
    )
}
NATURE = {
    Nature.STOLEN_ACCOUNT: _l("An account in the hands of somebody else"),
    Nature.LOST_DEVICE: _l("A device lost or stolen"),
    Nature.UNUSUAL_READING: _l("Files opened without a reason of service"),
    Nature.OTHER: _l("Another incident"),
}
PIECE = {
    Piece.IDENTITY: _l("Identity"),
    Piece.SITUATION: _l("Situation and with whom the child is"),
    Piece.RIGHTS: _l("Rights"),
    Piece.TIMELINE: _l("Timeline"),
    Piece.TERMS: _l("Legal terms"),
    Piece.PARTIES: _l("Institutions of the case"),
    Piece.REFERRALS: _l("Referrals and commitments"),
    Piece.COUNCIL: _l("Council sessions"),
    Piece.MODULES: _l("What the modules hold"),
    Piece.WHEREABOUTS: _l("Whereabouts"),
    Piece.REPORTER: _l("Who told it"),
    Piece.SEALED: _l("Sealed pieces"),
}
DECISION = {
    Decision.OPEN: _l("To be decided"),
    Decision.GRANTED: _l("Granted"),
    Decision.REFUSED: _l("Not granted"),
}
ORDER = {
    OrderKind.ORDER: _l("Written order of a judge or prosecutor"),
    OrderKind.CALL: _l("Urgent call, nothing in writing"),
}
REQUEST = {
    RequestKind.ACCESS: _l("To know which data are held"),
    RequestKind.INFORMATION: _l("To be told what they are used for"),
    RequestKind.RECTIFICATION: _l("To correct data"),
    RequestKind.CANCELLATION: _l("To erase data"),
    RequestKind.OPPOSITION: _l("To oppose a use of data"),
}
STANDING = {
    Standing.SELF: _l("The adolescent from 14 on, or the adult who was the child"),
    Standing.MOTHER: _l("Mother"),
    Standing.FATHER: _l("Father"),
    Standing.GUARDIAN: _l("Guardian or foster carer"),
    Standing.REPRESENTATIVE: _l("Lawyer or public defender"),
}
AUTHORITY = {
    Authority.HOLDS: _l("Holds parental authority or guardianship"),
    Authority.SUSPENDED: _l("Suspended or lost (DL 1297 art. 51)"),
    Authority.NOT_NEEDED: _l("Not needed: asks for self"),
}
EXPORT = {
    ExportState.WAITING: _l("Being made"),
    ExportState.READY: _l("Ready, for fifteen minutes"),
    ExportState.GONE: _l("Fetched or run out; no copy stays here"),
}
