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
    """Forget uploads that nobody took, and remove the files that no row keeps."""
    if not has_app_context():
        return
    store: FileStore = current_app.extensions["portal"].files
    session.execute(sa.delete(Upload).where(col(Upload.at) < clock.now() - UPLOAD_KEPT))
    session.flush()
    sweep(session, store)


def sweep(session: Session, store: FileStore) -> int:
    """Remove the files that no row keeps and that are not new; return how many."""
    oldest = (datetime.now(UTC) - LOOSE_KEPT).timestamp()
    # The names on disk first: what is kept meanwhile is then among the rows.
    loose = [name for name, written in store.names() if written < oldest]
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
