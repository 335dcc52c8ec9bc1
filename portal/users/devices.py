"""A shared desk: a browser enrolled by an administrator, on which carers come in by a short PIN.

The PIN opens the role of carer at the device's agency and nothing else that the person may do.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.db import rows
from portal.errors import Forbidden, Invalid, NotFound, Problem
from portal.texts import _l
from portal.users.models import Device, Pin, SignIn, User
from portal.users.queries import hash_token

SHORTEST, LONGEST = 6, 12
SHOWN, REMEMBERED = 8, timedelta(days=30)


def enrol(session: Session, actor: Actor, *, name: str) -> str:
    """Enrol the browser of this request for the actor's agency; returns its token, kept hashed."""
    if actor.agency_id is None:
        raise Forbidden(_l("Act for an institution to enrol its devices."))
    token = secrets.token_urlsafe(32)
    device = Device(
        agency_id=actor.agency_id,
        token_hash=hash_token(token),
        name=name,
        enrolled_by=actor.user_id,
        enrolled_at=clock.now(),
    )
    session.add(device)
    session.flush()
    audit.record(session, actor, "users.device.enrol", device.id)
    return token


def revoke(session: Session, actor: Actor, device_id: UUID) -> None:
    """End a device of the actor's agency; whoever is in by it is out at the next request."""
    now = clock.now()
    ended = session.execute(
        sa.update(Device)
        .where(
            col(Device.id) == device_id,
            col(Device.agency_id) == actor.agency_id,
            col(Device.revoked_at).is_(None),
        )
        .values(revoked_at=now)
    )
    if ended.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound
    session.execute(
        sa.update(SignIn)
        .where(col(SignIn.device_id) == device_id, col(SignIn.ended_at).is_(None))
        .values(ended_at=now)
    )
    audit.record(session, actor, "users.device.revoke", device_id)


def find_device(session: Session, token: str) -> Device | None:
    """Return the device that holds a token and was not revoked."""
    return session.scalar(
        sa.select(Device).where(
            col(Device.token_hash) == hash_token(token), col(Device.revoked_at).is_(None)
        )
    )


@dataclass(frozen=True, slots=True)
class OwnDevice:
    """A device as its agency's administrator lists it."""

    id: UUID
    name: str
    enrolled_by: str
    enrolled_at: datetime
    used_at: datetime | None


def list_devices(session: Session, agency_id: UUID | None) -> list[OwnDevice]:
    """Return the enrolled devices of an agency, the latest first."""
    last = (
        sa.select(sa.func.max(col(SignIn.seen_at)))
        .where(col(SignIn.device_id) == col(Device.id))
        .scalar_subquery()
    )
    statement = (
        sa.select(col(Device.id), col(Device.name), col(User.name), col(Device.enrolled_at), last)
        .join(User, col(User.id) == col(Device.enrolled_by))
        .where(col(Device.agency_id) == agency_id, col(Device.revoked_at).is_(None))
        .order_by(col(Device.enrolled_at).desc())
    )
    return [OwnDevice(*row) for row in rows(session, statement)]


def people_of(session: Session, device_id: UUID) -> list[tuple[str, str]]:
    """Return who came in here by PIN lately, by user name and name: shown on this device only."""
    last = sa.func.max(col(SignIn.created_at))
    statement = (
        sa.select(col(User.username), col(User.name))
        .join(SignIn, col(SignIn.user_id) == col(User.id))
        .where(
            col(SignIn.device_id) == device_id,
            col(SignIn.created_at) > clock.now() - REMEMBERED,
            col(User.disabled_at).is_(None),
        )
        .group_by(col(User.username), col(User.name))
        .order_by(last.desc())
        .limit(SHOWN)
    )
    return list(rows(session, statement))


def check_pin(pin: str) -> None:
    """Refuse a PIN that is too short or that anybody would try first. Raises Invalid on `pin`."""
    if not (pin.isascii() and pin.isdecimal() and SHORTEST <= len(pin) <= LONGEST):
        raise Invalid(Problem("pin", _l("Use 6 to 12 digits.")))
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(set(pin)) < 3 or len(steps) == 1:
        raise Invalid(Problem("pin", _l("Too easy to guess: no rows and no repetitions.")))


def set_pin(session: Session, actor: Actor, *, pin_hash: str) -> None:
    """Keep the actor's PIN, hashed outside the transaction, in place of an earlier one."""
    if actor.user_id is None:
        raise NotFound
    session.execute(sa.delete(Pin).where(col(Pin.user_id) == actor.user_id))
    session.add(Pin(user_id=actor.user_id, pin_hash=pin_hash, set_at=clock.now()))
    session.flush()
    audit.record(session, actor, "users.pin.set", actor.user_id)


def pin_hash_of(session: Session, user_id: UUID) -> str | None:
    """Return what is kept of a person's PIN."""
    return session.scalar(sa.select(col(Pin.pin_hash)).where(col(Pin.user_id) == user_id))
