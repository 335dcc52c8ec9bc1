"""Who sees what waits for institutions without anybody in charge."""

from portal.actor import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "home.unattended.read": frozenset({Role.COORDINATOR}),
}
