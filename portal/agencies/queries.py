"""Finding and naming agencies."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import AgencyKind
from portal.agencies.models import Accreditation, Agency, AgencyAlias, Coverage
from portal.db import rows
from portal.errors import NotFound
from portal.places import fold

PAGE = 50


def is_working(day: date | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that an agency has not been closed on a day (today)."""
    return sa.or_(col(Agency.closed_on).is_(None), col(Agency.closed_on) > (day or clock.today()))


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
    return dict(rows(session, statement))


@dataclass(frozen=True, slots=True)
class AgencyFilter:
    """What the list of agencies may be narrowed by; kept in the address.

    `text` is part of a name, former name or code; `within` a department or province (INEI).
    """

    text: str = ""
    kind: AgencyKind | None = None
    within: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency in a list."""

    id: UUID
    code: str
    name: str
    kind: AgencyKind
    district: str | None
    telephone: str
    closed_on: date | None


def search_agencies(
    session: Session,
    wanted: AgencyFilter,
    *,
    after: tuple[str, UUID] | None = None,
    limit: int = PAGE,
) -> list[AgencyRow]:
    """Return agencies by name after a place in that order; accents do not matter.

    Ask for one more than shown to know whether more follow.
    """
    order = (col(Agency.name), col(Agency.id))
    statement = sa.select(
        col(Agency.id),
        col(Agency.code),
        col(Agency.name),
        col(Agency.kind),
        col(Agency.district),
        col(Agency.telephone),
        col(Agency.closed_on),
    ).where(sa.not_(is_working()) if wanted.closed else is_working(), *_narrowed(wanted))
    if after is not None:
        statement = statement.where(sa.tuple_(*order) > sa.tuple_(*after))
    found = rows(session, statement.order_by(*order).limit(limit))
    return [AgencyRow(*row) for row in found]


def _narrowed(wanted: AgencyFilter) -> list[sa.ColumnElement[bool]]:
    conditions = [_bears(word) for word in fold(wanted.text).split()]
    if wanted.kind is not None:
        conditions.append(col(Agency.kind) == wanted.kind)
    if wanted.within:
        conditions.append(col(Agency.district).startswith(wanted.within, autoescape=True))
    return conditions


def _bears(word: str) -> sa.ColumnElement[bool]:
    """Return the condition that a name, a former name or the code holds a folded word."""
    former = sa.exists().where(
        col(AgencyAlias.agency_id) == col(Agency.id),
        col(AgencyAlias.search_key).contains(word, autoescape=True),
    )
    return sa.or_(
        col(Agency.search_key).contains(word, autoescape=True),
        col(Agency.code).contains(word.upper(), autoescape=True),
        former,
    )


def get_by_code(session: Session, code: str) -> Agency:
    """Return the agency of a code; raises NotFound."""
    agency = find_by_code(session, code)
    if agency is None:
        raise NotFound
    return agency


def list_units(session: Session, agency_id: UUID) -> list[Agency]:
    """Return the units of an agency, closed ones too, by name."""
    statement = sa.select(Agency).where(col(Agency.parent_id) == agency_id)
    return list(session.scalars(statement.order_by(col(Agency.name))))


def list_aliases(session: Session, agency_id: UUID) -> list[AgencyAlias]:
    """Return the former and popular names of an agency."""
    statement = sa.select(AgencyAlias).where(col(AgencyAlias.agency_id) == agency_id)
    return list(session.scalars(statement.order_by(col(AgencyAlias.name))))


def list_coverage(session: Session, agency_id: UUID) -> list[Coverage]:
    """Return the provinces of an agency, past and to come too, by province and date."""
    statement = sa.select(Coverage).where(col(Coverage.agency_id) == agency_id)
    return list(session.scalars(statement.order_by(col(Coverage.province), col(Coverage.since))))


def list_accreditations(session: Session, agency_id: UUID) -> list[Accreditation]:
    """Return the accreditations of a DEMUNA, the newest first."""
    statement = sa.select(Accreditation).where(col(Accreditation.agency_id) == agency_id)
    return list(session.scalars(statement.order_by(col(Accreditation.since).desc())))


def get_coverage(session: Session, coverage_id: UUID) -> Coverage:
    """Return a coverage; raises NotFound."""
    coverage = session.get(Coverage, coverage_id)
    if coverage is None:
        raise NotFound
    return coverage


def get_accreditation(session: Session, accreditation_id: UUID) -> Accreditation:
    """Return an accreditation; raises NotFound."""
    accreditation = session.get(Accreditation, accreditation_id)
    if accreditation is None:
        raise NotFound
    return accreditation
