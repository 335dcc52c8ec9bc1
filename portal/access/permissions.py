"""What each role may do with the duty roster and memberships."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "access.roster.read": CASE_ROLES | {Role.AGENCY_ADMIN, Role.CARER},
    "access.roster.edit": frozenset({Role.COORDINATOR, Role.AGENCY_ADMIN}),
}
