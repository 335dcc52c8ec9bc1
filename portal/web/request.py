"""The life of one request: its sessions, its actor, and how it ends.

Reading sessions serve the guard and the page. A service's first call opens the one writing session;
it is committed for an unsafe method that ended below 400, else rolled back. What was read is
recorded before the page is sent: no record, no page.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, has_request_context, request
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.db import Database, ReadingSession, WritingSession
from portal.db.files import FileStore
from portal.errors import Unavailable
from portal.settings import Settings
from portal.web.models import FormKey

log = logging.getLogger(__name__)

T = TypeVar("T")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODY = Actor(user_id=None)


@dataclass(slots=True)
class Portal:
    """What one application is made of, kept where every request finds it."""

    settings: Settings
    db: Database
    files: FileStore
    permissions: dict[str, frozenset[Any]] = field(default_factory=dict)
    demo_accounts: tuple[Any, ...] = ()


def portal() -> Portal:
    """Return the application's parts."""
    return cast("Portal", current_app.extensions["portal"])


def settings() -> Settings:
    """Return the settings of the instance."""
    return portal().settings


def session() -> ReadingSession:
    """Return the request's reading session."""
    if "reader" not in g:
        g.reader = portal().db.reader()
    return cast("ReadingSession", g.reader)


def writing() -> WritingSession:
    """Return the request's one writing session, opened at its first use.

    Raises AlreadyDone where the very form of this request was accepted before.
    """
    if "writer" not in g:
        g.writer = portal().db.writing_session()
        _claim(g.writer)
    return cast("WritingSession", g.writer)


class AlreadyDone(Exception):
    """The same form was accepted before; the answer is where the first one went."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def form_key() -> tuple[UUID, str] | None:
    """Return whose form was sent and its key at this address; None where it carries none.

    The address is part of the key: the forms of one page may share what they carry.
    """
    carried, user_id = request.form.get("_key", ""), actor().user_id
    if request.method in SAFE or not carried or user_id is None:
        return None
    return user_id, hashlib.sha256(f"{request.path}\n{carried}".encode()).hexdigest()[:40]


def done_before(reader: Session) -> str:
    """Return where the very form of this request led when it was accepted; empty if it was not."""
    key = form_key()
    found = reader.get(FormKey, key) if key else None
    return found.location if found else ""


def _claim(writer: WritingSession) -> None:
    """Take the form's key in the transaction of the act; the second taker is told where to go."""
    key = form_key()
    if key is None:
        return
    insert: Any = sa.insert(FormKey)
    if writer.get_bind().dialect.name == "sqlite":
        insert = insert.prefix_with("OR IGNORE")
    else:
        from sqlalchemy.dialects.postgresql import insert as pg_insert

        insert = pg_insert(FormKey).on_conflict_do_nothing()
    writer.execute(insert.values(user_id=key[0], key=key[1], location="", at=clock.now()))
    if location := done_before(writer):
        raise AlreadyDone(location)
    g.claimed = key


def actor() -> Actor:
    """Return who acts in this request; nobody before sign-in."""
    return cast("Actor", g.get("actor", NOBODY)) if has_request_context() else NOBODY


def after_refusal(write: Callable[[Session], None]) -> None:
    """Keep some writing for after the end of the request, in a transaction of its own.

    For what must survive a rollback: a failed sign-in, a refused act, a draft.
    """
    g.setdefault("survivors", []).append(write)


def settle(response: Response) -> Response:
    """End the request's transactions; raises Unavailable where the trail cannot be written."""
    writer: WritingSession | None = g.pop("writer", None)
    done = request.method not in SAFE and response.status_code < 400
    try:
        if writer is not None and done:
            _remember_location(writer, response)
            _commit(writer)
        elif writer is not None:
            # The trail is written next: the refused act must not hold the writer's lock.
            writer.rollback()
        if "reader" in g:
            audit.write_reads(portal().db, g.reader)
    finally:
        if writer is not None:
            writer.close()
    for write in g.pop("survivors", []):
        _write_alone(write)
    return response


def write_first(write: Callable[[Session], T]) -> T:
    """Write something in a transaction of its own before the act: what must stand whatever follows.

    Not while the request's own writing session is open, which would wait for it.
    """
    with portal().db.write() as own:
        return write(own)


def _write_alone(write: Callable[[Session], None]) -> None:
    """Write what survives a refusal; the answer stands where even that cannot be written."""
    try:
        with portal().db.write() as own:
            write(own)
    except sa.exc.OperationalError:
        log.exception("what survives a refusal could not be written")


def _commit(writer: WritingSession) -> None:
    session().info.setdefault("reads", {}).update(writer.info.pop("reads", {}))
    writer.commit()
    g.committed = writer.info
    events.deliver(portal().db, writer)


def _remember_location(writer: WritingSession, response: Response) -> None:
    claimed: tuple[UUID, str] | None = g.get("claimed")
    if claimed is not None and response.location:
        writer.execute(
            sa.update(FormKey)
            .where(col(FormKey.user_id) == claimed[0], col(FormKey.key) == claimed[1])
            .values(location=response.location)
        )


def close(_error: BaseException | None) -> None:
    """Give the request's connections back."""
    for name in ("reader", "writer"):
        held = g.pop(name, None)
        if held is not None:
            held.close()


def install(app: Flask, refuse: Callable[[Exception], Any]) -> None:
    """Let every request of an application end by `settle`."""

    @app.after_request
    def _settle(response: Response) -> Response:
        try:
            return settle(response)
        except (Unavailable, sa.exc.SQLAlchemyError) as error:
            log.exception("the request could not be settled")
            close(error)
            return app.make_response(refuse(error))

    app.teardown_appcontext(close)
