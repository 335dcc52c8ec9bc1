"""Words for histories and copies."""

from portal.copies.models import HistoryKind, HistoryState, Purpose
from portal.texts import _l

KIND = {
    HistoryKind.PDF: _l("PDF, to read and print"),
    HistoryKind.ZIP: _l("ZIP, with the data as JSON and the files"),
}
PURPOSE = {
    Purpose.STUDY: _l("To study the case and prepare a report"),
    Purpose.MEETING: _l("For a case conference or a session"),
    Purpose.HAND_OVER: _l("To hand the case over to who goes on with it"),
    Purpose.AUTHORITY: _l("For an authority that is competent"),
    Purpose.OTHER: _l("Another purpose"),
}
STATE = {
    HistoryState.WAITING: _l("Being made"),
    HistoryState.READY: _l("Ready"),
    HistoryState.FAILED: _l("Not made"),
    HistoryState.GONE: _l("Fetched or run out"),
}
PROBLEM = {
    "access": _l("The case, or what was asked of it, is no longer open to you."),
    "large": _l(
        "Its files are larger than one copy may be. Ask for the PDF, or fetch them singly."
    ),
    "missing": _l("A file that belongs to it is gone or damaged: tell who keeps the portal."),
}
