"""The first minutes of an account: an own password, a second factor, codes for a bad day."""

from flask import make_response, url_for
from werkzeug.wrappers import Response

from portal.actor import Actor
from portal.errors import Invalid, NotFound
from portal.texts import _l
from portal.users import factors, passkeys, services
from portal.users.inputs import NewApp, NewPasskey, NewPassword
from portal.users.models import Stage
from portal.users.passwords import check_new, make_hash
from portal.users.queries import get_user
from portal.users.views.base import (
    blueprint,
    can_passkey,
    newcomer,
    own_id,
    party,
    renew,
    words_about,
)
from portal.users.views.drawing import square
from portal.web import Form, half_way, page, see_other, session, settings, writing

CHOOSES = _l("At least 12 characters; a phrase is best.")


@blueprint.route("/login/start", methods=["GET", "POST"])
@half_way(Stage.ENROL)
def start() -> str | Response | tuple[str, int]:
    """Choose a way to come in from now on: a passkey, or a password and an app of codes."""
    who = newcomer()
    user = get_user(session(), own_id(who))
    form = Form(NewPassword)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            check_new(given.new_password, words=words_about(user))
        except Invalid as error:
            form.refuse(*error.problems)
        else:
            new_hash = make_hash(given.new_password, weak=settings().weak_hash)
            services.change_password(writing(), who, new_hash=new_hash, keep=who.sign_in_id)
            return see_other(url_for("users.start"))
    return _start(form, who)


def _start(form: Form[NewPassword] | Form[NewPasskey], who: Actor) -> tuple[str, int]:
    user = get_user(session(), own_id(who))
    return form.page(
        "users/start.html",
        name=who.name,
        note=CHOOSES,
        have=factors.held(session(), user.id),
        options=passkeys.options_to_add(session(), party(), user) if can_passkey() else "",
        is_required=settings().requires_second_factor,
    )


@blueprint.post("/login/start/passkey")
@half_way(Stage.ENROL)
def start_passkey() -> Response | tuple[str, int]:
    """Add the first passkey and come in."""
    who = newcomer()
    form = Form(NewPasskey)
    given = form.read()
    if given is not None:
        try:
            made = passkeys.check_new(session(), party(), own_id(who), given.credential)
        except Invalid as error:
            form.refuse(*error.problems)
        else:
            passkeys.add_passkey(writing(), who, made, name=given.name)
            return _come_in(who)
    return _start(form, who)


@blueprint.route("/login/start/app", methods=["GET", "POST"])
@half_way(Stage.ENROL)
def start_app() -> Response | tuple[str, int]:
    """Add an app of one-time codes to the password and come in."""
    who = newcomer()
    user = get_user(session(), own_id(who))
    if not factors.held(session(), user.id).password:
        return see_other(url_for("users.start"))
    form = Form(NewApp)
    if form.done(lambda given: factors.add_app(writing(), who, **given.model_dump())):
        return _come_in(who)
    return form.page("users/start_app.html", **square(form.value("secret"), user.username))


@blueprint.post("/login/start/later")
@half_way(Stage.ENROL)
def start_later() -> Response:
    """Come in with the password alone, where the instance offers second factors only."""
    who = newcomer()
    if settings().requires_second_factor or not factors.held(session(), own_id(who)).password:
        raise NotFound
    return renew(who, see_other("/"), by="password")


def _come_in(who: Actor) -> Response:
    """Open the sign-in; whoever has a password is shown recovery codes for the first time."""
    if not factors.held(writing(), own_id(who)).password:
        return renew(who, see_other("/"), by="enrolment")
    codes = factors.make_recovery_codes(writing(), who)
    shown = make_response(page("users/codes.html", codes=codes, is_first=True))
    return renew(who, shown, by="enrolment")
