"""Words for what an assessment finds and rests on, and the stages it leads to."""

from portal.sdk import _l, msgid
from portal_procedure.models import AssessmentLevel, Ground

LEVEL = {
    AssessmentLevel.NO_RISK: _l("Neither risk nor unprotection"),
    AssessmentLevel.RISK: _l("Risk of unprotection"),
    AssessmentLevel.UNPROTECTION: _l("Unprotection"),
}
GROUND = {
    Ground.PHYSICAL_VIOLENCE: _l("Physical violence"),
    Ground.PSYCHOLOGICAL_VIOLENCE: _l("Psychological violence"),
    Ground.SEXUAL_VIOLENCE: _l("Sexual violence"),
    Ground.NEGLECT: _l("Neglect"),
    Ground.ABANDONMENT: _l("Abandonment"),
    Ground.STREET_LIFE: _l("Life in the street or begging"),
    Ground.EXPLOITATION: _l("Exploitation or trafficking"),
    Ground.PARENTS_UNABLE: _l("Parents unable to care for them, for a time or for good"),
    Ground.POVERTY: _l("Poverty"),
    Ground.DISABILITY: _l("Disability of the child or of the family"),
}
BEGUN = msgid("Preliminary assessment under way")
STAGE = {
    AssessmentLevel.NO_RISK: msgid("Archived after the preliminary assessment"),
    AssessmentLevel.RISK: msgid("Risk procedure: evaluation"),
    AssessmentLevel.UNPROTECTION: msgid("Unprotection procedure: evaluation"),
}
