"""The token of a live view: a signed cookie of the session's own path.

It answers "nothing changed" without looking anybody up, and keeps the view alive through a long
meeting; it opens nothing else and never prolongs a sign-in (ARCHITECTURE: polling).
"""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlmodel import Session, col

from portal.actor import Actor
from portal.councils.models import Meeting
from portal.db import given
from portal.users.models import SignIn, User
from portal.users.queries import SignedIn

HOURS = 12
SALT = "council-seat"


@dataclass(frozen=True, slots=True)
class SeatToken:
    """Whose live view of which session: the sign-in it was opened under."""

    meeting_id: UUID
    sign_in_id: UUID


def _serializer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=SALT)


def make_token(secret: str, actor: Actor, meeting_id: UUID) -> str:
    """Return the token of an actor's view of a session."""
    return str(_serializer(secret).dumps([meeting_id.hex, (actor.sign_in_id or UUID(int=0)).hex]))


def read_token(secret: str, token: str) -> SeatToken | None:
    """Return what a token says, or None where it is not ours or older than twelve hours."""
    try:
        given: Any = _serializer(secret).loads(token, max_age=HOURS * 3600)
        return SeatToken(UUID(given[0]), UUID(given[1]))
    except (BadSignature, ValueError, TypeError, IndexError):
        return None


def live_version(session: Session, meeting_id: UUID) -> int | None:
    """Return the number that grows with every change of a session, or None.

    Forty devices ask it every two seconds: it goes to the database by the shortest way.
    """
    return session.connection().scalar(_version(), {"meeting_id": meeting_id})


@cache
def _version() -> "sa.Select[int]":
    return sa.select(col(Meeting.live_version)).where(col(Meeting.id) == given("meeting_id"))


def signed_in_of(session: Session, token: SeatToken) -> SignedIn | None:
    """Return the sign-in of a token where nobody ended it; that it idled does not matter here."""
    row = session.execute(
        sa.select(
            col(SignIn.user_id),
            col(SignIn.agency_id),
            col(User.name),
            col(User.locale),
            col(SignIn.proved_at),
        )
        .join(User, col(User.id) == col(SignIn.user_id))
        .where(
            col(SignIn.id) == token.sign_in_id,
            col(SignIn.ended_at).is_(None),
            col(User.disabled_at).is_(None),
        )
    ).first()
    if row is None:
        return None
    user_id, agency_id, name, locale, proved_at = row
    return SignedIn(
        token.sign_in_id, user_id, agency_id, name, locale, proved_at, needs_touch=False
    )
