"""Words for interviews and for who may ask for their reports."""

from portal.interviews.models import AskRule, InterviewKind
from portal.texts import _l

KIND = {
    InterviewKind.SINGLE: _l("Single interview (Gesell room)"),
    InterviewKind.PSYCHOLOGICAL: _l("Psychological interview"),
    InterviewKind.SOCIAL: _l("Social interview"),
    InterviewKind.OPINION: _l("The child's opinion was heard"),
    InterviewKind.HEALTH: _l("Interview at a health facility"),
    InterviewKind.SCHOOL: _l("Interview at school"),
    InterviewKind.OTHER: _l("Another interview"),
}
MAY_ASK = {
    AskRule.TEAM: _l("Any institution that intervenes"),
    AskRule.LEAD: _l("Only the institution in charge"),
    AskRule.JUSTICE: _l("Only the prosecutor and the judge"),
}
