"""The address under which a program of calendars reads a person's terms.

It is the one address that carries a secret: shown once, kept hashed, ended by its owner.
"""

import secrets
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.db import rows
from portal.errors import NotFound
from portal.users.models import CalendarKey, User
from portal.users.queries import SignedIn, hash_token

NOTE_EVERY = timedelta(hours=1)


def find_key(session: Session, user_id: UUID) -> CalendarKey | None:
    """Return a person's key, if there is one."""
    return session.scalar(sa.select(CalendarKey).where(col(CalendarKey.user_id) == user_id))


def make_key(session: Session, actor: Actor) -> str:
    """Give a person a new token for the calendar, which ends the one before; returns it once."""
    if actor.user_id is None:
        raise NotFound
    token = secrets.token_urlsafe(32)
    session.execute(sa.delete(CalendarKey).where(col(CalendarKey.user_id) == actor.user_id))
    made = CalendarKey(user_id=actor.user_id, token_hash=hash_token(token), made_at=clock.now())
    session.add(made)
    session.flush()
    audit.record(session, actor, "users.calendar.make", made.id)
    return token


def end_key(session: Session, actor: Actor) -> None:
    """End a person's calendar; the address answers no more. Raises NotFound without one."""
    key = find_key(session, actor.user_id) if actor.user_id else None
    if key is None:
        raise NotFound
    session.delete(key)
    session.flush()
    audit.record(session, actor, "users.calendar.end", key.id)


def owner_of(session: Session, token: str) -> SignedIn | None:
    """Return whose calendar a token opens, as somebody who reads for no institution yet."""
    found = rows(
        session,
        sa.select(
            col(CalendarKey.id),
            col(User.id),
            col(User.name),
            col(User.locale),
            col(CalendarKey.read_at),
        )
        .join(User, col(User.id) == col(CalendarKey.user_id))
        .where(col(CalendarKey.token_hash) == hash_token(token), col(User.disabled_at).is_(None)),
    )
    if not found:
        return None
    key_id, user_id, name, locale, read_at = found[0]
    needs_note = read_at is None or clock.now() - read_at > NOTE_EVERY
    return SignedIn(key_id, user_id, None, name, locale, clock.now(), needs_note)


def note_reading(session: Session, key_id: UUID) -> None:
    """Remember that a calendar was read."""
    session.execute(
        sa.update(CalendarKey).where(col(CalendarKey.id) == key_id).values(read_at=clock.now())
    )
