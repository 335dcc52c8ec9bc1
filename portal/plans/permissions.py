"""What each role may do with plans; the level on the case narrows further."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "plans.plan.read": CASE_ROLES,
    "plans.plan.write": CASE_ROLES,
    "plans.plan.approve": frozenset({Role.COORDINATOR}),
}
