"""Words about who sees a case, in the reader's language."""

from portal.cases.models import BarKind, Verdict
from portal.sharing.models import TransferState
from portal.texts import _l

VERDICT = {
    Verdict.JUSTIFIED: _l("Justified"),
    Verdict.UNJUSTIFIED: _l("Not justified"),
}
VERDICT_CHOICES = [(verdict.value, label) for verdict, label in VERDICT.items()]
TRANSFER = {
    TransferState.WAITING: _l("Waits for the other authority"),
    TransferState.ACCEPTED: _l("Accepted"),
    TransferState.RETURNED: _l("Returned"),
    TransferState.WITHDRAWN: _l("Withdrawn"),
}
BAR = {BarKind.BARRED: _l("Barred"), BarKind.ABSTAINED: _l("Abstains")}
