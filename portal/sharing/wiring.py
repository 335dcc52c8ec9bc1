"""The work that goes on beside the pages: ends that are written down, refusals that are told."""

from datetime import timedelta

from portal import events
from portal.sharing.emergency import TELL, end_expired, tell_refused

EVERY = timedelta(minutes=1)


def register() -> None:
    """Register the job that tells of refused look-ups, and the end of what has run out."""
    events.job(TELL, tell_refused)
    events.periodic("sharing.end_expired", EVERY, end_expired)
