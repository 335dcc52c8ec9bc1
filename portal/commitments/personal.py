"""What the commitments hold of a child."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.queries import names_of
from portal.cases.models import CaseChild
from portal.commitments.labels import SOURCE, STATUS
from portal.commitments.models import Commitment, CommitmentStatus
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.texts import _, _l

# What stands where the act stood: the line of a commitment is never without words.
NOTHING = "—"


def of_person(person_id: UUID) -> sa.ColumnElement[bool]:
    """Return the condition of commitments for a child, or on a case of it and no child alone."""
    whose = col(Commitment.person_id)
    cases = sa.select(col(CaseChild.case_id)).where(col(CaseChild.person_id) == person_id)
    return sa.or_(whose == person_id, sa.and_(whose.is_(None), col(Commitment.case_id).in_(cases)))


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return the acts owed for a child, and what came of them."""
    found = session.scalars(
        sa.select(Commitment).where(of_person(person_id)).order_by(col(Commitment.created_at))
    ).all()
    names = names_of(
        session, {each for row in found for each in (row.agency_id, row.verifier_id) if each}
    )
    rows = [_commitment(commitment, names) for commitment in found]
    return [PersonExport(table="portal_commitment", title=_l("Commitments"), rows=rows)]


def _commitment(commitment: Commitment, names: dict[UUID, str]) -> dict[str, str]:
    verifier = commitment.verifier_id
    return readable(
        (_("Who owes it"), names[commitment.agency_id]),
        (_("Who verifies it"), names[verifier] if verifier else ""),
        (_("What is owed"), commitment.act),
        (_("Comes from"), SOURCE[commitment.source]),
        (_("Status"), STATUS[commitment.status]),
        (_("First day set"), commitment.first_due_on),
        (_("Due on"), commitment.due_on),
        (_("Agreed on"), commitment.agreed_on),
        (_("Why it was postponed"), "; ".join(why for _from, _to, why in commitment.moves)),
        (_("Objection"), commitment.objection),
        (_("Evidence"), commitment.words),
        (_("Document"), commitment.document),
        (_("Dated"), commitment.dated),
        (_("Done at"), commitment.done_at),
        (_found(commitment), commitment.verdict),
        (_("Ended at"), commitment.ended_at),
    )


def _found(commitment: Commitment) -> str:
    if commitment.status is CommitmentStatus.WITHDRAWN:
        return _("Why it was withdrawn")
    return _("What the verification found")


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Empty what was owed on the cases that end; who owed it, when, and how it ended stay."""
    mine = col(Commitment.case_id).in_(ending.case_ids)
    found = session.scalars(sa.select(Commitment).where(mine)).all()
    return [_emptied(session, found)]


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Empty what was owed for a child alone on cases that stay for its siblings."""
    shared = col(Commitment.case_id).in_(plan.shared_case_ids)
    found = session.scalars(
        sa.select(Commitment).where(shared, col(Commitment.person_id) == person_id)
    ).all()
    return [_emptied(session, found)]


def _emptied(session: Session, found: Sequence[Commitment]) -> Erased:
    for row in found:
        row.act, row.words, row.document = NOTHING, "", ""
        row.objection = row.verdict = ""
        row.postponements = [{**move, "why": ""} for move in row.postponements if "why" in move]
    session.flush()
    return Erased(table="portal_commitment", erased=len(found))
