"""The list of one's own notices."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal.notifications.queries import list_notices
from portal.notifications.services import mark_read
from portal.texts import _
from portal.web import actor, page, see_other, session, signed_in, writing

blueprint = Blueprint("notifications", __name__, url_prefix="/notices")


@blueprint.get("")
@signed_in
def index() -> str:
    """List the latest notices; they carry codes, never names."""
    found = [
        (notice, _(notice.text, **notice.facts)) for notice in list_notices(session(), actor())
    ]
    return page("notifications/index.html", found=found)


@blueprint.post("/read")
@signed_in
def read() -> Response:
    """Note that all of them are known."""
    mark_read(writing(), actor())
    return see_other(url_for("notifications.index"))
