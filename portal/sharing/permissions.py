"""What each role may do about who sees a case; the level on the case narrows further."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "sharing.emergency.open": frozenset({Role.COORDINATOR, Role.DUTY_OFFICER}),
    "sharing.emergency.review": frozenset({Role.COORDINATOR, Role.PRIVACY_OFFICER}),
    "sharing.who.read": CASE_ROLES,
    "sharing.staff.open": frozenset({Role.AGENCY_ADMIN, Role.PLATFORM_ADMIN}),
    "sharing.staff.read": frozenset({Role.COORDINATOR, Role.PRIVACY_OFFICER}),
    "sharing.bar.manage": frozenset({Role.COORDINATOR}),
    "sharing.circle.move": CASE_ROLES,
    "sharing.lead.read": CASE_ROLES,
    "sharing.lead.decline": frozenset({Role.COORDINATOR}),
    "sharing.lead.answer": frozenset({Role.COORDINATOR, Role.DUTY_OFFICER}),
}
