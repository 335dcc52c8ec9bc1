"""Words for the follow-up after a return and its visits."""

from portal.followups.models import Finding, FollowUpEnd
from portal.texts import _l, msgid

FINDING = {
    Finding.WELL: _l("The child is well"),
    Finding.DIFFICULTIES: _l("Difficulties without risk: the family is supported"),
    Finding.RISK: _l("Risk: the case is to be reopened"),
    Finding.ABSENT: _l("Nobody was found"),
}
# What the timeline says of a visit.
TITLE = {
    Finding.WELL: msgid("Follow-up visit after the return: the child is well"),
    Finding.DIFFICULTIES: msgid("Follow-up visit after the return: difficulties without risk"),
    Finding.RISK: msgid("Follow-up visit after the return: risk was found"),
    Finding.ABSENT: msgid("Follow-up visit after the return: nobody was found"),
}
END = {
    FollowUpEnd.COMPLETED: _l("Its time has passed"),
    FollowUpEnd.IMPOSSIBLE: _l("It cannot go on"),
    FollowUpEnd.REOPENED: _l("The case was reopened"),
}
END_TITLE = {
    FollowUpEnd.COMPLETED: msgid("Follow-up after the return ended: its time has passed"),
    FollowUpEnd.IMPOSSIBLE: msgid("Follow-up after the return ended: it cannot go on"),
}
