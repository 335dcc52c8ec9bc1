"""What each role may do with alerts; who is competent narrows further."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "alerts.alert.send": CASE_ROLES,
    "alerts.alert.read": CASE_ROLES,
    "alerts.alert.attend": frozenset({Role.COORDINATOR, Role.DUTY_OFFICER}),
}
