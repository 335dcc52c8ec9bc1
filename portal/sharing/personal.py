"""What emergency access, look-ups and moved circles hold of a person who works here."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.cases.labels import CIRCLE
from portal.cases.models import Case, CaseGrant, CaseLookup, EntryMove
from portal.db.sealing import opened
from portal.personal import PersonExport, readable
from portal.sharing.emergency import TABLE
from portal.sharing.labels import VERDICT
from portal.texts import _, _l


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return what a person opened in an emergency, looked up and moved.

    A look-up does not say what it hit: that is what a bar or a shield keeps from the person.
    """
    lookups = session.scalars(sa.select(CaseLookup).where(col(CaseLookup.user_id) == user_id))
    moves = session.scalars(sa.select(EntryMove).where(col(EntryMove.user_id) == user_id))
    return [
        PersonExport(
            table=TABLE, title=_l("Emergency accesses"), rows=_emergencies(session, user_id)
        ),
        PersonExport(
            table="portal_case_lookup",
            title=_l("Look-ups of cases"),
            rows=[
                readable(
                    (_("When"), lookup.at),
                    (_("By"), _("identity") if lookup.by_identity else _("code")),
                )
                for lookup in lookups
            ],
        ),
        PersonExport(
            table="portal_case_entry_move",
            title=_l("Acts whose readers the person changed"),
            rows=[readable((_("When"), move.at), (_("To"), CIRCLE[move.new])) for move in moves],
        ),
    ]


def _emergencies(session: Session, user_id: UUID) -> list[dict[str, str]]:
    statement = (
        sa.select(CaseGrant, col(Case.code))
        .join(Case, col(Case.id) == col(CaseGrant.case_id))
        .where(col(CaseGrant.user_id) == user_id)
        .order_by(col(CaseGrant.opened_at))
    )
    return [
        readable(
            (_("Case"), code),
            (_("From"), grant.opened_at),
            (_("Until"), grant.ended_at or grant.until),
            (
                _("Reason given"),
                opened(
                    session,
                    grant.case_id,
                    TABLE,
                    "reason_sealed",
                    grant.id,
                    grant.reason_sealed,
                ),
            ),
            (_("What was found"), VERDICT[grant.verdict] if grant.verdict else ""),
        )
        for grant, code in session.execute(statement)
    ]
