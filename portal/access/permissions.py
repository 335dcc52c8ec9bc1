"""What each role may do with people, hand-overs and the duty roster."""

from portal.actor import CASE_ROLES, Role

ADMINISTRATORS = frozenset({Role.AGENCY_ADMIN, Role.PLATFORM_ADMIN})

PERMISSIONS: dict[str, frozenset[Role]] = {
    "access.roster.read": CASE_ROLES | {Role.AGENCY_ADMIN, Role.CARER},
    "access.roster.edit": frozenset({Role.COORDINATOR, Role.AGENCY_ADMIN}),
    "access.person.manage": ADMINISTRATORS,
    "access.handover.make": ADMINISTRATORS | {Role.COORDINATOR},
    "access.signer.manage": frozenset({Role.AGENCY_ADMIN}),
    "access.review.read": ADMINISTRATORS | {Role.PRIVACY_OFFICER, Role.AUDITOR},
    "access.review.decide": ADMINISTRATORS,
    "access.review.confirm": frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR, Role.PLATFORM_ADMIN}),
}
