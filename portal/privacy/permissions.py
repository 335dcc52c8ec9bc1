"""What each role may do about privacy; the officer's own institution narrows further."""

from portal.actor import Role

OFFICER = frozenset({Role.PRIVACY_OFFICER})

PERMISSIONS: dict[str, frozenset[Role]] = {
    "privacy.desk.read": OFFICER,
    "privacy.alert.review": OFFICER,
    "privacy.look.read": OFFICER,
    "privacy.incident.manage": OFFICER,
    "privacy.incident.read": OFFICER | {Role.COORDINATOR},
    "privacy.incident.tell": frozenset({Role.COORDINATOR}),
}
