"""What each role may do with codes of official systems; the level on the case narrows further."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "registries.code.read": CASE_ROLES,
    "registries.code.write": CASE_ROLES,
}
