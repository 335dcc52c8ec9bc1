"""Pure decisions about interviews: who may ask for a report, and for which right it is asked."""

from portal.actor import AgencyKind
from portal.cases.models import Right
from portal.cases.rules import Access
from portal.interviews.models import AskRule, InterviewKind

JUSTICE = (AgencyKind.PROSECUTOR, AgencyKind.COURT)
OF_HEALTH = (InterviewKind.PSYCHOLOGICAL, InterviewKind.HEALTH)


def may_ask(access: Access, rule: AskRule) -> bool:
    """Tell whether an institution may ask for a report by its rule: it intervenes in any case."""
    if not access.works_on_all or not access.is_open:
        return False
    if rule is AskRule.JUSTICE:
        return access.kind in JUSTICE
    return rule is AskRule.TEAM or access.leads


def right_of(kind: InterviewKind) -> Right:
    """Return the right for which a report is asked."""
    return Right.MENTAL_HEALTH if kind in OF_HEALTH else Right.SAFETY
