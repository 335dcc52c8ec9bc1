"""What roles and roster hold of a person who works here."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.access.models import DutyShift, Membership
from portal.actor import Role
from portal.agencies.queries import names_of
from portal.personal import PersonExport, readable
from portal.texts import _, _l

ROLE = {
    Role.COORDINATOR: _l("Coordinator"),
    Role.CASEWORKER: _l("Caseworker"),
    Role.DUTY_OFFICER: _l("Duty officer"),
    Role.CARER: _l("Carer"),
    Role.VIEWER: _l("Viewer"),
    Role.AGENCY_ADMIN: _l("Administrator of the institution"),
    Role.PRIVACY_OFFICER: _l("Privacy officer"),
    Role.PLATFORM_ADMIN: _l("Administrator of the platform"),
    Role.AUDITOR: _l("Auditor"),
}


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return the roles that a person holds or held, and the turns of duty."""
    held = session.scalars(
        sa.select(Membership)
        .where(col(Membership.user_id) == user_id)
        .order_by(col(Membership.since))
    ).all()
    shifts = session.scalars(
        sa.select(DutyShift)
        .where(col(DutyShift.user_id) == user_id)
        .order_by(col(DutyShift.starts_at))
    ).all()
    ids = {row.agency_id for row in held if row.agency_id} | {row.agency_id for row in shifts}
    names = names_of(session, ids)
    return [
        PersonExport(
            table="portal_membership",
            title=_l("Roles"),
            rows=[
                readable(
                    (_("Institution"), names.get(row.agency_id) if row.agency_id else ""),
                    (_("Role"), ROLE[row.role]),
                    (_("Since"), row.since),
                    (_("Until"), row.until),
                )
                for row in held
            ],
        ),
        PersonExport(
            table="portal_duty_shift",
            title=_l("Turns of duty"),
            rows=[
                readable(
                    (_("Institution"), names[row.agency_id]),
                    (_("Telephone"), row.telephone),
                    (_("From"), row.starts_at),
                    (_("Until"), row.ends_at),
                )
                for row in shifts
            ],
        ),
    ]
