"""What proposals hold of a child: that somebody asked whether it is known twice."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.cases.models import CaseChild
from portal.duplicates.labels import BASIS, STATE
from portal.duplicates.models import Match, MatchParty
from portal.family.models import Relative
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.texts import _, _l

TABLE = "portal_match"


def _of(person_id: UUID) -> sa.ColumnElement[bool]:
    return sa.or_(col(Match.one_id) == person_id, col(Match.other_id) == person_id)


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return when and on what another record was taken for the same child; not whose it is."""
    found = session.scalars(
        sa.select(Match).where(_of(person_id)).order_by(col(Match.found_at))
    ).all()
    rows = [
        readable(
            (_("When"), match.found_at),
            (_("On what"), BASIS[match.basis]),
            (_("State"), STATE[match.state]),
        )
        for match in found
    ]
    return [PersonExport(table=TABLE, title=_l("Records that may be of the same child"), rows=rows)]


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Delete the proposals of the adults of the families of cases that end."""
    children = sa.select(col(CaseChild.person_id))
    adults = sa.select(col(Relative.person_id)).where(
        col(Relative.case_id).in_(ending.case_ids), col(Relative.person_id).not_in(children)
    )
    return _erase(session, sa.or_(col(Match.one_id).in_(adults), col(Match.other_id).in_(adults)))


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Delete the proposals of a person; a merge that stands keeps no more than its parties."""
    return _erase(session, _of(person_id))


def _erase(session: Session, which: sa.ColumnElement[bool]) -> Sequence[Erased]:
    ids = list(session.scalars(sa.select(col(Match.id)).where(which)))
    session.execute(sa.delete(MatchParty).where(col(MatchParty.match_id).in_(ids)))
    session.execute(sa.delete(Match).where(col(Match.id).in_(ids)))
    return [Erased(table=TABLE, erased=len(ids))]
