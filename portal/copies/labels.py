"""Words for histories and copies."""

from portal.copies.models import (
    Choice,
    CopyState,
    HistoryKind,
    HistoryState,
    PieceKind,
    Purpose,
)
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
    "broken": _l("It could not be made: tell who keeps the portal its number."),
}
COPY_STATE = {
    CopyState.DRAFT: _l("Being put together"),
    CopyState.WAITING: _l("Being formed"),
    CopyState.FORMED: _l("Formed"),
}
PIECE = {
    PieceKind.ENTRY: _l("Act of the timeline"),
    PieceKind.DOCUMENT: _l("Document"),
    PieceKind.LETTER: _l("Official letter"),
    PieceKind.ANSWER: _l("Answer to a referral"),
}
CHOICE = {
    Choice.INCLUDED: _l("Goes in"),
    Choice.WITHHELD: _l("Withheld by resolution"),
    Choice.RESTRICTED: _l("Restricted access"),
}
NORM = {
    Choice.WITHHELD: "DS 001-2018-MIMP art. 40",
    Choice.RESTRICTED: "DL 1297 art. 5.i; DS 001-2018-MIMP art. 40",
}
COPY_PROBLEM = {
    "access": _l("The case is no longer open to who asked for the copy."),
    "gone": _l("A piece disappeared or was changed meanwhile: choose the pieces again."),
    "missing": _l("The file of a piece is gone or damaged: take it out, or file it again."),
    "large": _l("The pieces are larger than one copy may be: form two copies."),
    "nothing": _l("No piece goes in: choose at least one."),
    "broken": _l("The copy could not be put together: take out the document named, and try again."),
}
