"""Pages of sign-in and of one's own settings."""

from portal.users.views import entering, holding, own, starting
from portal.users.views.base import blueprint

__all__ = ["blueprint", "entering", "holding", "own", "starting"]
