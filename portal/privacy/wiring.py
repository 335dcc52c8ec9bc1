"""The work of privacy that nobody asks for by hand: the watch, copies, terms."""

from datetime import timedelta

from flask import current_app, has_app_context
from sqlmodel import Session

from portal import events
from portal.deadlines.events import CalendarChanged, RuleChanged
from portal.deadlines.moving import add_mover
from portal.privacy.answers import moves, recount
from portal.privacy.exports import JOB, draw_copy, expire_copies
from portal.privacy.watch import watch

EVERY = timedelta(minutes=1)
MOST_AN_HOUR = 20
MOST_COPIES = 5


def _watch(session: Session) -> None:
    watch(
        session,
        most_an_hour=_usual("files_an_hour", MOST_AN_HOUR),
        most_copies=_usual("histories_a_day", MOST_COPIES),
    )


def _usual(name: str, otherwise: int) -> int:
    """Return how much is usual: a setting of the instance."""
    if has_app_context():
        return int(getattr(current_app.extensions["portal"].settings, name))
    return otherwise


def _expire(session: Session) -> None:
    expire_copies(session)


def _recount(session: Session, _event: CalendarChanged | RuleChanged) -> None:
    recount(session)


def register() -> None:
    """Look at the trail and at copies every minute; draw copies; follow the calendar."""
    events.periodic("privacy.watch", EVERY, _watch)
    events.periodic("privacy.expire_copies", EVERY, _expire)
    events.job(JOB, draw_copy)
    add_mover("privacy", moves)
    events.subscribe(CalendarChanged, _recount, name="privacy.recount")
    events.subscribe(RuleChanged, _recount, name="privacy.recount_rule")
