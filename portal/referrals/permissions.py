"""What each role may do with referrals; which agency sent or receives it narrows further."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "referrals.referral.send": CASE_ROLES,
    "referrals.referral.read": CASE_ROLES,
    "referrals.referral.answer": CASE_ROLES,
}
