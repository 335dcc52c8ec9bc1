"""The work of copies that nobody asks for by hand: they are made by the worker, and run out."""

from datetime import timedelta

import sqlalchemy as sa
from flask import current_app, has_app_context
from sqlmodel import Session, col

from portal import events
from portal.actor import Actor
from portal.copies.court import FORM_JOB, visible_copies
from portal.copies.forming import form_copy
from portal.copies.histories import JOB, expire_histories, make_history
from portal.copies.models import COURT_COPY, CourtCopy
from portal.documents import pieces
from portal.documents.models import Document
from portal.texts import _l

EVERY = timedelta(minutes=1)


def _expire(session: Session) -> None:
    store = current_app.extensions["portal"].files if has_app_context() else None
    expire_histories(session, store)


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    mine = col(CourtCopy.id) == col(Document.piece_id)
    return sa.exists().where(mine, visible_copies(actor)).correlate(Document)


def register() -> None:
    """Make histories and copies after all other work; let go of histories that nobody fetched."""
    pieces.register(
        COURT_COPY, _seen, label=_l("Copy of the file"), pages="/copies", is_frozen=True
    )
    events.job(JOB, make_history, waits=True)
    events.job(FORM_JOB, form_copy, waits=True)
    events.periodic("copies.expire", EVERY, _expire)
