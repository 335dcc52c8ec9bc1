"""Which codes of official systems are held of a child."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.cases.models import Case, CaseChild
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.registries.labels import SYSTEM
from portal.registries.models import OfficialCode
from portal.texts import _, _l

TABLE = "portal_official_code"


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return the codes of a child, and those of the child's cases as a whole."""
    cases = sa.select(col(CaseChild.case_id)).where(col(CaseChild.person_id) == person_id)
    whole = sa.and_(col(OfficialCode.person_id).is_(None), col(OfficialCode.case_id).in_(cases))
    found = session.execute(
        sa.select(OfficialCode, col(Case.code))
        .join(Case, col(Case.id) == col(OfficialCode.case_id))
        .where(sa.or_(col(OfficialCode.person_id) == person_id, whole))
        .order_by(col(OfficialCode.recorded_at), col(OfficialCode.id))
    )
    return [
        PersonExport(
            table=TABLE,
            title=_l("Codes in official systems"),
            rows=[
                readable(
                    (_("Case"), code),
                    (_("System"), row.name or SYSTEM[row.system]),
                    (_("Number"), row.number),
                    (_("Registered at"), row.recorded_at),
                    (_("Struck at"), row.struck_at),
                )
                for row, code in found
            ],
        )
    ]


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Empty the codes of the cases that end."""
    return _empty(session, col(OfficialCode.case_id).in_(ending.case_ids))


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Empty a child's codes on cases that stay for its siblings."""
    mine = sa.and_(
        col(OfficialCode.person_id) == person_id,
        col(OfficialCode.case_id).in_(plan.shared_case_ids),
    )
    return _empty(session, mine)


def _empty(session: Session, whose: sa.ColumnElement[bool]) -> Sequence[Erased]:
    codes = session.scalars(sa.select(OfficialCode).where(whose)).all()
    for code in codes:
        code.name = code.number = ""
    session.flush()
    return [Erased(table=TABLE, erased=len(codes))]
