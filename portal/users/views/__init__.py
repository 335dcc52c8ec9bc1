"""Pages of sign-in and of one's own settings."""

from portal.texts import _l
from portal.users.views import entering, holding, locking, own, restoring, starting
from portal.users.views.base import blueprint
from portal.web.render import MenuEntry

MENU = (
    MenuEntry(
        _l("Lost telephone"), "users.resets", "users.factor.reset", section="admin", weight=40
    ),
)

__all__ = ["MENU", "blueprint", "entering", "holding", "locking", "own", "restoring", "starting"]
