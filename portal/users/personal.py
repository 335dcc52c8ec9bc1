"""What the accounts hold of a person who works here. Passwords and tokens are nobody's copy."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.personal import PersonExport, readable
from portal.texts import _, _l
from portal.users.models import ResetRequest, SignIn, User
from portal.users.passkeys import list_passkeys


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
                    (_("Device"), row.device),
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
