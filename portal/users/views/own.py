"""One's own settings: language, password, sign-ins, the institution acted for."""

from uuid import UUID

from flask import g, request, url_for
from werkzeug.wrappers import Response

from portal.access.queries import acting_choices
from portal.errors import Invalid, NotFound
from portal.users import factors, services
from portal.users.calendars import find_key
from portal.users.inputs import ChangePassword, NewPassword, OwnSettings
from portal.users.passkeys import list_passkeys
from portal.users.passwords import check_new, is_hash, make_hash
from portal.users.queries import get_user, list_sign_ins
from portal.users.views.base import blueprint, own_id, replace, words_about
from portal.users.views.starting import CHOOSES
from portal.web import Form, actor, require_proof, see_other, session, settings, signed_in, writing


@blueprint.route("/me", methods=["GET", "POST"])
@signed_in
def me() -> str | Response | tuple[str, int]:
    """Show one's own settings, sign-ins and institutions."""
    form = Form(OwnSettings, initial={"locale": get_user(session(), own_id()).locale})
    if form.done(
        lambda given: services.set_locale(writing(), actor(), locale=given.locale) or True
    ):
        return see_other(url_for("users.me"))
    return form.page(
        "users/me.html",
        sign_ins=list_sign_ins(session(), own_id()),
        choices=acting_choices(session(), own_id()),
        have=factors.held(session(), own_id()),
        keys=list_passkeys(session(), own_id()),
        calendar=find_key(session(), own_id()),
        recovered_at=factors.last_recovery(session(), own_id()),
    )


@blueprint.route("/me/password", methods=["GET", "POST"])
@signed_in
def password() -> str | Response | tuple[str, int]:
    """Change one's own password; every other sign-in ends."""
    user = get_user(session(), own_id())
    has_one = is_hash(user.password_hash)
    if not has_one:
        require_proof()
    form: Form[ChangePassword] | Form[NewPassword] = Form(NewPassword)
    if has_one:
        form = Form(ChangePassword)
    weak = settings().weak_hash
    given = form.read() if form.posted else None
    if given is not None:
        try:
            if isinstance(given, ChangePassword):
                services.check_present_password(session(), actor(), given.password, weak=weak)
            check_new(given.new_password, words=words_about(user))
        except Invalid as error:
            form.refuse(*error.problems)
        else:
            new_hash = make_hash(given.new_password, weak=weak)
            services.change_password(writing(), actor(), new_hash=new_hash, keep=actor().sign_in_id)
            return see_other(url_for("users.me"))
    return form.page("users/password.html", note=CHOOSES, has_one=has_one)


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
    own = acting_choices(session(), own_id())
    choices = {str(agency_id or ""): agency_id for agency_id, _name in own}
    if wanted not in choices:
        raise NotFound
    return replace(
        actor(), see_other("/"), by="acting", agency_id=choices[wanted], proved_at=g.proved_at
    )
