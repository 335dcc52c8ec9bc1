"""The periodic work of documents: what nobody keeps leaves the disk."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import current_app, has_app_context
from sqlmodel import Session, col

from portal import clock, events
from portal.db.files import FileStore
from portal.documents.models import Upload
from portal.documents.queries import kept_files
from portal.documents.services import UPLOAD_KEPT

EVERY = timedelta(hours=1)
# A file is there before its row: one that has none yet may be of an act that is under way.
LOOSE_KEPT = timedelta(days=1)


def _sweep(session: Session) -> None:
    if not has_app_context():
        return
    sweep(session, current_app.extensions["portal"].files)


def sweep(session: Session, store: FileStore) -> int:
    """Forget uploads that nobody took; remove files, not new, that no row keeps: how many.

    The disk is looked through before anything is written: who writes meanwhile need not wait, and
    what is kept meanwhile is among the rows.
    """
    oldest = (datetime.now(UTC) - LOOSE_KEPT).timestamp()
    loose = [name for name, written in store.names() if written < oldest]
    session.execute(sa.delete(Upload).where(col(Upload.at) < clock.now() - UPLOAD_KEPT))
    session.flush()
    if not loose:
        return 0
    kept = kept_files(session)
    gone = [name for name in loose if name not in kept]
    for name in gone:
        store.remove(name)
    return len(gone)


def register() -> None:
    """Look every hour."""
    events.periodic("documents.sweep", EVERY, _sweep)
