"""What each role may do with mandatory notices; only whoever leads the case gives them."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "duties.duty.read": CASE_ROLES,
    "duties.duty.give": CASE_ROLES,
}
