"""Finding and naming agencies."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import AgencyKind
from portal.agencies.models import Agency
from portal.errors import NotFound


def is_working() -> sa.ColumnElement[bool]:
    """Return the condition that an agency has not been closed."""
    return sa.or_(col(Agency.closed_on).is_(None), col(Agency.closed_on) > clock.today())


def get_agency(session: Session, agency_id: UUID) -> Agency:
    """Return an agency; raises NotFound."""
    agency = session.get(Agency, agency_id)
    if agency is None:
        raise NotFound
    return agency


def find_by_code(session: Session, code: str) -> Agency | None:
    """Return the agency of a code, or None."""
    return session.scalar(sa.select(Agency).where(col(Agency.code) == code.strip().upper()))


def list_agencies(session: Session, kinds: Collection[AgencyKind] = ()) -> list[Agency]:
    """Return the working agencies, all or of some kinds, by name."""
    statement = sa.select(Agency).where(is_working()).order_by(col(Agency.name))
    if kinds:
        statement = statement.where(col(Agency.kind).in_(kinds))
    return list(session.scalars(statement))


def names_of(session: Session, agency_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of some agencies in one statement."""
    statement = sa.select(col(Agency.id), col(Agency.name)).where(col(Agency.id).in_(agency_ids))
    return dict(session.execute(statement).tuples().all())
