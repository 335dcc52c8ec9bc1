"""Agencies kept by the platform: created, renamed, closed; their territory and accreditation.

What changes here acts on proposals from its date on, never on cases already begun.
"""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, AgencyKind
from portal.agencies.inputs import (
    AddAccreditation,
    AddCoverage,
    CreateAgency,
    EditAgency,
)
from portal.agencies.models import Accreditation, Agency, AgencyAlias, Coverage
from portal.agencies.queries import (
    find_by_code,
    get_accreditation,
    get_agency,
    get_coverage,
    list_accreditations,
    list_aliases,
)
from portal.errors import Conflict, Invalid, NotFound, Problem
from portal.places import fold, name_of
from portal.texts import _l

TERRITORIAL = (AgencyKind.UPE, AgencyKind.COURT)


def create_agency(session: Session, actor: Actor, given: CreateAgency) -> Agency:
    """Enter an agency, or a unit of one where `parent_id` says so.

    Raises Invalid where the code is taken, or the parent is not there or is a unit itself.
    """
    if find_by_code(session, given.code) is not None:
        raise Invalid(Problem("code", _l("Another institution has this code.")))
    if given.parent_id is not None:
        parent = session.get(Agency, given.parent_id)
        if parent is None or parent.parent_id is not None:
            raise Invalid(Problem("parent_id", _l("Choose an institution that is no unit itself.")))
    agency = Agency(**given.model_dump())
    session.add(agency)
    session.flush()
    audit.record(
        session,
        actor,
        "agencies.agency.create",
        agency.id,
        code=agency.code,
        kind=agency.kind.value,
    )
    return agency


def edit_agency(session: Session, actor: Actor, agency_id: UUID, given: EditAgency) -> Agency:
    """Change an agency; a new name keeps the old one as an alias, by which it is still found."""
    agency = get_agency(session, agency_id)
    values = {name: getattr(given, name) for name in EditAgency.model_fields}
    changed = sorted(name for name, value in values.items() if value != getattr(agency, name))
    if "name" in changed and fold(given.name) != fold(agency.name):
        _keep_name(session, agency, agency.name)
    for name in changed:
        setattr(agency, name, values[name])
    session.flush()
    audit.record(session, actor, "agencies.agency.edit", agency.id, fields=changed)
    return agency


def _keep_name(session: Session, agency: Agency, name: str) -> AgencyAlias:
    """Keep a name as an alias, once."""
    known = {fold(alias.name): alias for alias in list_aliases(session, agency.id)}
    if fold(name) in known:
        return known[fold(name)]
    alias = AgencyAlias(agency_id=agency.id, name=name)
    session.add(alias)
    session.flush()
    return alias


def add_alias(session: Session, actor: Actor, agency_id: UUID, *, name: str) -> AgencyAlias:
    """Add a name by which people look for an agency."""
    agency = get_agency(session, agency_id)
    alias = _keep_name(session, agency, name)
    audit.record(session, actor, "agencies.alias.add", agency.id)
    return alias


def remove_alias(session: Session, actor: Actor, alias_id: UUID) -> UUID:
    """Remove a name that leads people wrong; returns the agency's identifier."""
    alias = session.get(AgencyAlias, alias_id)
    if alias is None:
        raise NotFound
    session.delete(alias)
    session.flush()
    audit.record(session, actor, "agencies.alias.remove", alias.agency_id)
    return alias.agency_id


def must_be_territorial(agency: Agency) -> None:
    """Raise Conflict for an agency that covers no provinces; the form of one asks this first."""
    if agency.kind not in TERRITORIAL:
        raise Conflict(_l("Only a UPE or a court is competent for provinces."))


def must_be_demuna(agency: Agency) -> None:
    """Raise Conflict for an agency that is not accredited; the form asks this first."""
    if agency.kind is not AgencyKind.DEMUNA:
        raise Conflict(_l("Only a DEMUNA is accredited."))


