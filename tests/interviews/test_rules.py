"""Who may ask for the report of an interview."""

from portal.actor import AgencyKind
from portal.cases.models import Level
from portal.cases.rules import Access
from portal.interviews.models import AskRule
from portal.interviews.rules import may_ask


def test_the_rule_of_asking() -> None:
    team = Access(Level.TEAM, is_open=True, kind=AgencyKind.HEALTH)
    lead = Access(Level.LEAD, is_open=True, kind=AgencyKind.UPE)
    fiscal = Access(Level.TEAM, is_open=True, kind=AgencyKind.PROSECUTOR)
    informed = Access(Level.INFORMED, is_open=True, kind=AgencyKind.PROSECUTOR)
    closed = Access(Level.LEAD, is_open=False, kind=AgencyKind.UPE)
    assert [may_ask(each, AskRule.TEAM) for each in (team, lead, informed, closed)] == [
        True,
        True,
        False,
        False,
    ]
    assert [may_ask(each, AskRule.LEAD) for each in (team, lead)] == [False, True]
    assert [may_ask(each, AskRule.JUSTICE) for each in (lead, fiscal, informed)] == [
        False,
        True,
        False,
    ]
