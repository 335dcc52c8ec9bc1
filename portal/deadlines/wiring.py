"""The terms that modules bring, and the work that calendars need by themselves."""

from datetime import timedelta

from sqlmodel import Session

from portal import host
from portal.actor import system_actor
from portal.deadlines import rules
from portal.deadlines.rules import DeadlineRule
from portal.deadlines.services import extend_holidays
from portal.events import periodic


def register() -> None:
    """Enter the loaded modules' terms; keep the national holidays of the coming years entered."""
    brought = host.current().deadline_rules()
    rules.register(*[rule for rule in brought if isinstance(rule, DeadlineRule)])
    periodic("deadlines.extend_holidays", timedelta(days=7), _extend)


def _extend(session: Session) -> None:
    extend_holidays(session, system_actor())
