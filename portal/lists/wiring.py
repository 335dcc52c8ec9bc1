"""The work of lists that is done beside the pages."""

from datetime import timedelta

from sqlmodel import Session

from portal import events
from portal.lists.services import READ_JOB, SEND_JOB, forget_lists, read_list, send_list

EVERY = timedelta(hours=1)


def _forget(session: Session) -> None:
    forget_lists(session)


def register() -> None:
    """Read and send lists as jobs; look hourly for what may be forgotten."""
    events.job(READ_JOB, read_list)
    events.job(SEND_JOB, send_list)
    events.periodic("lists.forget", EVERY, _forget)
