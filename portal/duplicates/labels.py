"""Words for how a proposal stands."""

from portal.duplicates.models import Answer, Basis, MatchState
from portal.texts import _l

BASIS = {
    Basis.DOCUMENT: _l("The same document number."),
    Basis.NAME: _l("A like name, an age that fits and the same district."),
    Basis.TOLD: _l("Somebody who sees both says so."),
}
ANSWER = {
    Answer.LINK: _l("The same child: link the cases"),
    Answer.MERGE: _l("The same child: merge the cases"),
    Answer.DIFFERENT: _l("Not the same child"),
}
# What is said of an adult who takes care of children in two records.
OF_CARER = {
    Answer.LINK: _l("The same person: link the cases"),
    Answer.DIFFERENT: _l("Not the same person"),
}
STATE = {
    MatchState.OPEN: _l("Waits for both institutions"),
    MatchState.LINKED: _l("Linked"),
    MatchState.MERGED: _l("Merged"),
    MatchState.DIFFERENT: _l("Not the same child"),
}
