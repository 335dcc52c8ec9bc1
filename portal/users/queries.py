"""Finding people with an account and their sign-ins."""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import Role
from portal.db import rows
from portal.errors import NotFound
from portal.settings import Settings
from portal.users.browsers import browser_words
from portal.users.models import CodeApp, FirstCode, Passkey, SignIn, Stage, User
from portal.users.passwords import is_hash

TOUCH_EVERY = timedelta(minutes=1)
HALF_WAY = timedelta(minutes=30)
# A sign-in seen later than now by more than this was seen before the clock was put back.
UNSURE = timedelta(minutes=5)


def hash_token(token: str) -> str:
    """Return what the server keeps of a token of 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that holds, whose it is, and how far it has come."""

    id: UUID
    user_id: UUID
    agency_id: UUID | None
    name: str
    locale: str
    proved_at: datetime
    needs_touch: bool
    stage: Stage = Stage.OPEN
    only_role: Role | None = None
    device_id: UUID | None = None


def _used_since(moment: str) -> sa.ColumnElement[bool]:
    return col(SignIn.seen_at) > sa.bindparam(moment)


# Every request asks this: it is put together once. The platform's people idle less long, and so
# does whoever works at a shared desk.
_HOLDS = (
    sa.select(
        col(SignIn.id),
        col(SignIn.user_id),
        col(SignIn.agency_id),
        col(User.name),
        col(User.locale),
        col(SignIn.proved_at),
        col(SignIn.stage),
        col(SignIn.only_role),
        col(SignIn.device_id),
        col(SignIn.seen_at),
    )
    .join(User, col(User.id) == col(SignIn.user_id))
    .where(
        col(SignIn.token_hash) == sa.bindparam("token_hash"),
        col(SignIn.ended_at).is_(None),
        sa.case(
            (col(SignIn.device_id).is_not(None), _used_since("idle_at_desk")),
            (col(SignIn.agency_id).is_(None), _used_since("idle_on_platform")),
            else_=_used_since("idle"),
        ),
        col(SignIn.seen_at) < sa.bindparam("unsure"),
        col(SignIn.created_at) > sa.bindparam("too_old"),
        sa.or_(
            col(SignIn.stage).in_((Stage.OPEN, Stage.LOCKED)),
            col(SignIn.created_at) > sa.bindparam("half_way"),
        ),
        col(User.disabled_at).is_(None),
    )
)


def seconds_left(session: Session, token: str, settings: Settings) -> int:
    """Return how long a sign-in still holds if nothing is done; 0 where it does not."""
    found = find_sign_in(session, token, settings)
    if found is None:
        return 0
    times = rows(
        session,
        sa.select(col(SignIn.seen_at), col(SignIn.created_at)).where(col(SignIn.id) == found.id),
    )
    seen_at, created_at = times[0]
    idle = idle_minutes(found.agency_id, settings, found.device_id)
    ends = min(
        seen_at + timedelta(minutes=idle), created_at + timedelta(hours=settings.absolute_hours)
    )
    return max(0, int((ends - clock.now()).total_seconds()))


def idle_minutes(agency_id: UUID | None, settings: Settings, device_id: UUID | None = None) -> int:
    """Return after how many minutes without a request a sign-in ends."""
    if device_id is not None:
        return min(settings.shared_idle_minutes, settings.idle_minutes)
    if agency_id is None:
        return min(settings.platform_idle_minutes, settings.idle_minutes)
    return settings.idle_minutes


def find_sign_in(session: Session, token: str, settings: Settings) -> SignedIn | None:
    """Return the sign-in of a token that has neither ended, nor idled, nor grown too old.

    Where the clock was put back nobody can tell how long it idled: it no longer holds.
    """
    now = clock.now()

    def ago(minutes: int) -> datetime:
        return now - timedelta(minutes=minutes)

    given = {
        "token_hash": hash_token(token),
        "idle": ago(settings.idle_minutes),
        "idle_on_platform": ago(idle_minutes(None, settings)),
        "idle_at_desk": ago(min(settings.shared_idle_minutes, settings.idle_minutes)),
        "unsure": now + UNSURE,
        "too_old": now - timedelta(hours=settings.absolute_hours),
        "half_way": now - HALF_WAY,
    }
    found = rows(session, _HOLDS, given)
    if not found:
        return None
    own, user_id, agency_id, name, locale, proved_at, stage, role, device_id, seen_at = found[0]
    needs_touch = now - seen_at > TOUCH_EVERY
    return SignedIn(
        own, user_id, agency_id, name, locale, proved_at, needs_touch, stage, role, device_id
    )


