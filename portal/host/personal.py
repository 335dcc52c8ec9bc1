"""What the host of modules holds of a person who works here."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.queries import names_of
from portal.db.sealing import opened
from portal.host.models import ModuleInsistence
from portal.personal import PersonExport, readable
from portal.texts import _, _l

TABLE = "portal_plugin_insistence"


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return where a person insisted on switching a module off, and why."""
    found = session.scalars(
        sa.select(ModuleInsistence)
        .where(col(ModuleInsistence.user_id) == user_id)
        .order_by(col(ModuleInsistence.insisted_at))
    ).all()
    names = names_of(session, {row.agency_id for row in found})
    rows = [
        readable(
            (_("Module"), row.slug),
            (_("Institution"), names[row.agency_id]),
            (_("When"), row.insisted_at),
            (
                _("Reason"),
                opened(session, user_id, TABLE, "reason_sealed", row.id, row.reason_sealed),
            ),
        )
        for row in found
    ]
    return [PersonExport(table=TABLE, title=_l("Modules switched off by insistence"), rows=rows)]
