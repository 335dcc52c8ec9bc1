"""Words for records, rules and erasures, and for the tables that a plan names."""

from collections.abc import Mapping
from typing import Any

from portal.retention.models import CountedFrom, ErasureStatus, Ground, ItemStatus, RecordKind
from portal.texts import _l

RECORD = {
    RecordKind.CASE: _l("Case"),
    RecordKind.ALERT: _l("Alert without a case"),
    RecordKind.ACCOUNT: _l("Account of somebody who left"),
    RecordKind.CHILD: _l("One child of a case of several"),
}
# A rule ends a case as a whole: one child alone goes by a granted cancellation only.
RULED = {kind: words for kind, words in RECORD.items() if kind is not RecordKind.CHILD}
COUNTED = {
    CountedFrom.CLOSING: _l("From the closing, or from the day on which the person left"),
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
    "portal_alert_list_row": _l("Rows of lists: emptied"),
    "portal_referral": _l("What referrals asked and answered: emptied"),
    "portal_commitment": _l("What commitments said: emptied"),
    "portal_document": _l("Documents: deleted"),
    "portal_document_version": _l("Files of documents: unreadable, and removed from the disk"),
    "portal_upload": _l("Files being sent: deleted"),
    "portal_meeting_item": _l("Notes of council sessions: emptied"),
    "portal_meeting_brief": _l("Briefs for council sessions: emptied"),
    "portal_notice": _l("Notices: deleted"),
    "portal_draft": _l("Drafts: deleted"),
    "portal_form_key": _l("Marks of forms: deleted"),
    "portal_alert_child": _l("The child on the alerts: deleted"),
    "portal_referral_answer": _l("Answers to referrals: emptied"),
    "portal_referral_child": _l("The child on referrals for several: deleted"),
    "portal_scope_key": _l("Sealing keys: destroyed"),
    "portal_user": _l("Name and user name of the account: emptied"),
    "portal_sign_in": _l("Browsers of the sign-ins: emptied"),
    "portal_passkey": _l("Passkeys: deleted"),
    "portal_code_app": _l("App of one-time codes: deleted"),
    "portal_calendar_key": _l("Address of the calendar: deleted"),
    "portal_recovery_code": _l("Recovery codes: deleted"),
    "portal_first_code": _l("First codes: deleted"),
    "portal_pin": _l("PIN: deleted"),
    "portal_duty_shift": _l("Telephone on the duty roster: emptied"),
    "portal_membership": _l("Post that the person had: emptied"),
    "portal_handover": _l("Post that the person went to: emptied"),
    "portal_privacy_declaration": _l("What was declared of self and kin: deleted"),
    "portal_privacy_alert": _l("What was said of unusual readings: unreadable"),
    "portal_privacy_order": _l("Orders of authorities: emptied"),
    "portal_privacy_request": _l("Requests about own data: emptied"),
}
# What stays, and why, for each kind of record.
OF_CHILDREN = (
    _l("The trail of who read and did what: it holds identifiers only, and proves itself whole."),
    _l("Which institutions and people had access, with their dates."),
    _l("Agreements and actas of councils: public records that name no child."),
    _l("Counts: situation, district, days and states, without a person."),
)
STAYS = {
    RecordKind.CASE: OF_CHILDREN,
    RecordKind.ALERT: OF_CHILDREN,
    RecordKind.CHILD: (
        _l("The case with its summary, alerts, agreements and terms: it is of the other children."),
        _l(
            "Acts, referrals and what modules keep of several children, or without saying of whom. "
            "Whatever speaks of this child there is struck one by one before."
        ),
        *OF_CHILDREN[:2],
    ),
    RecordKind.ACCOUNT: (
        _l("The identifier of the account: what it did and read stays in the trail, unnamed."),
        _l("Which roles it held, on which cases, and who may not see which, with the dates."),
        _l("What it wrote on cases: it ends with each case."),
        _l("Signers, seats of councils, actas and votes: acts of public office, with their names."),
        _l("Incidents of the account: each is documented (DS 016-2024-JUS art. 35)."),
    ),
}


def choices(words: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """Return (value, label) pairs for a form."""
    return [(value.value, label) for value, label in words.items()]
