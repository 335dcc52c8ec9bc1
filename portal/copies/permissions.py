"""What each role may take out of the portal; the level on the case narrows further."""

from portal.actor import Role

WORKERS = frozenset({Role.COORDINATOR, Role.CASEWORKER})

PERMISSIONS: dict[str, frozenset[Role]] = {
    "copies.copy.form": WORKERS,
    "copies.history.make": WORKERS,
}
