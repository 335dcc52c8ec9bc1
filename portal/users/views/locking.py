"""A desk that several use: the screen locked, unlocked, or left to the next person."""

from urllib.parse import urlsplit

from flask import g, jsonify, request, url_for
from werkzeug.wrappers import Response

from portal.errors import Invalid, NotFound, Problem
from portal.users import factors, passkeys, services
from portal.users.inputs import Shown, Unlock
from portal.users.models import Stage
from portal.users.queries import get_user, seconds_left
from portal.users.views.base import (
    begin,
    blueprint,
    following,
    newcomer,
    own_id,
    party,
    passkey_options,
    renew,
)
from portal.users.views.entering import known
from portal.web import (
    Form,
    actor,
    answers_early,
    half_way,
    on_shared_desks,
    see_other,
    session,
    settings,
    signed_in,
    signing,
    writing,
)


@blueprint.post("/lock")
@on_shared_desks
@signed_in
def lock() -> Response:
    """Lock this browser: nothing answers until the person, or the next one, is back.

    At a shared desk the sign-in ends instead: the PIN is as quick, for the same person or the next.
    """
    own = actor().sign_in_id
    if g.on_shared_desk and own is not None:
        services.end_sign_in(writing(), actor(), own)
        return signing.take(see_other(url_for("users.by_pin")))
    services.lock(writing(), actor())
    was_at = urlsplit(request.referrer or "/")
    return see_other(url_for("users.unlock", next=was_at.path))


@blueprint.route("/login/unlock", methods=["GET", "POST"])
@half_way(Stage.LOCKED)
def unlock() -> Response | tuple[str, int]:
    """Open the screen again with passkey or password; another person's passkey opens theirs."""
    who = newcomer()
    form: Form[Unlock] | Form[Shown] = Form(Unlock)
    if form.posted and "credential" in request.form:
        form = Form(Shown)
    given = form.read() if form.posted else None
    try:
        if isinstance(given, Shown):
            return _by_passkey(given)
        if isinstance(given, Unlock):
            known(get_user(session(), own_id(who)).username, given.password)
            return renew(who, see_other(following()), by="unlock")
    except Invalid as error:
        form.refuse(*error.problems)
    return form.page(
        "users/unlock.html",
        name=who.name,
        next=following(),
        options=passkey_options(),
        have=factors.held(session(), own_id(who)),
    )


def _by_passkey(given: Shown) -> Response:
    who = newcomer()
    if who.sign_in_id is None:
        raise Invalid(Problem(None, passkeys.REFUSED))
    shown = passkeys.check_shown(session(), party(), given.credential)
    passkeys.use_passkey(writing(), shown)
    if shown.user_id == who.user_id:
        return renew(who, see_other(following()), by="unlock")
    services.end_sign_in(writing(), who, who.sign_in_id)
    return begin(shown.user_id, "/", by="passkey")


@blueprint.post("/login/other")
@half_way(Stage.LOCKED)
def other_person() -> Response:
    """Leave a locked browser to somebody else; what the first one typed waits as drafts."""
    who = newcomer()
    if who.sign_in_id is not None:
        services.end_sign_in(writing(), who, who.sign_in_id)
    return signing.take(see_other(url_for("users.sign_in")))


@blueprint.get("/me/left")
@answers_early
def left() -> Response:
    """Say how many seconds the sign-in still holds; asking does not prolong it."""
    seconds = seconds_left(session(), signing.token(), settings())
    if not seconds:
        raise NotFound
    return jsonify(left=seconds)


@blueprint.post("/me/stay")
@on_shared_desks
@signed_in
def stay() -> Response:
    """Prolong the sign-in: the person is still there."""
    services.touch(writing(), actor().sign_in_id or own_id())
    return Response(status=204)
