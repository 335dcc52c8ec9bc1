"""Who sees what waits for institutions without anybody, and who carries how much."""

from portal.actor import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "home.unattended.read": frozenset({Role.COORDINATOR}),
    "home.load.read": frozenset({Role.COORDINATOR}),
}
