"""Accounts and sign-ins: made, changed, ended."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, Role
from portal.errors import Conflict, Invalid, NotFound, Problem
from portal.texts import _l
from portal.users.models import Attempt, CalendarKey, FirstCode, SignIn, Stage, User
from portal.users.passwords import check_new, is_hash, make_hash, verify
from portal.users.queries import find_user, get_user, hash_code, hash_token

WINDOW = timedelta(hours=1)
# Of an account, and of an address: behind one address there may be a whole office.
FREE_TRIES = (5, 20)
LONGEST_WAIT = 600

# No vowels, so that no word appears, and nothing that is read two ways.
LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
CODE_LASTS = timedelta(hours=24)


def create_user(
    session: Session,
    actor: Actor,
    *,
    username: str,
    name: str,
    password: str = "",
    weak_hash: bool = False,
) -> User:
    """Create an account; raises Invalid where the name is taken or the password is weak.

    Without a password the person comes in by a code (`issue_code`) and chooses one, so that nobody
    else ever knows it.
    """
    username = username.strip().lower()
    if find_user(session, username) is not None:
        raise Invalid(Problem("username", _l("This name is taken.")))
    if password:
        check_new(password, words=[username, name])
    user = User(
        username=username,
        name=name.strip(),
        password_hash=make_hash(password, weak=weak_hash) if password else "",
        created_at=clock.now(),
    )
    session.add(user)
    session.flush()
    audit.record(session, actor, "users.user.create", user.id)
    return user


def issue_code(session: Session, actor: Actor, user_id: UUID) -> str:
    """Give a new account its code of the first day and return it, to be handed over in person.

    It opens the account once, within a day; only its hash is kept, and it replaces an earlier one.
    Raises Conflict where the account is in use: what is lost is then restored by two people.
    """
    user = get_user(session, user_id)
    if is_hash(user.password_hash):
        raise Conflict(_l("This account is in use. What its owner lost is restored by two people."))
    return make_code(session, actor, user.id)


def make_code(session: Session, actor: Actor, user_id: UUID) -> str:
    """Put a new code in place of any earlier one; its 57 random bits are kept hashed only."""
    code = "".join(secrets.choice(LETTERS) for _letter in range(CODE_LENGTH))
    session.execute(sa.delete(FirstCode).where(col(FirstCode.user_id) == user_id))
    now = clock.now()
    row = FirstCode(
        user_id=user_id,
        code_hash=hash_code(user_id, code),
        issued_by=actor.user_id,
        issued_at=now,
        expires_at=now + CODE_LASTS,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "users.code.issue", user_id)
    return "-".join(code[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def use_code(session: Session, actor: Actor, user_id: UUID) -> None:
    """Take the code away at its use; raises NotFound where another request just used it."""
    taken = session.execute(sa.delete(FirstCode).where(col(FirstCode.user_id) == user_id))
    if taken.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound
    audit.record(session, actor, "users.code.use", user_id)


def change_password(
    session: Session, actor: Actor, *, new_hash: str, keep: UUID | None = None
) -> None:
    """Put a new password hash, made outside the transaction; every other sign-in ends."""
    if actor.user_id is None:
        raise NotFound
    user = get_user(session, actor.user_id)
    user.password_hash = new_hash
    end_sign_ins(session, actor, user.id, keep=keep)
    audit.record(session, actor, "users.password.change", user.id)


def keep_hash(session: Session, user_id: UUID, new_hash: str) -> None:
    """Keep the same password under a hash of today's cost."""
    session.execute(sa.update(User).where(col(User.id) == user_id).values(password_hash=new_hash))


def check_present_password(session: Session, actor: Actor, password: str, *, weak: bool) -> User:
    """Return the actor's account if the password is right; raises Invalid on `password`."""
    user = get_user(session, actor.user_id) if actor.user_id else None
    if user is None or not verify(user.password_hash, password, weak=weak):
        raise Invalid(Problem("password", _l("This is not your present password.")))
    return user


def set_locale(session: Session, actor: Actor, *, locale: str) -> User:
    """Keep the language in which the person reads."""
    if actor.user_id is None:
        raise NotFound
    user = get_user(session, actor.user_id)
    user.locale = locale
    session.flush()
    return user


def disable_user(session: Session, actor: Actor, user_id: UUID) -> None:
    """Close an account; its sign-ins end at once."""
    user = get_user(session, user_id)
    user.disabled_at = clock.now()
    end_sign_ins(session, actor, user.id)
    audit.record(session, actor, "users.user.disable", user.id)


