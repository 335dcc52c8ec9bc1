"""Passkeys (WebAuthn): bound to our origin, verified by the device, several for a person.

The library that reads what a browser sends takes a quarter of a second to import, so it is loaded
only where an answer is checked.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.db import rows
from portal.errors import Invalid, NotFound, Problem
from portal.texts import _l
from portal.users import challenges
from portal.users.models import Passkey, User

TIMEOUT_MS = 120_000
# ES256, EdDSA and RS256, the three that every authenticator has one of.
ALGORITHMS = (-7, -8, -257)
REFUSED = _l("This passkey does not open this account. Use another, or your password.")
STALE = _l("The page stood open too long. Try once more.")
# What reading an answer raises that no browser made; lists without end raise the last one.
UNREADABLE = (ValueError, KeyError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks for a passkey: the host it is bound to, the origin of the page, our secret."""

    host: str
    origin: str
    secret: str


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """A person's passkey as the settings page lists it."""

    id: UUID
    name: str
    created_at: datetime
    used_at: datetime | None


def list_passkeys(session: Session, user_id: UUID) -> list[OwnPasskey]:
    """Return a person's passkeys, the oldest first."""
    statement = (
        sa.select(col(Passkey.id), col(Passkey.name), col(Passkey.created_at), col(Passkey.used_at))
        .where(col(Passkey.user_id) == user_id)
        .order_by(col(Passkey.created_at), col(Passkey.id))
    )
    return [OwnPasskey(*row) for row in rows(session, statement)]


def options_to_enter(party: Party, purpose: str = "enter") -> str:
    """Return what a page asks the browser for: any passkey of ours, its holder verified."""
    asked = {
        "challenge": challenges.plain(challenges.make(party.secret, purpose)),
        "rpId": party.host,
        "userVerification": "required",
        "timeout": TIMEOUT_MS,
    }
    return json.dumps(asked)


def options_to_add(session: Session, party: Party, user: User) -> str:
    """Return what a page asks the browser to make: a passkey that names its account by itself."""
    known = session.scalars(
        sa.select(col(Passkey.credential_id)).where(col(Passkey.user_id) == user.id)
    )
    asked = {
        "challenge": challenges.plain(challenges.make(party.secret, f"add:{user.id}")),
        "rp": {"id": party.host, "name": "Articula"},
        "user": {
            "id": challenges.plain(user.id.bytes),
            "name": user.username,
            "displayName": user.name,
        },
        "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in ALGORITHMS],
        "excludeCredentials": [{"type": "public-key", "id": each} for each in known],
        "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
        "attestation": "none",
        "timeout": TIMEOUT_MS,
    }
    return json.dumps(asked)


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that a browser made for us, checked and not kept yet."""

    credential_id: str
    public_key: str
    sign_count: int
    challenge: bytes


def check_new(session: Session, party: Party, user_id: UUID, sent: str) -> NewPasskey:
    """Return the passkey that a browser made; raises Invalid where it is not for us or stale."""
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException

    challenge = _challenge_of(session, party, f"add:{user_id}", sent)
    try:
        made = verify_registration_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, *UNREADABLE) as error:
        raise Invalid(Problem(None, _l("This passkey could not be read. Try again."))) from error
    return NewPasskey(
        challenges.plain(made.credential_id),
        challenges.plain(made.credential_public_key),
        made.sign_count,
        challenge,
    )


def add_passkey(session: Session, actor: Actor, made: NewPasskey, *, name: str) -> Passkey:
    """Keep a new passkey of the actor under a name."""
    if actor.user_id is None:
        raise NotFound
    challenges.spend(session, made.challenge)
    passkey = Passkey(
        user_id=actor.user_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name,
        created_at=clock.now(),
    )
    session.add(passkey)
    session.flush()
    audit.record(session, actor, "users.passkey.add", passkey.id)
    return passkey


def remove_passkey(session: Session, actor: Actor, passkey_id: UUID) -> None:
    """Take a passkey of the actor away; raises NotFound where it is not theirs."""
    mine = sa.and_(col(Passkey.id) == passkey_id, col(Passkey.user_id) == actor.user_id)
    gone = session.execute(sa.delete(Passkey).where(mine))
    if gone.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound
    audit.record(session, actor, "users.passkey.remove", passkey_id)


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey that was shown to us now, and whose it is."""

    id: UUID
    user_id: UUID
    sign_count: int
    challenge: bytes


def check_shown(
    session: Session, party: Party, sent: str, *, purpose: str = "enter", owner: UUID | None = None
) -> Shown:
    """Return the passkey that a browser showed, of `owner` if one is named.

    Raises Invalid where it is unknown, of another origin, unverified, copied, or answered before.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    challenge = _challenge_of(session, party, purpose, sent)
    try:
        said: dict[str, Any] = json.loads(sent)
        known = session.scalar(
            sa.select(Passkey)
            .join(User, col(User.id) == col(Passkey.user_id))
            .where(
                col(Passkey.credential_id) == str(said.get("rawId", "")).rstrip("="),
                col(User.disabled_at).is_(None),
                *([] if owner is None else [col(Passkey.user_id) == owner]),
            )
        )
        if known is None:
            raise Invalid(Problem(None, REFUSED))
        checked = verify_authentication_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(known.public_key),
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, *UNREADABLE) as error:
        raise Invalid(Problem(None, REFUSED)) from error
    return Shown(known.id, known.user_id, checked.new_sign_count, challenge)


def use_passkey(session: Session, shown: Shown) -> None:
    """Note that a passkey was used, so that this answer and any copy of it open nothing more."""
    challenges.spend(session, shown.challenge)
    session.execute(
        sa.update(Passkey)
        .where(col(Passkey.id) == shown.id)
        .values(sign_count=shown.sign_count, used_at=clock.now())
    )


def _challenge_of(session: Session, party: Party, purpose: str, sent: str) -> bytes:
    """Return the challenge that an answer carries, if it is ours, young and not answered yet."""
    from webauthn.helpers import base64url_to_bytes

    try:
        data = json.loads(base64url_to_bytes(json.loads(sent)["response"]["clientDataJSON"]))
        challenge: bytes = base64url_to_bytes(data["challenge"])
    except UNREADABLE as error:
        raise Invalid(Problem(None, REFUSED)) from error
    if not challenges.is_ours(party.secret, purpose, challenge):
        raise Invalid(Problem(None, STALE))
    if challenges.is_spent(session, challenge):
        raise Invalid(Problem(None, STALE))
    return challenge
