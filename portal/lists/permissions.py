"""What each role may do with lists of children."""

from portal.actor import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "lists.list.send": frozenset({Role.COORDINATOR, Role.CASEWORKER}),
    "lists.basis.read": frozenset({Role.COORDINATOR, Role.CASEWORKER, Role.PRIVACY_OFFICER}),
    "lists.basis.enter": frozenset({Role.PRIVACY_OFFICER}),
}
