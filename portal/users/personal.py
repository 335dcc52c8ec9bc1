"""What the accounts hold of a person who works here. Passwords and tokens are nobody's copy."""

import secrets
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.personal import Erased, PersonExport, readable
from portal.texts import _, _l
from portal.users.browsers import browser_words
from portal.users.models import (
    CalendarKey,
    CodeApp,
    FirstCode,
    Passkey,
    Pin,
    RecoveryCode,
    ResetRequest,
    SignIn,
    User,
)
from portal.users.passkeys import list_passkeys

# What stands where a name stood. It is a name, so it is kept as readers of the trail see it.
NOBODY = "Cuenta suprimida"


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return a person's account, sign-ins and passkeys."""
    user = session.get(User, user_id)
    sign_ins = session.scalars(
        sa.select(SignIn).where(col(SignIn.user_id) == user_id).order_by(col(SignIn.created_at))
    )
    return [
        PersonExport(
            table="portal_user",
            title=_l("Account"),
            rows=[] if user is None else [_account(user)],
        ),
        PersonExport(
            table="portal_sign_in",
            title=_l("Sign-ins"),
            rows=[
                readable(
                    (_("Device"), browser_words(row.device) or row.device),
                    (_("Since"), row.created_at),
                    (_("Last used at"), row.seen_at),
                    (_("Ended at"), row.ended_at),
                )
                for row in sign_ins
            ],
        ),
        PersonExport(
            table="portal_passkey",
            title=_l("Passkeys"),
            rows=[
                readable(
                    (_("Name"), key.name),
                    (_("Since"), key.created_at),
                    (_("Last used at"), key.used_at),
                )
                for key in list_passkeys(session, user_id)
            ],
        ),
        PersonExport(
            table="portal_calendar_key",
            title=_l("Calendar of terms"),
            rows=[
                readable((_("Since"), key.made_at), (_("Last used at"), key.read_at))
                for key in session.scalars(
                    sa.select(CalendarKey).where(col(CalendarKey.user_id) == user_id)
                )
            ],
        ),
        PersonExport(
            table="portal_reset_request",
            title=_l("Openings of an account anew"),
            rows=[
                readable((_("Asked at"), row.asked_at), (_("Confirmed at"), row.confirmed_at))
                for row in session.scalars(
                    sa.select(ResetRequest)
                    .where(col(ResetRequest.user_id) == user_id)
                    .order_by(col(ResetRequest.asked_at))
                )
            ],
        ),
    ]


def _account(user: User) -> dict[str, str]:
    return readable(
        (_("User name"), user.username),
        (_("Name"), user.name),
        (_("Language"), user.locale),
        (_("Made at"), user.created_at),
        (_("Closed at"), user.disabled_at),
    )


def erase_user(session: Session, user_id: UUID) -> Sequence[Erased]:
    """Empty an account and delete all that opened it; its identifier stays for the trail.

    Sign-ins keep their rows, which the trail names, without device and with a token of nobody.
    """
    gone: list[Erased] = []
    for table in (Passkey, CodeApp, RecoveryCode, FirstCode, Pin, CalendarKey):
        deleted = session.execute(sa.delete(table).where(table.user_id == user_id))  # type: ignore[arg-type]
        gone.append(Erased(table=str(table.__tablename__), erased=deleted.rowcount))  # type: ignore[attr-defined]
    sign_ins = session.scalars(sa.select(SignIn).where(col(SignIn.user_id) == user_id)).all()
    for sign_in in sign_ins:
        sign_in.device, sign_in.token_hash = "", secrets.token_hex(32)
        sign_in.ended_at = sign_in.ended_at or clock.now()
    user = session.get_one(User, user_id)
    mark = secrets.token_hex(8)
    user.username, user.name = f"x-{mark}", f"{NOBODY} {mark[:4].upper()}"
    user.password_hash = ""
    user.erased_at = clock.now()
    user.disabled_at = user.disabled_at or user.erased_at
    session.flush()
    return [
        *gone,
        Erased(table="portal_sign_in", erased=len(sign_ins)),
        Erased(table="portal_user", erased=1),
    ]
