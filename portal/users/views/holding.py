"""One's own passkeys, app of codes and recovery codes: added, taken away, made anew."""

from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from portal.errors import Invalid, NotFound
from portal.texts import _, _l
from portal.users import calendars, factors, passkeys, services
from portal.users.inputs import NewApp, NewPasskey
from portal.users.queries import get_user
from portal.users.views.base import blueprint, can_passkey, own_id, party
from portal.users.views.drawing import square
from portal.web import Form, actor, fresh, page, see_other, session, settings, signed_in, writing


@blueprint.route("/me/passkeys/new", methods=["GET", "POST"])
@fresh
@signed_in
def add_passkey() -> Response | tuple[str, int]:
    """Add a passkey of this device or of a key in hand, under a name."""
    user = get_user(session(), own_id())
    form = Form(NewPasskey)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            made = passkeys.check_new(session(), party(), user.id, given.credential)
        except Invalid as error:
            form.refuse(*error.problems)
        else:
            passkeys.add_passkey(writing(), actor(), made, name=given.name)
            return see_other(url_for("users.me"))
    options = passkeys.options_to_add(session(), party(), user) if can_passkey() else ""
    return form.page("users/add_passkey.html", options=options)


@blueprint.route("/me/passkeys/<uuid:passkey_id>/remove", methods=["GET", "POST"])
@fresh
@signed_in
def remove_passkey(passkey_id: UUID) -> str | Response:
    """Take a passkey away, after asking; every other sign-in ends with it."""
    if passkey_id not in {each.id for each in passkeys.list_passkeys(session(), own_id())}:
        raise NotFound
    _require_another()
    if request.method == "GET":
        return _ask(
            _l("Remove this passkey?"),
            _l("It no longer opens your account, and every other browser is signed out."),
            _l("Remove it"),
        )
    passkeys.remove_passkey(writing(), actor(), passkey_id)
    services.end_sign_ins(writing(), actor(), own_id(), keep=actor().sign_in_id)
    return see_other(url_for("users.me"))


@blueprint.route("/me/app", methods=["GET", "POST"])
@fresh
@signed_in
def add_app() -> Response | tuple[str, int]:
    """Add an app of one-time codes, or change to the one of another telephone."""
    user = get_user(session(), own_id())
    form = Form(NewApp)
    if form.done(lambda given: factors.add_app(writing(), actor(), **given.model_dump())):
        if factors.held(writing(), user.id).recovery:
            return see_other(url_for("users.me"))
        return _show_codes()  # type: ignore[return-value]
    return form.page("users/add_app.html", **square(form.value("secret"), user.username))


@blueprint.route("/me/app/remove", methods=["GET", "POST"])
@fresh
@signed_in
def remove_app() -> str | Response:
    """Take the app away, after asking; every other sign-in ends with it."""
    _require_another()
    if request.method == "GET":
        return _ask(
            _l("Remove the app of codes?"),
            _l("Its codes no longer open your account, and every other browser is signed out."),
            _l("Remove it"),
        )
    factors.remove_app(writing(), actor())
    services.end_sign_ins(writing(), actor(), own_id(), keep=actor().sign_in_id)
    return see_other(url_for("users.me"))


@blueprint.route("/me/codes", methods=["GET", "POST"])
@fresh
@signed_in
def recovery_codes() -> str | Response:
    """Make ten new recovery codes, after asking; the old ones open nothing more."""
    if request.method == "GET":
        return _ask(
            _l("Make new recovery codes?"),
            _l("The ones that you have on paper no longer work."),
            _l("Make them"),
        )
    return _show_codes()


@blueprint.route("/me/calendar", methods=["GET", "POST"])
@fresh
@signed_in
def calendar() -> str | Response:
    """Make an address for programs of calendars, after saying what it gives; shown once."""
    if request.method == "GET":
        return page("users/calendar.html", key=calendars.find_key(session(), own_id()), address="")
    token = calendars.make_key(writing(), actor())
    address = urljoin(
        settings().base_url or request.host_url, url_for("home.calendar", token=token)
    )
    return page("users/calendar.html", key=None, address=address)


@blueprint.post("/me/calendar/end")
@signed_in
def end_calendar() -> Response:
    """End the address of one's calendar."""
    calendars.end_key(writing(), actor())
    return see_other(url_for("users.me"))


def _show_codes() -> str:
    codes = factors.make_recovery_codes(writing(), actor())
    return page("users/codes.html", codes=codes, is_first=False)


def _require_another() -> None:
    have = factors.held(session(), own_id())
    factors.require_another(have, required=settings().requires_second_factor)


def _ask(title: Any, text: Any, label: Any) -> str:
    """Return the page that asks once more, whose button posts to its own address."""
    return page("users/ask.html", title=title, text=text, label=label, cancel=_("Cancel"))
