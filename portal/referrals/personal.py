"""What the referrals hold of a child."""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.queries import get_agency, names_of
from portal.cases.labels import PRIORITY, RIGHT
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.referrals.labels import FIELD, OUTCOME, REASON, STATUS
from portal.referrals.letters import number_of
from portal.referrals.models import (
    Letter,
    Referral,
    ReferralAnswer,
    ReferralChild,
    ReturnReason,
)
from portal.referrals.rules import IdentityField
from portal.texts import _, _l


def referrals_of(person_id: UUID) -> sa.Select[UUID]:
    """Return the identifiers of the referrals that ask for a child."""
    return sa.select(col(ReferralChild.referral_id)).where(
        col(ReferralChild.person_id) == person_id
    )


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return what was asked for a child, of whom, and what was answered."""
    found = session.scalars(
        sa.select(Referral)
        .where(col(Referral.id).in_(referrals_of(person_id)))
        .order_by(col(Referral.sent_at), col(Referral.id))
    ).all()
    names = names_of(
        session, {each for row in found for each in (row.from_agency_id, row.to_agency_id)}
    )
    return [
        PersonExport(
            table="portal_referral",
            title=_l("Referrals"),
            rows=[_referral(referral, names) for referral in found],
        ),
        PersonExport(
            table="portal_referral_child",
            title=_l("Data given for a referral"),
            rows=[
                readable(
                    (_("Sent to"), names[referral.to_agency_id]),
                    (_("Data given"), [_field(name) for name in referral.identity_fields]),
                    (_("Sent at"), referral.sent_at),
                )
                for referral in found
            ],
        ),
        PersonExport(
            table="portal_referral_answer",
            title=_l("Answers to referrals"),
            rows=[
                readable(
                    (_("Answered at"), each.at),
                    (_("Outcome"), OUTCOME[each.outcome] if each.outcome else ""),
                    (_("Appointment on"), each.appointment_on),
                    (_("Answer"), each.answer),
                    (_("Document"), each.document),
                    (_("Dated"), each.dated),
                )
                for each in session.scalars(_answers([row.id for row in found]))
            ],
        ),
        PersonExport(
            table="portal_letter",
            title=_l("Official letters"),
            rows=[_letter(session, each, names) for each in _letters(session, found)],
        ),
    ]


def _answers(ids: Collection[UUID]) -> sa.Select[ReferralAnswer]:
    return (
        sa.select(ReferralAnswer)
        .where(col(ReferralAnswer.referral_id).in_(ids))
        .order_by(col(ReferralAnswer.at), col(ReferralAnswer.id))
    )


def _letters(session: Session, referrals: Sequence[Referral]) -> Sequence[Letter]:
    mine = col(Letter.referral_id).in_([each.id for each in referrals])
    return session.scalars(sa.select(Letter).where(mine).order_by(col(Letter.made_at))).all()


def _letter(session: Session, letter: Letter, names: dict[UUID, str]) -> dict[str, str]:
    number = number_of(letter, get_agency(session, letter.agency_id))
    return readable(
        (_("Official letter"), number),
        (_("Sent by"), names[letter.agency_id]),
        (_("Sent to"), names.get(letter.to_agency_id, "")),
        (_("Dated"), letter.made_at),
    )


def _referral(referral: Referral, names: dict[UUID, str]) -> dict[str, str]:
    returned = referral.return_reason
    return readable(
        (_("Sent by"), names[referral.from_agency_id]),
        (_("Sent to"), names[referral.to_agency_id]),
        (_("Right"), RIGHT[referral.right]),
        (_("Priority"), PRIORITY[referral.priority]),
        (_("Status"), STATUS[referral.status]),
        (_("What is asked"), referral.asked),
        (_("Whom to call"), referral.contact),
        (_("Due on"), referral.due_on),
        (_("Sent at"), referral.sent_at),
        (_("Received at"), referral.opened_at),
        (_("Number given by the receiver"), referral.receiver_number),
        (_("Accepted at"), referral.accepted_at),
        (
            _("Returned because"),
            REASON[ReturnReason(returned)] if returned in set(ReturnReason) else returned,
        ),
        (_("Reason"), referral.return_words),
        (_("Ended at"), referral.ended_at),
    )


def _field(name: str) -> str:
    return str(FIELD[IdentityField(name)]) if name in set(IdentityField) else name


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Empty what was asked and answered on the cases that end."""
    mine = col(Referral.case_id).in_(ending.case_ids)
    found = session.scalars(sa.select(Referral).where(mine)).all()
    answers = _empty(session, found)
    return [
        Erased(table="portal_referral", erased=len(found)),
        Erased(table="portal_referral_answer", erased=answers),
    ]


def _empty(session: Session, referrals: Collection[Referral]) -> int:
    """Empty referrals and their answers; return how many answers there were."""
    for referral in referrals:
        referral.asked = referral.return_words = ""
        referral.receiver_number = referral.contact = ""
    answers = session.scalars(_answers([each.id for each in referrals])).all()
    for answer in answers:
        answer.answer = answer.document = ""
    session.flush()
    return len(answers)


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Empty what was asked for a child alone on shared cases; take it off what is for several."""
    named = session.scalars(
        sa.select(ReferralChild)
        .join(Referral, col(Referral.id) == col(ReferralChild.referral_id))
        .where(
            col(ReferralChild.person_id) == person_id,
            col(Referral.case_id).in_(plan.shared_case_ids),
        )
    ).all()
    several = set(
        session.scalars(
            sa.select(col(ReferralChild.referral_id)).where(
                col(ReferralChild.referral_id).in_([row.referral_id for row in named]),
                col(ReferralChild.person_id) != person_id,
            )
        )
    )
    for row in named:
        if row.referral_id in several:
            session.delete(row)
    alone = [
        session.get_one(Referral, row.referral_id)
        for row in named
        if row.referral_id not in several
    ]
    answers = _empty(session, alone)
    return [
        Erased(table="portal_referral", erased=len(alone)),
        Erased(table="portal_referral_answer", erased=answers),
        Erased(table="portal_referral_child", erased=len(named) - len(alone)),
    ]
