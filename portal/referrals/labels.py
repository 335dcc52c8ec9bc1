"""Words for the states of a referral and the fields of identity."""

from portal.referrals.models import Outcome, ReferralStatus, ReturnReason
from portal.referrals.rules import IdentityField
from portal.texts import _l

STATUS = {
    ReferralStatus.DRAFT: _l("Draft"),
    ReferralStatus.SENT: _l("Sent, waiting for acceptance"),
    ReferralStatus.ACCEPTED: _l("Accepted, waiting for the answer"),
    ReferralStatus.ANSWERED: _l("Answered"),
    ReferralStatus.CLOSED: _l("Answered and closed"),
    ReferralStatus.RETURNED: _l("Returned with a reason"),
    ReferralStatus.WITHDRAWN: _l("Withdrawn"),
}
REASON = {
    ReturnReason.NOT_COMPETENT: _l("It does not belong to us"),
    ReturnReason.OUTSIDE_AREA: _l("It lies outside our territory"),
    ReturnReason.NO_CAPACITY: _l("We cannot attend to it now"),
    ReturnReason.MISSING_DATA: _l("Data are missing"),
    ReturnReason.NOT_FOUND: _l("We could not find the girl, boy or adolescent"),
    ReturnReason.ALREADY_ATTENDED: _l("It was attended to before"),
}
OUTCOME = {
    Outcome.APPOINTMENT: _l("Appointment given"),
    Outcome.ATTENDED: _l("Attended"),
    Outcome.NOT_COME: _l("Did not come"),
}
FIELD = {
    IdentityField.NAMES: _l("Full name"),
    IdentityField.BIRTH: _l("Birth date or age"),
    IdentityField.SEX: _l("Sex"),
    IdentityField.DOCUMENT: _l("Identity document"),
    IdentityField.LANGUAGE: _l("Language"),
    IdentityField.DISTRICT: _l("District"),
    IdentityField.PARENTS: _l("Mother and father"),
    IdentityField.CAREGIVER: _l("Who takes care of them"),
}