def owner_of_token(session: Session, token: str) -> tuple[UUID, UUID | None] | None:
    """Return whose token this was and for which agency, ended or not; for keeping a draft."""
    found = rows(
        session,
        sa.select(col(SignIn.user_id), col(SignIn.agency_id)).where(
            col(SignIn.token_hash) == hash_token(token)
        ),
    )
    return (found[0][0], found[0][1]) if found else None


def find_user(session: Session, username: str) -> User | None:
    """Return the account of a name, however its letters' case was typed."""
    return session.scalar(sa.select(User).where(col(User.username) == username.strip().lower()))


def get_user(session: Session, user_id: UUID) -> User:
    """Return an account; raises NotFound."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def hash_code(user_id: UUID, code: str) -> str:
    """Return what the server keeps of a person's code, however it was typed."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(f"{user_id}:{letters}".encode()).hexdigest()


def needs_code(session: Session, user_id: UUID) -> bool:
    """Tell whether an account is entered with a code only: one was issued and not used yet."""
    return bool(session.scalar(sa.select(sa.exists().where(col(FirstCode.user_id) == user_id))))


def is_code(session: Session, user_id: UUID, code: str) -> bool:
    """Tell whether this is the code that was issued to a person within the last day."""
    known = session.scalar(
        sa.select(col(FirstCode.code_hash)).where(
            col(FirstCode.user_id) == user_id, col(FirstCode.expires_at) > clock.now()
        )
    )
    return hmac.compare_digest(known or "", hash_code(user_id, code))


def names_of_users(session: Session, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of some people in one statement."""
    statement = sa.select(col(User.id), col(User.name)).where(col(User.id).in_(user_ids))
    return dict(rows(session, statement))


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """One of a person's own sign-ins, as the settings page lists it."""

    id: UUID
    device: str
    created_at: datetime
    seen_at: datetime

    @property
    def browser(self) -> str:
        """Return browser and system in words, or an empty text."""
        return browser_words(self.device)


def list_sign_ins(session: Session, user_id: UUID) -> list[OpenSignIn]:
    """Return a person's open sign-ins, the latest first."""
    statement = (
        sa.select(col(SignIn.id), col(SignIn.device), col(SignIn.created_at), col(SignIn.seen_at))
        .where(
            col(SignIn.user_id) == user_id,
            col(SignIn.ended_at).is_(None),
            col(SignIn.stage).in_((Stage.OPEN, Stage.LOCKED)),
        )
        .order_by(col(SignIn.seen_at).desc())
    )
    return [OpenSignIn(*row) for row in rows(session, statement)]


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the operator lists it; `opens_with` says what its owner holds."""

    username: str
    name: str
    is_disabled: bool
    opens_with: str


def list_users(session: Session) -> list[Account]:
    """Return every account by its user name."""

    def some(table: type[Passkey] | type[CodeApp]) -> sa.ColumnElement[bool]:
        return sa.exists().where(col(table.user_id) == col(User.id))

    statement = sa.select(
        col(User.username),
        col(User.name),
        col(User.disabled_at),
        col(User.password_hash),
        some(Passkey),
        some(CodeApp),
    ).order_by(col(User.username))
    found = []
    for username, name, disabled_at, password_hash, has_passkey, has_app in rows(
        session, statement
    ):
        held = {"passkey": has_passkey, "password": is_hash(password_hash), "app": has_app}
        opens_with = "+".join(word for word, there in held.items() if there)
        found.append(Account(username, name, disabled_at is not None, opens_with))
    return found
