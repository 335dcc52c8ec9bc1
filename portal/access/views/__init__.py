"""Pages of people, hand-overs of a post and the duty roster."""

from portal.access.views import acting, handovers, people, reviews, roster, signers
from portal.access.views.blueprint import MENU, blueprint

__all__ = ["MENU", "acting", "blueprint", "handovers", "people", "reviews", "roster", "signers"]
