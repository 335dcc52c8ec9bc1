"""Every refusal and failure as a page that helps; a stack trace reaches nobody."""

import logging
from typing import Any

import sqlalchemy as sa
from flask import Flask, g, redirect, request
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from portal.access.queries import who_can_grant
from portal.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OperatorError,
    PortalError,
    TooMany,
    Unavailable,
)
from portal.texts import _l
from portal.web.drafts import SECRETS, find_draft, save_draft, worth_keeping
from portal.web.render import page
from portal.web.request import SAFE, AlreadyDone, actor, after_refusal, session

log = logging.getLogger(__name__)

BUSY = _l("The portal is busy. Nothing was saved; your text is kept. Try again in a moment.")
BEHIND = _l("The portal is being updated. Nothing was changed. Try again in a few minutes.")
STALE = _l("Somebody saved this while you were writing. Your text is kept: open the form again.")
FAILED = _l("Something failed on our side. Nothing was saved and your text is kept.")
MISSING = _l("This page does not exist, or it is not one of yours.")

TITLES = {
    400: _l("This request cannot be read"),
    403: _l("This cannot be done here"),
    404: _l("Nothing here"),
    405: _l("This cannot be done here"),
    409: _l("Not saved"),
    413: _l("Too large"),
    422: _l("Look at this again"),
    429: _l("Too many attempts"),
    500: _l("Something failed"),
    503: _l("Not available at the moment"),
}
REFUSED = (403, 404)
# A form that is refused so may not open again: what was typed into it is read here.
UNOPENED = (403, 409)
STATUS: dict[type[PortalError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
    OperatorError: 503,
}


def show(
    status: int, message: Any, problems: Any = (), *, keeps_draft: bool = True
) -> tuple[str, int]:
    """Return the page of a refusal; what a form held is kept as a draft.

    Where the failure is ours, the page also carries what was sent, to be sent again.
    """
    if keeps_draft:
        keep_text()
    title = TITLES.get(status, TITLES[500])
    sent = _sent() if status >= 500 else []
    return page(
        "web/error.html",
        title=title,
        message=message,
        problems=problems,
        sent=sent,
        kept=keeps_draft and status < 500 and _is_form() and bool(worth_keeping(request.form)),
        typed=_typed() if status in UNOPENED else [],
        grants=_who_grants() if status in REFUSED else [],
        status=status,
    ), status


def _who_grants() -> list[str]:
    """Return who gives access in the acting agency: the same whatever was asked for.

    A refusal says whom to ask, and never whether what was asked for exists (ARCHITECTURE 4).
    """
    who = actor()
    if who.user_id is None or who.agency_id is None:
        return []
    try:
        return who_can_grant(session(), who.agency_id)
    except sa.exc.SQLAlchemyError:
        log.exception("who grants could not be read")
        return []


def _is_form() -> bool:
    """Tell whether the request carries a form whose text can be kept.

    Who was refused before the form was read may have sent one too large to be read at all.
    """
    try:
        is_sent = request.method not in SAFE and "_key" in request.form
    except HTTPException:
        return False
    return is_sent and actor().user_id is not None and actor().staff_session_id is None


def _typed() -> list[str]:
    """Return in whole sentences what the refused form holds, now or as the actor's draft."""
    if request.method in SAFE:
        try:
            draft = find_draft(request.path)
        except sa.exc.SQLAlchemyError:
            log.exception("a draft could not be read")
            return []
        content = draft.content if draft else {}
    else:
        content = worth_keeping(request.form) if _is_form() else {}
    return [text for texts in content.values() for text in texts if " " in text.strip()]


def _sent() -> list[tuple[str, str]]:
    """Return the fields of the form that failed; a password is typed again."""
    if not _is_form():
        return []
    return [pair for pair in request.form.items(multi=True) if pair[0] not in SECRETS]


def keep_text() -> None:
    """Keep what the form of this request held as a draft, whatever becomes of the answer."""
    if not _is_form():
        return
    who = actor()
    data, path, user_id = request.form.copy(), request.path, who.user_id
    if user_id is not None:
        after_refusal(lambda writer: save_draft(writer, user_id, who.agency_id, path, data))


def refused(error: PortalError) -> tuple[str, int]:
    """Show one of our own refusals."""
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    problems = error.problems if isinstance(error, Invalid) else ()
    return show(status, MISSING if status == 404 else error.message, problems)


def already_done(error: AlreadyDone) -> Any:
    """Answer a form that was accepted before with where the first one went."""
    g.pop("claimed", None)
    return redirect(error.location, 303)


def from_http(error: HTTPException) -> Any:
    """Show what the framework refused; redirects pass."""
    if error.code is None or error.code < 400:
        return error
    message = MISSING if error.code == 404 else TITLES.get(error.code, TITLES[500])
    return show(error.code, message)


def from_database(error: sa.exc.OperationalError) -> tuple[str, int]:
    """Tell a locked database and one that is behind from one that failed."""
    log.exception("the database refused")
    text = str(error.orig)
    behind = "no such" in text or "does not exist" in text or "undefined" in text.lower()
    return show(503, BEHIND if behind else BUSY, keeps_draft=False)


def unsettled(_error: Exception) -> tuple[str, int]:
    """Show that an act or its record in the trail could not be written."""
    return show(503, BUSY, keeps_draft=False)


def failed(_error: Exception) -> tuple[str, int]:
    """Show that something failed; what, stands in the log with the request's number."""
    log.exception("request %s failed", g.get("request_id", ""))
    return show(500, FAILED)


def install(app: Flask) -> None:
    """Map every error of an application to its page."""
    app.register_error_handler(PortalError, refused)
    app.register_error_handler(AlreadyDone, already_done)
    app.register_error_handler(HTTPException, from_http)
    app.register_error_handler(StaleDataError, lambda _error: show(409, STALE))
    app.register_error_handler(sa.exc.IntegrityError, lambda _error: show(409, STALE))
    app.register_error_handler(sa.exc.OperationalError, from_database)
    app.register_error_handler(sa.exc.ProgrammingError, from_database)
    app.register_error_handler(Exception, failed)
