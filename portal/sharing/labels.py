"""Words about who sees a case, in the reader's language."""

from portal.cases.models import BarKind, Verdict
from portal.texts import _l

VERDICT = {
    Verdict.JUSTIFIED: _l("Justified"),
    Verdict.UNJUSTIFIED: _l("Not justified"),
}
VERDICT_CHOICES = [(verdict.value, label) for verdict, label in VERDICT.items()]
BAR = {BarKind.BARRED: _l("Barred"), BarKind.ABSTAINED: _l("Abstains")}

# What an entry of the trail says that somebody looked at.
LOOK = {
    "cases.case.read": _l("The case"),
    "cases.entry.unseal": _l("A piece of restricted access"),
    "alerts.alert.read": _l("Its alert"),
    "alerts.reporter.unseal": _l("Who told it"),
    "referrals.referral.read": _l("A referral"),
    "commitments.commitment.read": _l("A commitment"),
    "shelter.stay.read": _l("A stay in care"),
    "sharing.emergency.open": _l("Emergency access"),
}
OTHER_LOOK = _l("Another part of the case")
