"""What each role may do with the modules; an agency's administrator only with its own agency's."""

from portal.actor import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "host.plugin.read": frozenset({Role.PLATFORM_ADMIN, Role.AGENCY_ADMIN}),
    "host.plugin.admit": frozenset({Role.PLATFORM_ADMIN}),
    "host.plugin.switch": frozenset({Role.PLATFORM_ADMIN, Role.AGENCY_ADMIN}),
}
