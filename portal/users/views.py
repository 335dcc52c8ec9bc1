"""Sign-in, sign-out and one's own settings."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal.access.queries import acting_choices
from portal.errors import Invalid, NotFound, Problem
from portal.texts import _, _l, _n
from portal.users import services
from portal.users.inputs import ChangePassword, OwnSettings, Proof, SignInInput
from portal.users.models import User
from portal.users.passwords import check_new, make_hash, verify
from portal.users.queries import find_user, get_user, list_sign_ins
from portal.web import (
    Form,
    actor,
    open_to_all,
    portal,
    see_other,
    session,
    settings,
    signed_in,
    signing,
    writing,
)
from portal.web.request import after_refusal

blueprint = Blueprint("users", __name__)

WRONG = _l("The name or the password is not right.")


@blueprint.route("/login", methods=["GET", "POST"])
@open_to_all
def sign_in() -> str | Response | tuple[str, int]:
    """Sign in with name and password; slow after failures, the same answer for unknown names."""
    if actor().user_id is not None and request.method == "GET":
        return see_other(_next())
    form = Form(SignInInput)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            return _enter(given)
        except Invalid as error:
            form.refuse(*error.problems)
    return form.page("users/login.html", next=_next(), accounts=portal().demo_accounts)


def _next() -> str:
    """Return where to go after signing in: a path of this portal, never another host."""
    wanted = request.values.get("next", "/")
    parts = urlsplit(wanted)
    safe = not parts.netloc and not parts.scheme and wanted.startswith("/")
    return wanted if safe and not wanted.startswith(("//", "/\\")) else "/"


def _known(username: str, password: str) -> User:
    """Return the account whose password this is; slow after failures, whoever is asked for."""
    secret = settings().secret_key
    subjects = [
        services.subject_of("account", username, secret),
        services.subject_of("address", request.remote_addr or "", secret),
    ]
    wait = services.seconds_to_wait(session(), subjects)
    if wait > 0:
        raise Invalid(
            Problem(
                None,
                _n(
                    "Too many attempts. Try again in %(num)s second.",
                    "Too many attempts. Try again in %(num)s seconds.",
                    wait,
                ),
            )
        )
    user = find_user(session(), username)
    known = user.password_hash if user and user.disabled_at is None else None
    if not verify(known, password, weak=settings().weak_hash) or user is None:
        who = actor()
        after_refusal(lambda writer: services.note_failure(writer, who, subjects))
        raise Invalid(Problem(None, WRONG))
    return user


def _enter(given: SignInInput) -> Response:
    user = _known(given.username, given.password)
    choices = acting_choices(session(), user.id)
    if not choices:
        raise Invalid(Problem(None, _l("You have no role in any institution now. Ask yours.")))
    token = services.start_sign_in(
        writing(),
        actor(),
        user_id=user.id,
        agency_id=choices[0][0],
        device=str(request.user_agent),
    )
    return signing.give(see_other(_next()), token)


@blueprint.route("/login/proof", methods=["GET", "POST"])
@signed_in
def prove() -> str | Response | tuple[str, int]:
    """Prove again who one is before what is gravest; a new token replaces this one."""
    form = Form(Proof)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            _known(get_user(session(), _own_id()).username, given.password)
        except Invalid as error:
            form.refuse(*error.problems)
        else:
            return _renew(actor().agency_id, _next())
    return form.page("users/prove.html", next=_next())


def _renew(agency_id: UUID | None, following: str, proved_at: datetime | None = None) -> Response:
    """End this sign-in and give another in its place, proved now unless `proved_at` says when."""
    ended = actor().sign_in_id
    if ended is not None:
        services.end_sign_in(writing(), actor(), ended)
    token = services.start_sign_in(
        writing(),
        actor(),
        user_id=_own_id(),
        agency_id=agency_id,
        device=str(request.user_agent),
        proved_at=proved_at,
    )
    return signing.give(see_other(following), token)


@blueprint.post("/logout")
@signed_in
def sign_out() -> Response:
    """End this sign-in on the server and clear what the browser kept."""
    ended = actor().sign_in_id
    if ended is not None:
        services.end_sign_in(writing(), actor(), ended)
    return signing.take(see_other(url_for("users.sign_in")))


@blueprint.route("/me", methods=["GET", "POST"])
@signed_in
def me() -> str | Response | tuple[str, int]:
    """Show one's own settings, sign-ins and institutions."""
    user = _self()
    form = Form(OwnSettings, initial={"locale": user})
    if form.submit(
        lambda given: services.set_locale(writing(), actor(), locale=given.locale) or True
    ):
        return see_other(url_for("users.me"))
    return form.page(
        "users/me.html",
        sign_ins=list_sign_ins(session(), _own_id()),
        choices=acting_choices(session(), _own_id()),
    )


def _own_id() -> UUID:
    own = actor().user_id
    if own is None:
        raise NotFound
    return own


def _self() -> str:
    return get_user(session(), _own_id()).locale


@blueprint.route("/me/password", methods=["GET", "POST"])
@signed_in
def password() -> str | Response | tuple[str, int]:
    """Change one's own password; every other sign-in ends."""
    form = Form(ChangePassword)
    weak = settings().weak_hash
    given = form.read() if form.posted else None
    if given is not None:
        try:
            services.check_present_password(session(), actor(), given.password, weak=weak)
            check_new(given.new_password, words=[actor().name, actor().agency_name])
        except Invalid as error:
            form.refuse(*error.problems)
        else:
            new_hash = make_hash(given.new_password, weak=weak)
            services.change_password(writing(), actor(), new_hash=new_hash, keep=actor().sign_in_id)
            return see_other(url_for("users.me"))
    return form.page("users/password.html", note=_("At least 12 characters; a phrase is best."))


@blueprint.post("/me/sign-ins/<uuid:sign_in_id>/end")
@signed_in
def end(sign_in_id: UUID) -> Response:
    """End another of one's own sign-ins."""
    services.end_sign_in(writing(), actor(), sign_in_id)
    return see_other(url_for("users.me"))


@blueprint.post("/me/acting")
@signed_in
def act_for() -> Response:
    """Act for another of one's institutions: a new sign-in and token replace this one."""
    wanted = request.form.get("agency_id", "")
    own = acting_choices(session(), _own_id())
    choices = {str(agency_id or ""): agency_id for agency_id, _name in own}
    if wanted not in choices:
        raise NotFound
    return _renew(choices[wanted], "/", g.proved_at)
