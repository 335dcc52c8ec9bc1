"""What each role may do with the family of a case; the level on the case narrows further."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "family.member.read": CASE_ROLES,
    "family.member.write": CASE_ROLES,
}
