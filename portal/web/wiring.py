"""The periodic work of forms: what was typed and never sent is forgotten after its days."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock, events
from portal.web.models import Draft, FormKey
from portal.web.request import settings

EVERY = timedelta(hours=1)
KEYS_KEPT = timedelta(days=2)


def _forget(session: Session) -> None:
    """Delete drafts past the instance's days, and marks of forms that nobody sends again."""
    now = clock.now()
    oldest = now - timedelta(days=settings().draft_days)
    session.execute(sa.delete(Draft).where(col(Draft.saved_at) < oldest))
    session.execute(sa.delete(FormKey).where(col(FormKey.at) < now - KEYS_KEPT))


def register() -> None:
    """Look every hour for what may be forgotten."""
    events.periodic("web.forget", EVERY, _forget)
