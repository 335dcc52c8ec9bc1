"""Words for how plans, activities, visits and reviews stand."""

from portal.plans.models import Decision, Outcome, Progress
from portal.plans.rules import Mark
from portal.texts import _l

PROGRESS = {
    Progress.PENDING: _l("To be done"),
    Progress.DONE: _l("Done"),
    Progress.NOT_DONE: _l("Not done"),
}
MARK = {
    Mark.SAME: "",
    Mark.ADDED: _l("Added"),
    Mark.CHANGED: _l("Changed"),
    Mark.DROPPED: _l("Dropped"),
}
OUTCOME = {
    Outcome.GOALS_MET: _l("The objectives were met"),
    Outcome.RETURNED: _l("The child returned to the family"),
    Outcome.OTHER_REGIME: _l("Another procedure was opened"),
    Outcome.OF_AGE: _l("The person turned 18"),
    Outcome.TERM_OVER: _l("Its term ended: the judicial declaration is promoted"),
    Outcome.OTHER: _l("Another reason"),
}
DECISION = {
    Decision.KEEP: _l("The plan goes on as it is"),
    Decision.CHANGE: _l("The plan must change"),
    Decision.END: _l("The plan must end"),
}
