"""A colleague who lost the telephone: one asks, another confirms and hands a code over."""

from uuid import UUID

from flask import url_for
from werkzeug.wrappers import Response

from portal.access import restoring
from portal.users.inputs import AskReset, ConfirmReset
from portal.users.queries import get_user
from portal.users.views.base import blueprint
from portal.web import Form, actor, fresh, page, requires, see_other, session, writing


@blueprint.get("/recovery")
@requires("users.factor.reset")
def resets() -> str:
    """List who waits to be let in anew."""
    return page("users/resets.html", requests=restoring.open_requests(session(), actor()))


@blueprint.route("/recovery/new", methods=["GET", "POST"])
@fresh
@requires("users.factor.reset")
def ask_reset() -> Response | tuple[str, int]:
    """Ask that a colleague be let in anew."""
    form = Form(AskReset)
    if form.done(lambda given: restoring.ask_reset(writing(), actor(), **given.model_dump())):
        return see_other(url_for("users.resets"))
    return form.page("users/ask_reset.html")


@blueprint.route("/recovery/<uuid:request_id>", methods=["GET", "POST"])
@fresh
@requires("users.factor.reset")
def confirm_reset(request_id: UUID) -> str | Response | tuple[str, int]:
    """Confirm that it is the colleague, and show the code once, to be handed over in person."""
    asked = restoring.get_request(session(), actor(), request_id)
    form = Form(ConfirmReset)
    code = form.submit(
        lambda given: restoring.confirm_reset(writing(), actor(), request_id, reason=given.reason)
    )
    if code:
        user = get_user(session(), asked.user_id)
        return page("users/code.html", code=code, user=user, also_password=asked.also_password)
    return form.page("users/confirm_reset.html", asked=asked)
