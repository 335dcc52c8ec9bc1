"""What each role may do with the register of interviews; the level on the case narrows further."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "interviews.interview.read": CASE_ROLES,
    "interviews.interview.record": CASE_ROLES,
}
