"""What the pages of sign-in and of one's own settings share."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from portal.access.queries import acting_choices
from portal.actor import Actor
from portal.errors import Invalid, NotFound, Problem
from portal.texts import _l, _n
from portal.users import services
from portal.users.models import Stage
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


def begin(user_id: UUID, *, stage: Stage = Stage.OPEN, to: str) -> Response:
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
    )
    return signing.give(see_other(to), token)


def renew(
    who: Actor,
    agency_id: UUID | None,
    to: str,
    *,
    proved_at: datetime | None = None,
) -> Response:
    """End a sign-in and give another in its place, proved now unless `proved_at` says when."""
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
    )
    return signing.give(see_other(to), token)
