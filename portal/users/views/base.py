"""What the pages of sign-in and of one's own settings share."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from portal.access.queries import acting_choices
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.errors import Invalid, NotFound, Problem
from portal.places import full_name_of
from portal.texts import _l, _n
from portal.users import factors, passkeys, services
from portal.users.models import Stage, User
from portal.users.queries import SignedIn
from portal.web import actor, see_other, session, settings, signing, writing
from portal.web.request import after_refusal

blueprint = Blueprint("users", __name__)


def following() -> str:
    """Return where to go after signing in: a path of this portal, never another host."""
    wanted = request.values.get("next", "/")
    parts = urlsplit(wanted)
    safe = not parts.netloc and not parts.scheme and wanted.startswith("/")
    return wanted if safe and not wanted.startswith(("//", "/\\")) else "/"


def own_id(who: Actor | None = None) -> UUID:
    """Return whose settings these are; raises NotFound where nobody is signed in."""
    own = (who or actor()).user_id
    if own is None:
        raise NotFound
    return own


def newcomer() -> Actor:
    """Return whoever is half-way through signing in, who may do nothing but go on."""
    found: SignedIn = g.half_way
    return Actor(
        user_id=found.user_id,
        agency_id=found.agency_id,
        sign_in_id=found.id,
        request_id=g.request_id,
        name=found.name,
    )


def subjects_of(account: str) -> list[str]:
    """Return under what tries are counted: the account asked for and the address asking."""
    secret = settings().secret_key
    return [
        services.subject_of("account", account, secret),
        services.subject_of("address", request.remote_addr or "", secret),
    ]


def require_patience(subjects: list[str]) -> None:
    """Go on where nobody guesses; raises Invalid while the next try must wait."""
    wait = services.seconds_to_wait(session(), subjects)
    if wait > 0:
        text = _n(
            "Too many attempts. Try again in %(num)s second.",
            "Too many attempts. Try again in %(num)s seconds.",
            wait,
        )
        raise Invalid(Problem(None, text))


def count_failure(subjects: list[str]) -> None:
    """Count a failed try, whatever becomes of this request."""
    who = actor()
    after_refusal(lambda writer: services.note_failure(writer, who, subjects))


def begin(user_id: UUID, to: str, *, by: str, stage: Stage = Stage.OPEN) -> Response:
    """Start a sign-in for the first of a person's institutions and lead on.

    Raises Invalid where the person has none now.
    """
    choices = acting_choices(session(), user_id)
    if not choices:
        raise Invalid(Problem(None, _l("You have no role in any institution now. Ask yours.")))
    token = services.start_sign_in(
        writing(),
        actor(),
        user_id=user_id,
        agency_id=choices[0][0],
        device=str(request.user_agent),
        stage=stage,
        by=by,
    )
    return signing.give(see_other(to), token)


def renew(who: Actor, answer: Response, *, by: str, stage: Stage = Stage.OPEN) -> Response:
    """End a sign-in and put the token of another one, proved now, on an answer."""
    return replace(who, answer, agency_id=who.agency_id, by=by, stage=stage)


def replace(
    who: Actor,
    answer: Response,
    *,
    agency_id: UUID | None,
    by: str,
    stage: Stage = Stage.OPEN,
    proved_at: datetime | None = None,
) -> Response:
    """End a sign-in and give another one for an agency, proved now unless `proved_at` says when."""
    if who.user_id is None or who.sign_in_id is None:
        raise NotFound
    services.end_sign_in(writing(), who, who.sign_in_id)
    token = services.start_sign_in(
        writing(),
        who,
        user_id=who.user_id,
        agency_id=agency_id,
        device=str(request.user_agent),
        proved_at=proved_at,
        stage=stage,
        by=by,
    )
    return signing.give(answer, token)


def party() -> passkeys.Party:
    """Return for whom passkeys are: the configured address, else the host that was asked for."""
    address = urlsplit(settings().base_url or request.host_url)
    origin = f"{address.scheme}://{address.netloc}"
    return passkeys.Party(address.hostname or "", origin, settings().secret_key)


def can_passkey() -> bool:
    """Tell whether browsers make passkeys here: never for a bare number, and over https only."""
    asked = party()
    is_number = asked.host.replace(".", "").isdigit() or ":" in asked.host
    return not is_number and (asked.origin.startswith("https:") or asked.host == "localhost")


def passkey_options(purpose: str = "enter") -> str:
    """Return what a page asks the browser for, or nothing where it cannot be asked."""
    return passkeys.options_to_enter(party(), purpose) if can_passkey() else ""


def take_code(who: Actor, code: str) -> str:
    """Take a code of the app or of recovery from somebody; slow after failures.

    Returns which it was; raises Invalid on `code`.
    """
    subjects = subjects_of(f"code:{own_id(who)}")
    require_patience(subjects)
    letters = "".join(letter for letter in code if letter.isalnum())
    try:
        if len(letters) == factors.RECOVERY_LENGTH:
            factors.use_recovery_code(writing(), who, letters)
            return "recovery"
        factors.use_app_code(writing(), who, letters)
    except Invalid:
        count_failure(subjects)
        raise
    return "app"


def words_about(user: User) -> list[str]:
    """Return what others know of a person, on which no password is built."""
    known = [user.name, user.username]
    for agency_id, name in acting_choices(session(), user.id):
        agency = session().get(Agency, agency_id) if agency_id else None
        known += [name, *([agency.code, full_name_of(agency.district)] if agency else [])]
    return known
