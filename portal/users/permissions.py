"""What each role may do with accounts."""

from portal.actor import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "users.user.manage": frozenset({Role.AGENCY_ADMIN, Role.PLATFORM_ADMIN}),
    "users.device.manage": frozenset({Role.AGENCY_ADMIN}),
    "users.factor.reset": frozenset({Role.AGENCY_ADMIN, Role.COORDINATOR, Role.PLATFORM_ADMIN}),
}
