"""The work that calendars need by themselves."""

from datetime import timedelta

from sqlmodel import Session

from portal.actor import system_actor
from portal.deadlines.services import extend_holidays
from portal.events import periodic


def register() -> None:
    """Keep the national holidays of the coming years entered."""
    periodic("deadlines.extend_holidays", timedelta(days=7), _extend)


def _extend(session: Session) -> None:
    extend_holidays(session, system_actor())
