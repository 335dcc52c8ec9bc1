"""Pages of sign-in and of one's own settings."""

from portal.texts import _l
from portal.users.views import desks, entering, holding, locking, own, restoring, starting
from portal.users.views.base import blueprint
from portal.web.render import MenuEntry

MENU = (
    MenuEntry(_l("Shared desks"), "users.desks", "users.device.manage", section="admin", weight=41),
    MenuEntry(
        _l("Lost telephone"), "users.resets", "users.factor.reset", section="admin", weight=40
    ),
)

__all__ = [
    "MENU",
    "blueprint",
    "desks",
    "entering",
    "holding",
    "locking",
    "own",
    "restoring",
    "starting",
]
