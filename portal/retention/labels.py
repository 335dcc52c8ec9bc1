"""Words for records, rules and erasures, and for the tables that a plan names."""

from collections.abc import Mapping
from typing import Any

from portal.retention.models import CountedFrom, ErasureStatus, Ground, ItemStatus, RecordKind
from portal.texts import _l

RECORD = {RecordKind.CASE: _l("Case"), RecordKind.ALERT: _l("Alert without a case")}
COUNTED = {
    CountedFrom.CLOSING: _l("From the closing"),
    CountedFrom.MAJORITY: _l("From when the youngest child comes of age"),
}
GROUND = {
    Ground.RULE: _l("Its term has passed"),
    Ground.CANCELLATION: _l("A cancellation was granted"),
}
STATUS = {
    ErasureStatus.PROPOSED: _l("Waits for the second person"),
    ErasureStatus.APPROVED: _l("Approved"),
    ErasureStatus.REFUSED: _l("Refused"),
    ErasureStatus.WITHDRAWN: _l("Withdrawn"),
}
ITEM = {
    ItemStatus.PLANNED: _l("To be erased"),
    ItemStatus.ERASED: _l("Erased"),
    ItemStatus.KEPT: _l("Kept"),
}
# What a plan says in place of the name of a table; what is not here is told by its module's name.
TABLE = {
    "portal_person": _l("Identity of children: emptied"),
    "portal_case": _l("Code, summary and outcome of the case: emptied"),
    "portal_case_child": _l("Whereabouts: emptied"),
    "portal_case_right": _l("Next steps and evidence of rights: emptied"),
    "portal_case_entry": _l("Acts of the timeline: emptied"),
    "portal_case_term": _l("Reasons for delays of terms: emptied"),
    "portal_case_bar": _l("Reasons of who may not see it: unreadable"),
    "portal_case_entry_reader": _l("Reasons of named readers: unreadable"),
    "portal_alert": _l("What alerts told: emptied"),
    "portal_alert_reporter": _l("Who told it: emptied"),
    "portal_referral": _l("What referrals asked and answered: emptied"),
    "portal_commitment": _l("What commitments said: emptied"),
    "portal_meeting_item": _l("Notes of council sessions: emptied"),
    "portal_meeting_brief": _l("Briefs for council sessions: emptied"),
    "portal_notice": _l("Notices: deleted"),
    "portal_draft": _l("Drafts: deleted"),
    "portal_form_key": _l("Marks of forms: deleted"),
    "portal_scope_key": _l("Sealing keys: destroyed"),
}
# What stays, and why; the same for every record.
STAYS = (
    _l("The trail of who read and did what: it holds identifiers only, and proves itself whole."),
    _l("Which institutions and people had access, with their dates."),
    _l("Agreements and actas of councils: public records that name no child."),
    _l("Counts: situation, district, days and states, without a person."),
)


def choices(words: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """Return (value, label) pairs for a form."""
    return [(value.value, label) for value, label in words.items()]
