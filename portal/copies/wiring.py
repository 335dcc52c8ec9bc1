"""The work of copies that nobody asks for by hand: they are made by the worker, and run out."""

from datetime import timedelta

from flask import current_app, has_app_context
from sqlmodel import Session

from portal import events
from portal.copies.histories import JOB, expire_histories, make_history

EVERY = timedelta(minutes=1)


def _expire(session: Session) -> None:
    store = current_app.extensions["portal"].files if has_app_context() else None
    expire_histories(session, store)


def register() -> None:
    """Make histories after all other work; let go of those that nobody fetched."""
    events.job(JOB, make_history, waits=True)
    events.periodic("copies.expire", EVERY, _expire)
