"""What signs and mandatory notices hold of a child, and of who gave them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.queries import names_of
from portal.cases.models import CaseChild
from portal.deadlines import rules
from portal.duties.labels import SIGN, STATUS
from portal.duties.models import CaseSign, Duty
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.texts import _, _l


def of_person(table: Any, person_id: UUID) -> sa.ColumnElement[bool]:
    """Return the condition of rows for a child, or on a case of it and no child alone."""
    whose = col(table.person_id)
    cases = sa.select(col(CaseChild.case_id)).where(col(CaseChild.person_id) == person_id)
    return sa.or_(whose == person_id, sa.and_(whose.is_(None), col(table.case_id).in_(cases)))


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return the signs found on a child's cases, who had to be told, and what came of it."""
    signs = session.scalars(
        sa.select(CaseSign)
        .where(of_person(CaseSign, person_id))
        .order_by(col(CaseSign.known_at), col(CaseSign.id))
    ).all()
    duties = session.scalars(
        sa.select(Duty).where(of_person(Duty, person_id)).order_by(col(Duty.due_at), col(Duty.id))
    ).all()
    names = names_of(session, {row.agency_id for row in duties if row.agency_id})
    return [
        PersonExport(
            table="portal_case_sign",
            title=_l("Signs that oblige to tell others"),
            rows=[
                readable(
                    (_("Sign"), SIGN[row.sign]),
                    (_("Known since"), row.known_at),
                    (_("Withdrawn at"), row.withdrawn_at),
                )
                for row in signs
            ],
        ),
        PersonExport(
            table="portal_duty",
            title=_l("Mandatory notices"),
            rows=[_duty(row, names) for row in duties],
        ),
    ]


def _duty(row: Duty, names: dict[UUID, str]) -> dict[str, str]:
    return readable(
        (_("Notice"), rules.known(row.rule_code).title),
        (_("Due on"), row.due_on),
        (_("Status"), STATUS[row.status]),
        (_("Sent to"), names[row.agency_id] if row.agency_id else row.addressee),
        (_("Oficio"), row.letter_document),
        (_("Dated"), row.letter_dated),
        (_("Sent at"), row.sent_at),
        (_("Document of the answer"), row.answer_document),
        (_("Dated"), row.answer_dated),
        (_("Confirmed at"), row.confirmed_at),
        (_("Why nobody was told"), row.refusal),
    )


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Delete the signs and notices of the cases that end; the trail keeps that they were given."""
    return _delete(
        session,
        col(CaseSign.case_id).in_(ending.case_ids),
        col(Duty.case_id).in_(ending.case_ids),
    )


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Delete those of a child alone on cases that stay for its siblings."""
    shared = plan.shared_case_ids
    return _delete(
        session,
        sa.and_(col(CaseSign.case_id).in_(shared), col(CaseSign.person_id) == person_id),
        sa.and_(col(Duty.case_id).in_(shared), col(Duty.person_id) == person_id),
    )


def _delete(
    session: Session, signs: sa.ColumnElement[bool], duties: sa.ColumnElement[bool]
) -> Sequence[Erased]:
    found = session.scalars(sa.select(Duty).where(duties)).all()
    seen = session.scalars(sa.select(CaseSign).where(signs)).all()
    for duty in found:
        session.delete(duty)
    session.flush()
    for sign in seen:
        session.delete(sign)
    session.flush()
    return [
        Erased(table="portal_duty", erased=len(found)),
        Erased(table="portal_case_sign", erased=len(seen)),
    ]
