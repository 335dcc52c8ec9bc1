"""What declined cases hold of a child; emergency access, look-ups and moves of who works here."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.queries import names_of
from portal.cases.labels import CIRCLE
from portal.cases.models import Case, CaseChild, CaseGrant, CaseLookup, EntryMove
from portal.db.sealing import opened
from portal.personal import Ending, Erased, PersonExport, readable
from portal.sharing import transfers
from portal.sharing.emergency import TABLE
from portal.sharing.labels import TRANSFER, VERDICT
from portal.sharing.models import Transfer
from portal.texts import _, _l


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return how competence of a child's cases was declined, in whose favour and why."""
    mine = sa.select(col(CaseChild.case_id)).where(col(CaseChild.person_id) == person_id)
    found = session.execute(
        sa.select(Transfer, col(Case.code))
        .join(Case, col(Case.id) == col(Transfer.case_id))
        .where(col(Transfer.case_id).in_(mine))
        .order_by(col(Transfer.declined_at))
    ).all()
    names = names_of(
        session, {each for row, _code in found for each in (row.from_agency_id, row.to_agency_id)}
    )
    rows = [
        readable(
            (_("Case"), code),
            (_("Declined by"), names[row.from_agency_id]),
            (_("In favour of"), names[row.to_agency_id]),
            (_("When"), row.declined_at),
            (_("State"), TRANSFER[row.state]),
            (_("Reason"), _sealed(session, row, "reason_sealed", row.reason_sealed)),
            (_("Answered at"), row.answered_at),
            (_("Answer"), _sealed(session, row, "answer_sealed", row.answer_sealed)),
        )
        for row, code in found
    ]
    return [PersonExport(table=transfers.TABLE, title=_l("Competence declined"), rows=rows)]


def _sealed(session: Session, row: Transfer, name: str, sealed: bytes | None) -> str:
    return opened(session, row.case_id, transfers.TABLE, name, row.id, sealed)


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Count the declined cases that end: their reasons end with the key of the case."""
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Transfer)
        .where(col(Transfer.case_id).in_(ending.case_ids))
    )
    return [Erased(table=transfers.TABLE, erased=count or 0)]


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
