"""Who keeps the rules of retention, holds records back, and erases them: never one person alone."""

from portal.actor import Role

OFFICERS = frozenset({Role.PLATFORM_ADMIN, Role.PRIVACY_OFFICER})

PERMISSIONS: dict[str, frozenset[Role]] = {
    "retention.rule.manage": frozenset({Role.PLATFORM_ADMIN}),
    "retention.record.read": OFFICERS,
    "retention.hold.manage": OFFICERS,
    "retention.erasure.propose": OFFICERS,
    "retention.erasure.decide": OFFICERS,
}
