"""The periodic work of alerts: what nobody opened goes further."""

from datetime import timedelta

from flask import current_app, has_app_context
from sqlmodel import Session

from portal import events
from portal.alerts.services import escalate_alerts

EVERY = timedelta(minutes=1)
UNOPENED = timedelta(minutes=15)


def _escalate(session: Session) -> None:
    escalate_alerts(session, after=_patience())


def _patience() -> timedelta:
    """Return how long an alert may stay unopened: a setting of the instance."""
    if has_app_context():
        minutes = current_app.extensions["portal"].settings.alert_unopened_minutes
        return timedelta(minutes=minutes)
    return UNOPENED


def register() -> None:
    """Look for unopened alerts every minute."""
    events.periodic("alerts.escalate", EVERY, _escalate)
