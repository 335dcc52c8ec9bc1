"""What each role may do about privacy; the officer's own institution narrows further."""

from portal.actor import CASE_ROLES, Role

OFFICER = frozenset({Role.PRIVACY_OFFICER})

PERMISSIONS: dict[str, frozenset[Role]] = {
    "privacy.desk.read": OFFICER,
    "privacy.alert.review": OFFICER,
    "privacy.look.read": OFFICER,
    "privacy.incident.manage": OFFICER,
    "privacy.incident.read": OFFICER | {Role.COORDINATOR},
    "privacy.request.read": OFFICER | {Role.COORDINATOR},
    "privacy.request.register": frozenset({Role.COORDINATOR}),
    "privacy.request.decide": frozenset({Role.COORDINATOR}),
    "privacy.order.read": OFFICER | CASE_ROLES,
    "privacy.order.register": CASE_ROLES,
    "privacy.order.decide": frozenset({Role.COORDINATOR}),
    "privacy.export.make": CASE_ROLES,
    "privacy.incident.tell": frozenset({Role.COORDINATOR}),
}
