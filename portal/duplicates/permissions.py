"""Who answers for a case or alert that may be known twice."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "duplicates.match.read": CASE_ROLES,
    "duplicates.match.answer": frozenset({Role.COORDINATOR, Role.DUTY_OFFICER}),
}
