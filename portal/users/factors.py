"""What a person proves beside the password: codes of an app, recovery codes; and what is held."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.db import rows
from portal.db.sealing import seal, unseal
from portal.errors import Conflict, Invalid, NotFound, Problem
from portal.texts import _l
from portal.users.events import FactorChanged, RecoveryCodeUsed
from portal.users.models import CodeApp, FirstCode, Passkey, RecoveryCode, User
from portal.users.passwords import is_hash
from portal.users.queries import hash_code

STEP_SECONDS = 30
SHAPE = "[A-Z2-7]{32}"
# A code is taken one step early or late; further off, the telephone's clock is told to be wrong.
TAKEN, RECOGNISED = 1, 20
RECOVERY_CODES = 10
# 24 of 32 letters: 120 random bits (ASVS 5.0, 6.5.2). Nothing that is read two ways.
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
RECOVERY_LENGTH = 24

WRONG = _l("This code is not right, or it was used already. Wait for the next one.")
SLOW_CLOCK = _l(
    "This code is of %(minutes)s minutes ago: the clock of your telephone is slow. Let it take the "
    "hour from the network and try again."
)
FAST_CLOCK = _l(
    "This code is of %(minutes)s minutes from now: the clock of your telephone is fast. Let it take"
    " the hour from the network and try again."
)


@dataclass(frozen=True, slots=True)
class Held:
    """With what a person can come in."""

    password: bool
    passkeys: int
    app: bool
    recovery: int
    must_use_code: bool

    @property
    def has_second(self) -> bool:
        """Tell whether the password alone does not open the account."""
        return self.passkeys > 0 or self.app

    @property
    def asks_second(self) -> bool:
        """Tell whether something is asked after the password."""
        return self.has_second or self.must_use_code


def held(session: Session, user_id: UUID) -> Held:
    """Return with what a person can come in; raises NotFound where there is no such account."""
    count = sa.func.count

    def number(table: type, *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(count()).select_from(table).where(*conditions).scalar_subquery()

    found = rows(
        session,
        sa.select(
            col(User.password_hash),
            number(Passkey, col(Passkey.user_id) == user_id),
            number(CodeApp, col(CodeApp.user_id) == user_id),
            number(
                RecoveryCode,
                col(RecoveryCode.user_id) == user_id,
                col(RecoveryCode.used_at).is_(None),
            ),
            number(FirstCode, col(FirstCode.user_id) == user_id),
        ).where(col(User.id) == user_id),
    )
    if not found:
        raise NotFound
    password_hash, passkeys, app, recovery, codes = found[0]
    return Held(is_hash(password_hash), passkeys, app > 0, recovery, codes > 0)


def is_secret(text: str) -> bool:
    """Tell whether a text is a secret as we make them."""
    return re.fullmatch(SHAPE, text) is not None


def new_secret() -> str:
    """Return a new secret for an app of one-time codes: 160 random bits (RFC 4226)."""
    import pyotp

    return pyotp.random_base32()


def address_of(secret: str, username: str) -> str:
    """Return the address that an app reads from the square: issuer, account, secret."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="Articula")


def add_app(session: Session, actor: Actor, *, secret: str, code: str) -> CodeApp:
    """Keep a person's app once it shows the right code; replaces an earlier one.

    Raises Invalid on `code` where it is not right.
    """
    if actor.user_id is None:
        raise NotFound
    step = _step_of(secret, code, after=0)
    session.execute(sa.delete(CodeApp).where(col(CodeApp.user_id) == actor.user_id))
    app = CodeApp(user_id=actor.user_id, secret_sealed=b"", last_step=step, created_at=clock.now())
    app.secret_sealed = seal(
        session, actor.user_id, "portal_code_app", "secret_sealed", app.id, secret
    )
    session.add(app)
    session.flush()
    _tell(session, actor, "users.app.add", app.id)
    return app


def remove_app(session: Session, actor: Actor) -> None:
    """Take the actor's app away; raises NotFound where there is none."""
    gone = session.execute(sa.delete(CodeApp).where(col(CodeApp.user_id) == actor.user_id))
    if gone.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound
    _tell(session, actor, "users.app.remove", actor.user_id)


