"""What each role may do with commitments; which agency owes or verifies narrows further."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "commitments.commitment.read": CASE_ROLES,
    "commitments.commitment.answer": CASE_ROLES,
    "commitments.commitment.propose": CASE_ROLES,
}
