"""Words for lists and their rows."""

from portal.lists.models import ListKind, ListState, RowState
from portal.texts import _l

KIND = {
    ListKind.PRISONERS: _l("Children of people in prison"),
    ListKind.STUDENTS: _l("Pupils who left school"),
    ListKind.ORPHANS: _l("Children who lost mother or father"),
}
STATE = {
    ListState.READING: _l("Being read"),
    ListState.CHECKED: _l("Waits for your decision"),
    ListState.SENDING: _l("Being sent"),
    ListState.DONE: _l("Sent"),
    ListState.CANCELLED: _l("Cancelled, nothing was sent"),
    ListState.UNREADABLE: _l("Could not be read"),
}
ROW = {
    RowState.READY: _l("Will be sent"),
    RowState.DOUBLE: _l("Looks like somebody known"),
    RowState.WRONG: _l("Wrong"),
    RowState.SENT: _l("Sent as an alert"),
    RowState.SKIPPED: _l("Left out"),
}