def subject_of(kind: str, value: str, secret: str) -> str:
    """Return the keyed hash under which tries are counted: `account` or `address`."""
    return hmac.new(secret.encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def seconds_to_wait(session: Session, subjects: Sequence[str]) -> int:
    """Return how long the next try must wait: nothing for the first ones, then doubling.

    `subjects` are the account and, if any, the address. Never a hard lock: the wait ends by itself,
    at the latest after ten minutes.
    """
    now = clock.now()
    longest = 0
    for subject, free in zip(subjects, FREE_TRIES, strict=False):
        count, last = session.execute(
            sa.select(sa.func.count(), sa.func.max(col(Attempt.at))).where(
                col(Attempt.subject) == subject, col(Attempt.at) > now - WINDOW
            )
        ).one()
        if count >= free and last is not None:
            wait = min(2 ** (count - free + 1), LONGEST_WAIT)
            # A clock that was put back makes nobody wait for longer.
            longest = max(longest, min(wait - int((now - last).total_seconds()), wait))
    return longest


def note_failure(session: Session, actor: Actor, subjects: Sequence[str]) -> None:
    """Count a failed sign-in and forget old ones; the trail keeps that it happened."""
    now = clock.now()
    session.execute(sa.delete(Attempt).where(col(Attempt.at) < now - WINDOW))
    session.add_all([Attempt(subject=subject, at=now) for subject in subjects])
    audit.record(session, actor, "users.sign_in.failed", None, outcome="refused")


def start_sign_in(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    agency_id: UUID | None,
    device: str,
    proved_at: datetime | None = None,
    stage: Stage = Stage.OPEN,
    by: str = "",
    only_role: Role | None = None,
    device_id: UUID | None = None,
) -> str:
    """Write a sign-in for an agency and return its token, which is kept hashed only.

    The person proved just now who it is, unless `proved_at` says when. One whose `stage` is not
    open leads to the next step of signing in only. `by` says in the trail with what.
    At a shared device it holds one role only.
    """
    token = secrets.token_urlsafe(32)
    now = clock.now()
    row = SignIn(
        token_hash=hash_token(token),
        user_id=user_id,
        agency_id=agency_id,
        device=device[:120],
        created_at=now,
        proved_at=proved_at or now,
        seen_at=now,
        stage=stage,
        only_role=only_role,
        device_id=device_id,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        # Until now nobody was signed in; in the trail it is the person who came in.
        actor if actor.user_id else replace(actor, user_id=user_id, agency_id=agency_id),
        "users.sign_in.start",
        row.id,
        user=str(user_id),
        stage=stage.value,
        by=by,
    )
    return token


def touch(session: Session, sign_in_id: UUID) -> None:
    """Note that a sign-in is in use; written at most once a minute."""
    session.execute(
        sa.update(SignIn).where(col(SignIn.id) == sign_in_id).values(seen_at=clock.now())
    )


def lock(session: Session, actor: Actor) -> None:
    """Lock the actor's sign-in: it answers nothing but the page that unlocks it."""
    session.execute(
        sa.update(SignIn)
        .where(col(SignIn.id) == actor.sign_in_id, col(SignIn.user_id) == actor.user_id)
        .values(stage=Stage.LOCKED)
    )
    audit.record(session, actor, "users.sign_in.lock", actor.sign_in_id)


def end_lapsed(session: Session, *, idle: timedelta, absolute: timedelta) -> None:
    """End what idled or grew too old, so that a clock that is put back revives nothing."""
    now = clock.now()
    too_old = sa.or_(col(SignIn.seen_at) <= now - idle, col(SignIn.created_at) <= now - absolute)
    session.execute(
        sa.update(SignIn).where(col(SignIn.ended_at).is_(None), too_old).values(ended_at=now)
    )


def end_sign_in(session: Session, actor: Actor, sign_in_id: UUID) -> None:
    """End one of the actor's own sign-ins; it opens nothing from the next request on."""
    ended = session.execute(
        sa.update(SignIn)
        .where(
            col(SignIn.id) == sign_in_id,
            col(SignIn.user_id) == actor.user_id,
            col(SignIn.ended_at).is_(None),
        )
        .values(ended_at=clock.now())
    )
    if ended.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound
    audit.record(session, actor, "users.sign_in.end", sign_in_id)


def end_sign_ins(
    session: Session, actor: Actor, user_id: UUID, *, keep: UUID | None = None
) -> None:
    """End all sign-ins of a person, but one to keep, and the address of the calendar with them."""
    condition = sa.and_(col(SignIn.user_id) == user_id, col(SignIn.ended_at).is_(None))
    if keep is not None:
        condition = sa.and_(condition, col(SignIn.id) != keep)
    session.execute(sa.update(SignIn).where(condition).values(ended_at=clock.now()))
    session.execute(sa.delete(CalendarKey).where(col(CalendarKey.user_id) == user_id))
    audit.record(session, actor, "users.sign_in.end_all", user_id)
