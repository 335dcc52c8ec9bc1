"""Who keeps the agencies, their territory and their accreditations."""

from portal.actor import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "agencies.agency.manage": frozenset({Role.PLATFORM_ADMIN}),
}
