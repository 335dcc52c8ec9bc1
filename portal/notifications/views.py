"""The list of one's own notices."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.notifications.queries import count_unread, list_notices
from portal.notifications.services import mark_read
from portal.texts import _
from portal.web import actor, page, see_other, session, signed_in, writing

blueprint = Blueprint("notifications", __name__, url_prefix="/notices")


@blueprint.get("")
@signed_in
def index() -> str:
    """List the latest notices; they carry codes, never names."""
    found = [
        (notice, _(notice.text, **notice.facts), code)
        for notice, code in list_notices(session(), actor())
    ]
    return page("notifications/index.html", found=found)


@blueprint.get("/bell")
@signed_in
def bell() -> Response | tuple[str, int]:
    """Answer an open page that asks by itself: how many notices wait, where that has changed."""
    known = request.args.get("counted", type=int)
    count = count_unread(session(), actor())
    if count == known:
        return Response(status=204)
    is_new = known is not None and count > known
    return render_template(
        "notifications/bell.html", notices=count, counted=count, is_new=is_new
    ), 200


@blueprint.post("/read")
@signed_in
def read() -> Response:
    """Note that all of them are known."""
    mark_read(writing(), actor())
    return see_other(url_for("notifications.index"))
