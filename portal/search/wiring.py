"""What goes on beside the pages: searches that nobody kept are forgotten."""

from datetime import timedelta

from portal import events
from portal.search.services import forget_old

EVERY = timedelta(hours=1)


def register() -> None:
    """Forget old searches every hour."""
    events.periodic("search.forget", EVERY, forget_old)
