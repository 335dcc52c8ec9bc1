"""Words about who sees a case, in the reader's language."""

from portal.cases.models import BarKind, Verdict
from portal.texts import _l

VERDICT = {
    Verdict.JUSTIFIED: _l("Justified"),
    Verdict.UNJUSTIFIED: _l("Not justified"),
}
VERDICT_CHOICES = [(verdict.value, label) for verdict, label in VERDICT.items()]
BAR = {BarKind.BARRED: _l("Barred"), BarKind.ABSTAINED: _l("Abstains")}
