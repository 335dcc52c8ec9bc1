"""What goes on beside the pages: ends that are written down, what is told before and after."""

from datetime import timedelta

from flask import current_app, has_app_context
from sqlmodel import Session

from portal import events
from portal.sharing import transfers
from portal.sharing.emergency import TELL, end_expired, tell_refused
from portal.sharing.parties import warn_of_ends

EVERY = timedelta(minutes=1)
HOURLY = timedelta(hours=1)
WARNED = 7


def _warn(session: Session) -> None:
    days = WARNED
    if has_app_context():
        days = current_app.extensions["portal"].settings.party_warning_days
    warn_of_ends(session, timedelta(days=days))


def register() -> None:
    """Register the job that tells of refused look-ups, and the periodic looks at what ends."""
    events.job(TELL, tell_refused)
    events.periodic("sharing.end_expired", EVERY, end_expired)
    events.periodic("sharing.warn_of_ends", HOURLY, _warn)
    transfers.register()
