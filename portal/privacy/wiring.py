"""The periodic work of privacy: the watch over the trail."""

from datetime import timedelta

from flask import current_app, has_app_context
from sqlmodel import Session

from portal import events
from portal.privacy.watch import watch

EVERY = timedelta(minutes=1)
MOST_AN_HOUR = 20


def _watch(session: Session) -> None:
    watch(session, most_an_hour=_most())


def _most() -> int:
    """Return how many files an hour are usual: a setting of the instance."""
    if has_app_context():
        return int(current_app.extensions["portal"].settings.files_an_hour)
    return MOST_AN_HOUR


def register() -> None:
    """Look at the trail every minute."""
    events.periodic("privacy.watch", EVERY, _watch)
