"""Before any view: from our own pages, signed in, on, permitted, for the agency shown."""

import logging
import secrets
from datetime import timedelta
from typing import Any

from flask import Flask, abort, current_app, g, redirect, request, url_for
from sqlmodel import Session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from portal import audit, clock, host
from portal.access import staff
from portal.access.queries import actor_of
from portal.actor import Actor
from portal.errors import Conflict, Forbidden, NotFound
from portal.texts import _l
from portal.users.models import Stage
from portal.users.queries import find_sign_in, idle_minutes, owner_of_token
from portal.users.services import touch
from portal.web import reports, signing, uploads
from portal.web.access import (
    ALL,
    EARLY,
    HALF_WAY,
    SIGNED_IN,
    access_of,
    asks_for_proof,
    ends_a_look,
    is_for_files,
    is_on_shared_desks,
    stage_of,
)
from portal.web.drafts import save_draft
from portal.web.problems import keep_text
from portal.web.render import see_other
from portal.web.request import (
    SAFE,
    AlreadyDone,
    actor,
    after_refusal,
    done_before,
    portal,
    session,
    settings,
)
from portal.web.security import is_same_origin

log = logging.getLogger(__name__)

# No person types it into an address, and PostgreSQL keeps no text with it.
NUL = "\x00"

# Where each stage of signing in goes on.
STEPS = {Stage.SECOND: "users.second", Stage.ENROL: "users.start", Stage.LOCKED: "users.unlock"}


def install(app: Flask) -> None:
    """Put the guard before every view of an application."""
    app.before_request(guard)
    app.register_error_handler(ProofNeeded, _to_proof)


def guard() -> Any:
    """Decide whether the request goes on to its view."""
    g.request_id = secrets.token_hex(8)
    _refuse_unreadable()
    if request.method not in SAFE and not is_same_origin():
        abort(403)
    view = current_app.view_functions.get(request.endpoint or "")
    wanted = access_of(view) if view else SIGNED_IN
    if wanted == EARLY:
        return None
    if is_for_files(view) and signing.token():
        uploads.expect_files()
    refused = _identify()
    if wanted == ALL:
        return None
    if wanted == HALF_WAY:
        return _step(stage_of(view))
    if refused or actor().user_id is None:
        return _to_sign_in()
    if view is None:
        raise NotFound
    _only_reading(view)
    host.enter(request.blueprint, actor())
    if wanted not in (SIGNED_IN, None) and not actor().may(wanted or ""):
        _note_refusal(actor(), wanted or "")
        raise NotFound
    if g.on_shared_desk and wanted == SIGNED_IN and not is_on_shared_desks(view):
        raise NotFound
    if asks_for_proof(view):
        require_proof()
    if location := done_before(session()):
        raise AlreadyDone(location)
    return _same_agency()


def _refuse_unreadable() -> None:
    """Refuse what names another host or what no database takes."""
    if isinstance(request.routing_exception, BadRequest):
        raise request.routing_exception
    if NUL in request.path or any(NUL in each for _name, each in request.args.items(multi=True)):
        abort(400)


def _only_reading(view: Any) -> None:
    """Refuse whatever is no reading in a staff session, but its end and signing out."""
    staff_id = actor().staff_session_id
    if staff_id is None:
        return
    if request.method not in SAFE and not ends_a_look(view):
        if location := done_before(session()):
            raise AlreadyDone(location)
        raise Forbidden(_l("A staff session is for reading. End it to act as administrator."))
    after_refusal(lambda writer: staff.touch(writer, staff_id))


def _identify() -> bool:
    """Find who is signed in; says whether a sign-in was there that opens nothing (any more)."""
    token = signing.token()
    if not token:
        return False
    found = find_sign_in(session(), token, portal().settings)
    if found is None:
        return True
    g.locale = found.locale
    if found.stage is not Stage.OPEN:
        g.half_way = found
        return True
    g.actor = actor_of(session(), found, portal().permissions, g.request_id)
    g.proved_at, g.on_shared_desk = found.proved_at, found.only_role is not None
    g.idle_minutes = idle_minutes(found.agency_id, portal().settings, found.device_id)
    # What a page sends by itself prolongs no sign-in.
    by_itself = "HX-Request" in request.headers or request.mimetype == reports.MIMETYPE
    if found.needs_touch and not by_itself:
        after_refusal(lambda writer: touch(writer, found.id))
    return False


def _step(stage: str) -> Response | None:
    """Let whoever stands at this stage of signing in go on; the others go where they stand."""
    if "half_way" in g and g.half_way.stage == stage:
        return None
    return _to_sign_in() if actor().user_id is None else see_other("/")


def _to_sign_in() -> Response:
    """Send to the sign-in page; a form whose sign-in ran out keeps its text as a draft."""
    page = STEPS[g.half_way.stage] if "half_way" in g else "users.sign_in"
    if request.method in SAFE:
        return redirect(url_for(page, next=request.full_path.rstrip("?")))
    token = signing.token()
    owner = owner_of_token(session(), token) if token else None
    if owner is not None:
        data, path = request.form.copy(), request.path
        after_refusal(lambda writer: save_draft(writer, *owner, path, data))
    following = request.path if "_key" in request.form else None
    return redirect(url_for(page, next=following), 303)


class ProofNeeded(Exception):
    """The person must prove again who it is before this address answers."""


def require_proof() -> None:
    """Go on only for who proved within the last minutes who it is; raises ProofNeeded.

    For a view that asks only sometimes, such as a sealed piece that others wrote.
    """
    if clock.now() - g.proved_at > timedelta(minutes=settings().proof_minutes):
        raise ProofNeeded


def _to_proof(_error: Exception) -> Response:
    """Send to the page where one proves who one is; what a form held waits as a draft."""
    keep_text()
    following = request.full_path.rstrip("?") if request.method in SAFE else request.path
    return see_other(url_for("users.prove", next=following))


def _same_agency() -> None:
    """Refuse a form that was opened while acting for another agency; its text is kept.

    Whatever acts says for whom, in a form's field: a body in another shape, such as JSON, does not.
    """
    if request.method in SAFE:
        return
    shown = str(actor().agency_id or "")
    if request.form.get("_agency") != shown:
        raise Conflict(
            _l(
                "This form was opened while you acted for another institution. You act for "
                "%(agency)s now: nothing was saved, and your text is kept as a draft.",
                agency=actor().agency_name,
            )
        )


def _note_refusal(who: Actor, permission: str) -> None:
    def write(writer: Session) -> None:
        audit.record(
            writer, who, "access.route.refused", None, outcome="refused", permission=permission
        )

    after_refusal(write)
