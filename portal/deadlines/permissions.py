"""Who keeps the calendars and decides how doubtful terms are read."""

from portal.actor import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "deadlines.calendar.manage": frozenset({Role.PLATFORM_ADMIN}),
}