def add_coverage(session: Session, actor: Actor, agency_id: UUID, given: AddCoverage) -> Coverage:
    """Make a UPE, or a court where none is, competent for a province (DL 1297 art. 11, 1st DCT).

    Raises Conflict for another kind of agency, Invalid where a UPE is competent there already in
    those days: a province has one.
    """
    agency = get_agency(session, agency_id)
    must_be_territorial(agency)
    other = _overlapping(session, agency, given)
    if other is not None:
        message = _l(
            "%(name)s is competent for %(province)s in those days.",
            name=get_agency(session, other.agency_id).name,
            province=name_of(given.province),
        )
        raise Invalid(Problem("province", message))
    coverage = Coverage(agency_id=agency.id, **given.model_dump())
    session.add(coverage)
    session.flush()
    audit.record(
        session,
        actor,
        "agencies.coverage.add",
        coverage.id,
        agency=agency.code,
        province=given.province,
        since=given.since.isoformat(),
    )
    return coverage


def _overlapping(session: Session, agency: Agency, given: AddCoverage) -> Coverage | None:
    """Return a coverage of the province in those days: any UPE's for a UPE, else the agency's."""
    whose = (
        col(Agency.kind) == AgencyKind.UPE
        if agency.kind is AgencyKind.UPE
        else col(Agency.id) == agency.id
    )
    return session.scalar(
        sa.select(Coverage)
        .join(Agency, col(Agency.id) == col(Coverage.agency_id))
        .where(
            whose,
            col(Coverage.province) == given.province,
            _overlaps(Coverage, given.since, given.until),
        )
        .limit(1)
    )


def _overlaps(
    table: type[Coverage] | type[Accreditation], since: date, until: date | None
) -> sa.ColumnElement[bool]:
    """Return the condition that a row's days share one with `since` to `until` (excluded)."""
    ends_later = sa.or_(col(table.until).is_(None), col(table.until) > since)
    return ends_later if until is None else sa.and_(ends_later, col(table.since) < until)


def end_coverage(session: Session, actor: Actor, coverage_id: UUID, *, until: date) -> Coverage:
    """Let a competence end; `until` is the first day without."""
    coverage = get_coverage(session, coverage_id)
    _end(coverage, until)
    session.flush()
    audit.record(session, actor, "agencies.coverage.end", coverage.id, until=until.isoformat())
    return coverage


def _end(row: Coverage | Accreditation, until: date) -> None:
    if until <= row.since:
        raise Invalid(Problem("until", _l("The end must be after the beginning.")))
    row.until = until


def accredit(
    session: Session, actor: Actor, agency_id: UUID, given: AddAccreditation
) -> Accreditation:
    """Enter the accreditation of a DEMUNA for the risk procedure (DS 005-2019-MIMP).

    Raises Conflict for another kind of agency, Invalid where it is accredited in those days.
    """
    agency = get_agency(session, agency_id)
    must_be_demuna(agency)
    same = session.scalar(
        sa.select(Accreditation)
        .where(
            col(Accreditation.agency_id) == agency.id,
            _overlaps(Accreditation, given.since, given.until),
        )
        .limit(1)
    )
    if same is not None:
        message = _l("It is accredited in those days by %(norm)s.", norm=same.resolution)
        raise Invalid(Problem("since", message))
    accreditation = Accreditation(
        agency_id=agency.id, recorded_at=clock.now(), **given.model_dump()
    )
    session.add(accreditation)
    session.flush()
    audit.record(
        session,
        actor,
        "agencies.accreditation.add",
        accreditation.id,
        agency=agency.code,
        since=given.since.isoformat(),
    )
    return accreditation


def end_accreditation(
    session: Session, actor: Actor, accreditation_id: UUID, *, until: date
) -> Accreditation:
    """Let an accreditation end; `until` is the first day without."""
    accreditation = get_accreditation(session, accreditation_id)
    _end(accreditation, until)
    session.flush()
    audit.record(
        session, actor, "agencies.accreditation.end", accreditation.id, until=until.isoformat()
    )
    return accreditation


def is_accredited(session: Session, agency_id: UUID, day: date | None = None) -> bool:
    """Tell whether a DEMUNA is accredited on a day (today)."""
    on = day or clock.today()
    return any(
        each.since <= on and (each.until is None or on < each.until)
        for each in list_accreditations(session, agency_id)
    )
