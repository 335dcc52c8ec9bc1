"""The work of the home page that nobody asks for by hand: the digest of the day."""

from datetime import timedelta

from sqlmodel import Session

from portal import events
from portal.home.digest import JOB, gather, plan_day

EVERY = timedelta(minutes=10)


def _plan(session: Session) -> None:
    plan_day(session)


def register() -> None:
    """Plan the digests of the day in the morning; each is gathered behind all other work."""
    events.periodic("home.plan_day", EVERY, _plan)
    events.job(JOB, gather, waits=True)
