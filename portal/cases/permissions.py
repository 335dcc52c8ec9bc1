"""What each role may do with cases; the level on the case narrows further."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "cases.case.read": CASE_ROLES,
    "cases.case.edit": CASE_ROLES,
    "cases.case.close": frozenset({Role.COORDINATOR}),
    "cases.case.assign": frozenset({Role.COORDINATOR}),
    "cases.entry.write": CASE_ROLES,
    "cases.party.manage": frozenset({Role.COORDINATOR, Role.DUTY_OFFICER, Role.CASEWORKER}),
    "cases.right.set": CASE_ROLES,
    "cases.term.meet": CASE_ROLES,
}
