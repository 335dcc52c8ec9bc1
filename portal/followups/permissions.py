"""What each role may do with the follow-up after a return; only the institution in charge does."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "followups.followup.read": CASE_ROLES,
    "followups.visit.record": CASE_ROLES,
    "followups.followup.end": frozenset({Role.COORDINATOR}),
}
