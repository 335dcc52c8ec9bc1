"""Addresses of the house itself: drafts, health, the way home."""

import sqlalchemy as sa
from flask import Blueprint, Response, request

from portal.errors import OperatorError
from portal.host import schema
from portal.web import (
    actor,
    on_shared_desks,
    open_to_all,
    portal,
    reports,
    see_other,
    session,
    signed_in,
    writing,
)
from portal.web.drafts import discard_draft, save_draft

blueprint = Blueprint("web", __name__)


@blueprint.post("/drafts")
@on_shared_desks
@signed_in
def keep_draft() -> Response:
    """Keep what is being typed into a form; its address is the field `_path`."""
    who = actor()
    data = request.form.copy()
    path = data.pop("_path", "").replace("\x00", "")
    if who.user_id is not None and path.startswith("/"):
        save_draft(writing(), who.user_id, who.agency_id, path, data)
    return Response(status=204)


@blueprint.post("/drafts/discard")
@on_shared_desks
@signed_in
def drop_draft() -> Response:
    """Forget a draft and show the form as it stands in the record."""
    path = request.form.get("_path", "/").replace("\x00", "")
    discard_draft(writing(), path)
    return see_other(path if path.startswith("/") and not path.startswith("//") else "/")  # type: ignore[return-value]


@blueprint.post("/policy-reports")
@open_to_all
def note_reports() -> Response:
    """Note what a browser reports against the content policy; its answer says nothing."""
    if request.mimetype == reports.MIMETYPE and (request.content_length or 0) <= reports.MOST_BYTES:
        reports.note(request.get_data())
    return Response(status=204)


@blueprint.get("/healthz")
@open_to_all
def healthz() -> Response:
    """Say that the process answers."""
    return Response("ok", mimetype="text/plain")


@blueprint.get("/readyz")
@open_to_all
def readyz() -> Response:
    """Say whether the database answers and is at this version."""
    try:
        session().execute(sa.text("SELECT 1"))
        schema.require_head(portal().db)
    except (OperatorError, sa.exc.SQLAlchemyError):
        return Response("not ready", status=503, mimetype="text/plain")
    return Response("ready", mimetype="text/plain")
