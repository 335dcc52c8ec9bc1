"""Coming in: a passkey in one gesture, or a password and then a code; the first day; going out."""

from flask import request, url_for
from werkzeug.wrappers import Response

from portal.errors import Invalid, Problem
from portal.texts import _l
from portal.users import devices, factors, passkeys, services
from portal.users.inputs import FirstDay, Proof, SecondStep, Shown, SignInInput
from portal.users.models import Stage, User
from portal.users.passwords import is_dated, is_hash, make_hash, verify
from portal.users.queries import find_user, get_user, is_code
from portal.users.views.base import (
    begin,
    blueprint,
    count_failure,
    following,
    newcomer,
    own_id,
    party,
    passkey_options,
    renew,
    require_patience,
    subjects_of,
    take_code,
)
from portal.web import (
    Form,
    actor,
    ending,
    half_way,
    on_shared_desks,
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
NO_CODE = _l("Write the code of your app or one of your recovery codes.")


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
            return _after_password(known(given.username, given.password), given.password)
        except Invalid as error:
            form.refuse(*error.problems)
    return _login(form)


def _login(form: Form[SignInInput]) -> tuple[str, int]:
    return form.page(
        "users/login.html",
        next=following(),
        options=passkey_options(),
        device=devices.find_device(session(), signing.device_token()),
        accounts=portal().demo_accounts,
    )


def known(username: str, password: str) -> User:
    """Return the account whose password this is; slow after failures, whoever is asked for."""
    subjects = subjects_of(username)
    require_patience(subjects)
    user = find_user(session(), username)
    stored = user.password_hash if user and user.disabled_at is None else None
    if not verify(stored, password, weak=settings().weak_hash) or user is None:
        count_failure(subjects)
        raise Invalid(Problem(None, WRONG))
    return user


def _after_password(user: User, password: str) -> Response:
    """Lead on from a right password: to the second step, to a second factor, or in."""
    weak = settings().weak_hash
    renewed = make_hash(password, weak=weak) if is_dated(user.password_hash, weak=weak) else ""
    have = factors.held(session(), user.id)
    stage, to = Stage.OPEN, following()
    if have.asks_second:
        stage, to = Stage.SECOND, url_for("users.second", next=following())
    elif settings().requires_second_factor:
        stage, to = Stage.ENROL, url_for("users.start")
    answer = begin(user.id, to, by="password", stage=stage)
    if renewed:
        services.keep_hash(writing(), user.id, renewed)
    return answer


@blueprint.post("/login/passkey")
@open_to_all
def by_passkey() -> Response | tuple[str, int]:
    """Sign in with a passkey, which says by itself whose it is; no guess is counted or slowed."""
    form = Form(Shown)
    given = form.read()
    try:
        if given is None:
            raise Invalid(Problem(None, passkeys.REFUSED))
        shown = passkeys.check_shown(session(), party(), given.credential)
        answer = begin(shown.user_id, following(), by="passkey")
    except Invalid as error:
        again = Form(SignInInput)
        again.refuse(*error.problems)
        return _login(again)
    passkeys.use_passkey(writing(), shown)
    return answer


@blueprint.route("/login/second", methods=["GET", "POST"])
@half_way(Stage.SECOND)
def second() -> str | Response | tuple[str, int]:
    """Give what comes after the password: a passkey, a code of the app, of recovery, or in hand."""
    who = newcomer()
    have = factors.held(session(), own_id(who))
    purpose = f"second:{who.user_id}"
    form: Form[SecondStep] | Form[Shown] = Form(SecondStep)
    if form.posted and "credential" in request.form:
        form = Form(Shown)
    given = form.read() if form.posted else None
    try:
        if isinstance(given, Shown):
            shown = passkeys.check_shown(
                session(), party(), given.credential, purpose=purpose, owner=who.user_id
            )
            passkeys.use_passkey(writing(), shown)
            return renew(who, see_other(following()), by="password+passkey")
        if isinstance(given, SecondStep) and have.must_use_code:
            return _with_code_in_hand(given.code)
        if isinstance(given, SecondStep):
            by = take_code(who, given.code)
            return renew(who, see_other(following()), by=f"password+{by}")
    except Invalid as error:
        form.refuse(*error.problems)
    options = passkey_options(purpose) if have.passkeys else ""
    return form.page("users/second.html", next=following(), options=options, have=have)


def _with_code_in_hand(code: str) -> Response:
    """Go on from the code that two people of the institution gave: to a new second factor."""
    who = newcomer()
    subjects = subjects_of(f"code:{who.user_id}")
    require_patience(subjects)
    if not is_code(session(), own_id(who), code):
        count_failure(subjects)
        raise Invalid(Problem("code", WRONG_CODE))
    services.use_code(writing(), who, own_id(who))
    return renew(who, see_other(url_for("users.start")), by="password+code", stage=Stage.ENROL)


@blueprint.route("/login/first", methods=["GET", "POST"])
@open_to_all
def first_day() -> str | Response | tuple[str, int]:
    """Come in for the first time with the code that one's institution gave in person."""
    form = Form(FirstDay)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            user = _holder(given.username, given.code)
            answer = begin(user.id, url_for("users.start"), by="code", stage=Stage.ENROL)
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


@blueprint.route("/login/proof", methods=["GET", "POST"])
@signed_in
def prove() -> str | Response | tuple[str, int]:
    """Prove again who one is before what is gravest; a new token replaces this one."""
    have = factors.held(session(), own_id())
    purpose = f"prove:{actor().user_id}"
    form: Form[Proof] | Form[Shown] = Form(Proof)
    if form.posted and "credential" in request.form:
        form = Form(Shown)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            by = _prove(given, purpose, have)
        except Invalid as error:
            form.refuse(*error.problems)
        else:
            return renew(actor(), see_other(following()), by=by)
    options = passkey_options(purpose) if have.passkeys else ""
    return form.page("users/prove.html", next=following(), options=options, have=have)


def _prove(given: Proof | Shown, purpose: str, have: factors.Held) -> str:
    """Take a passkey, or password and code where one is held; says which. Raises Invalid."""
    if isinstance(given, Shown):
        shown = passkeys.check_shown(
            session(), party(), given.credential, purpose=purpose, owner=actor().user_id
        )
        passkeys.use_passkey(writing(), shown)
        return "passkey"
    if have.has_second and not given.code:
        raise Invalid(Problem("code", NO_CODE))
    known(get_user(session(), own_id()).username, given.password)
    return f"password+{take_code(actor(), given.code)}" if have.has_second else "password"


@blueprint.post("/logout")
@ending
@on_shared_desks
@signed_in
def sign_out() -> Response:
    """End this sign-in on the server and clear what the browser kept."""
    ended = actor().sign_in_id
    if ended is not None:
        services.end_sign_in(writing(), actor(), ended)
    return signing.take(see_other(url_for("users.sign_in")))