def use_app_code(session: Session, actor: Actor, code: str) -> None:
    """Take the code of the actor's app, each once; raises Invalid on `code`."""
    app = session.scalar(sa.select(CodeApp).where(col(CodeApp.user_id) == actor.user_id))
    if app is None or actor.user_id is None:
        raise Invalid(Problem("code", WRONG))
    secret = unseal(
        session, actor.user_id, "portal_code_app", "secret_sealed", app.id, app.secret_sealed
    )
    step = _step_of(secret, code, after=app.last_step)
    taken = session.execute(
        sa.update(CodeApp)
        .where(col(CodeApp.id) == app.id, col(CodeApp.last_step) < step)
        .values(last_step=step)
    )
    if taken.rowcount == 0:  # type: ignore[attr-defined]
        raise Invalid(Problem("code", WRONG))


def _step_of(secret: str, code: str, *, after: int) -> int:
    """Return of which half minute a code is; raises Invalid where it is not one to be taken now."""
    import pyotp

    # Signs of other scripts are no digits of ours, nor can they be compared.
    if not code.isascii():
        raise Invalid(Problem("code", WRONG))
    app = pyotp.TOTP(secret)
    now = int(clock.now().timestamp()) // STEP_SECONDS
    offsets = sorted(range(-RECOGNISED, RECOGNISED + 1), key=abs)
    right = [each for each in offsets if secrets.compare_digest(app.generate_otp(now + each), code)]
    if not right:
        raise Invalid(Problem("code", WRONG))
    if abs(right[0]) <= TAKEN:
        if now + right[0] <= after:
            raise Invalid(Problem("code", WRONG))
        return now + right[0]
    minutes = max(1, round(abs(right[0]) * STEP_SECONDS / 60))
    text = SLOW_CLOCK if right[0] < 0 else FAST_CLOCK
    raise Invalid(Problem("code", str(text) % {"minutes": minutes}))


def make_recovery_codes(session: Session, actor: Actor) -> list[str]:
    """Put ten new recovery codes in place of the old ones and return them, to be kept on paper."""
    if actor.user_id is None:
        raise NotFound
    session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.user_id) == actor.user_id))
    made = [
        "".join(secrets.choice(LETTERS) for _letter in range(RECOVERY_LENGTH))
        for _code in range(RECOVERY_CODES)
    ]
    session.add_all(
        [RecoveryCode(user_id=actor.user_id, code_hash=hash_code(actor.user_id, c)) for c in made]
    )
    session.flush()
    _tell(session, actor, "users.recovery.make", actor.user_id)
    return ["-".join(each[at : at + 4] for at in range(0, RECOVERY_LENGTH, 4)) for each in made]


def use_recovery_code(session: Session, actor: Actor, code: str) -> None:
    """Take one of the actor's recovery codes, each once; its owner is told. Raises Invalid."""
    if actor.user_id is None:
        raise NotFound
    taken = session.execute(
        sa.update(RecoveryCode)
        .where(
            col(RecoveryCode.user_id) == actor.user_id,
            col(RecoveryCode.code_hash) == hash_code(actor.user_id, code),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=clock.now())
    )
    if taken.rowcount == 0:  # type: ignore[attr-defined]
        raise Invalid(Problem("code", WRONG))
    audit.record(session, actor, "users.recovery.use", actor.user_id)
    events.record(session, RecoveryCodeUsed(actor.user_id, actor.agency_id, clock.now()))


def last_recovery(session: Session, user_id: UUID) -> datetime | None:
    """Return when a person last came in by a recovery code."""
    return session.scalar(
        sa.select(sa.func.max(col(RecoveryCode.used_at))).where(
            col(RecoveryCode.user_id) == user_id
        )
    )


def require_another(have: Held, *, required: bool) -> None:
    """Refuse to give the last second factor away where one is required; raises Conflict."""
    if required and have.passkeys + have.app <= 1:
        raise Conflict(_l("This is your only second factor: add another one first."))


def clear(session: Session, user_id: UUID, *, password: bool) -> None:
    """Take every second factor of a person away, and the password too where that is asked."""
    for table in (Passkey, CodeApp, RecoveryCode):
        session.execute(sa.delete(table).where(col(table.user_id) == user_id))
    if password:
        session.execute(sa.update(User).where(col(User.id) == user_id).values(password_hash=""))


def _tell(session: Session, actor: Actor, what: str, subject: UUID | None) -> None:
    audit.record(session, actor, what, subject)
    if actor.user_id is not None:
        events.record(session, FactorChanged(actor.user_id, actor.agency_id, clock.now()))
