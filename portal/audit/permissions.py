"""Who may read the trail: who, when, what kind; never what a case says."""

from portal.actor import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "audit.trail.read": frozenset({Role.AUDITOR}),
}
