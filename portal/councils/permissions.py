"""What each role may do in councils; the office of the agency's seat narrows further."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "councils.council.read": CASE_ROLES | {Role.PLATFORM_ADMIN},
    "councils.council.manage": frozenset({Role.PLATFORM_ADMIN}),
    "councils.seat.name": frozenset({Role.COORDINATOR}),
    "councils.meeting.read": CASE_ROLES,
    "councils.meeting.run": CASE_ROLES,
    "councils.brief.write": CASE_ROLES,
    "councils.brief.approve": frozenset({Role.COORDINATOR}),
    "councils.agreement.answer": CASE_ROLES,
}
