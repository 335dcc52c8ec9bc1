"""Coming in: by password, by the code of the first day; proving once more; going out."""

from flask import request, url_for
from werkzeug.wrappers import Response

from portal.errors import Invalid, Problem
from portal.texts import _l
from portal.users import services
from portal.users.inputs import FirstDay, NewPassword, Proof, SignInInput
from portal.users.models import Stage, User
from portal.users.passwords import check_new, is_hash, make_hash, verify
from portal.users.queries import find_user, get_user, is_code
from portal.users.views.base import (
    begin,
    blueprint,
    count_failure,
    following,
    newcomer,
    own_id,
    renew,
    require_patience,
    subjects_of,
)
from portal.web import (
    Form,
    actor,
    half_way,
    open_to_all,
    portal,
    see_other,
    session,
    settings,
    signed_in,
    signing,
    writing,
)

WRONG = _l("The name or the password is not right.")
WRONG_CODE = _l(
    "The name or the code is not right, or the code has expired or was used. Your institution's "
    "administration gives you another."
)
CHOOSES = _l("At least 12 characters; a phrase is best.")


@blueprint.route("/login", methods=["GET", "POST"])
@open_to_all
def sign_in() -> str | Response | tuple[str, int]:
    """Sign in with name and password; slow after failures, the same answer for unknown names."""
    if actor().user_id is not None and request.method == "GET":
        return see_other(following())
    form = Form(SignInInput)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            user = _known(given.username, given.password)
            return begin(user.id, to=following())
        except Invalid as error:
            form.refuse(*error.problems)
    return form.page("users/login.html", next=following(), accounts=portal().demo_accounts)


def _known(username: str, password: str) -> User:
    """Return the account whose password this is; slow after failures, whoever is asked for."""
    subjects = subjects_of(username)
    require_patience(subjects)
    user = find_user(session(), username)
    known = user.password_hash if user and user.disabled_at is None else None
    if not verify(known, password, weak=settings().weak_hash) or user is None:
        count_failure(subjects)
        raise Invalid(Problem(None, WRONG))
    return user


@blueprint.route("/login/first", methods=["GET", "POST"])
@open_to_all
def first_day() -> str | Response | tuple[str, int]:
    """Come in for the first time with the code that one's institution gave in person."""
    form = Form(FirstDay)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            user = _holder(given.username, given.code)
            answer = begin(user.id, stage=Stage.ENROL, to=url_for("users.start"))
        except Invalid as error:
            form.refuse(*error.problems)
        else:
            services.use_code(writing(), actor(), user.id)
            return answer
    return form.page("users/first_day.html")


def _holder(username: str, code: str) -> User:
    """Return the new account whose code this is; slow after failures, whoever is asked for."""
    subjects = subjects_of(username)
    require_patience(subjects)
    user = find_user(session(), username)
    if user is None or user.disabled_at is not None or not is_code(session(), user.id, code):
        count_failure(subjects)
        raise Invalid(Problem(None, WRONG_CODE))
    if is_hash(user.password_hash):
        raise Invalid(Problem(None, _l("Sign in with your password; the code is asked after it.")))
    return user


@blueprint.route("/login/start", methods=["GET", "POST"])
@half_way(Stage.ENROL)
def start() -> str | Response | tuple[str, int]:
    """Choose the password with which to come in from now on."""
    who = newcomer()
    form = Form(NewPassword)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            user = get_user(session(), own_id(who))
            check_new(given.new_password, words=[user.name, user.username])
        except Invalid as error:
            form.refuse(*error.problems)
        else:
            new_hash = make_hash(given.new_password, weak=settings().weak_hash)
            services.change_password(writing(), who, new_hash=new_hash, keep=who.sign_in_id)
            return renew(who, who.agency_id, "/")
    return form.page("users/start.html", name=who.name, note=CHOOSES)


@blueprint.route("/login/proof", methods=["GET", "POST"])
@signed_in
def prove() -> str | Response | tuple[str, int]:
    """Prove again who one is before what is gravest; a new token replaces this one."""
    form = Form(Proof)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            _known(get_user(session(), own_id()).username, given.password)
        except Invalid as error:
            form.refuse(*error.problems)
        else:
            return renew(actor(), actor().agency_id, following())
    return form.page("users/prove.html", next=following())


@blueprint.post("/logout")
@signed_in
def sign_out() -> Response:
    """End this sign-in on the server and clear what the browser kept."""
    ended = actor().sign_in_id
    if ended is not None:
        services.end_sign_in(writing(), actor(), ended)
    return signing.take(see_other(url_for("users.sign_in")))
