"""What a passkey signs: made without a row, known by its seal, accepted once within minutes."""

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.db import rows
from portal.users.models import SpentChallenge

LASTS = timedelta(minutes=15)
NONCE, STAMP = 16, 8


def make(secret: str, purpose: str) -> bytes:
    """Return a challenge for one purpose (`enter`, or what a named person does)."""
    until = int((clock.now() + LASTS).timestamp())
    open_part = secrets.token_bytes(NONCE) + until.to_bytes(STAMP, "big")
    return open_part + _seal(secret, purpose, open_part)


def is_ours(secret: str, purpose: str, challenge: bytes) -> bool:
    """Tell whether we made this challenge, for this purpose, within the last minutes."""
    open_part, seal = challenge[: NONCE + STAMP], challenge[NONCE + STAMP :]
    until = int.from_bytes(open_part[NONCE:], "big")
    is_sealed = hmac.compare_digest(seal, _seal(secret, purpose, open_part))
    return is_sealed and clock.now().timestamp() <= until


def is_spent(session: Session, challenge: bytes) -> bool:
    """Tell whether a challenge was answered before."""
    mark = col(SpentChallenge.mark) == _mark(challenge)
    return bool(rows(session, sa.select(col(SpentChallenge.mark)).where(mark)))


def spend(session: Session, challenge: bytes) -> None:
    """Note that a challenge was answered: a second answer meets the unique row and fails."""
    now = clock.now()
    session.execute(sa.delete(SpentChallenge).where(col(SpentChallenge.at) < now - 2 * LASTS))
    session.add(SpentChallenge(mark=_mark(challenge), at=now))
    session.flush()


def plain(challenge: bytes) -> str:
    """Return bytes as browsers write them: base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()


def _seal(secret: str, purpose: str, open_part: bytes) -> bytes:
    return hmac.new(secret.encode(), f"passkey:{purpose}:".encode() + open_part, "sha256").digest()


def _mark(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()
