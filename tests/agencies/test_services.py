"""Agencies created, renamed, found; territory and accreditation with their dates."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import col

from portal import clock
from portal.actor import AgencyKind, system_actor
from portal.agencies import queries, services
from portal.agencies.competence import propose
from portal.agencies.inputs import (
    AddAccreditation,
    AddCoverage,
    CreateAgency,
    EditAgency,
)
from portal.agencies.models import Agency
from portal.agencies.queries import AgencyFilter, search_agencies
from portal.audit.models import AuditEntry
from portal.db import Database, WritingSession, migrations, new_id
from portal.errors import Conflict, Invalid, NotFound
from tests.factories.agencies import make_agency

SYSTEM = system_actor()
FROM = date(2026, 3, 1)


@pytest.fixture
def upe(session: WritingSession) -> Agency:
    return make_agency(session, "UPE-SM", AgencyKind.UPE, "UPE San Martín", "220901")


@pytest.fixture
def demuna(session: WritingSession) -> Agency:
    return make_agency(session, "DEM-LAM", AgencyKind.DEMUNA, "DEMUNA Lamas", "220501")


def new_agency(code: str = "CEN-1", **more: object) -> CreateAgency:
    given = {"code": code, "name": "Centro de Salud Lamas", "kind": AgencyKind.HEALTH, **more}
    return CreateAgency.model_validate(given)


def codes(session: WritingSession, **wanted: object) -> list[str]:
    return [row.code for row in search_agencies(session, AgencyFilter(**wanted))]  # type: ignore[arg-type]


def test_a_code_is_taken_once_and_written_in_capitals(session: WritingSession) -> None:
    agency = services.create_agency(session, SYSTEM, new_agency(" cen-1 "))
    assert agency.code == "CEN-1"
    with pytest.raises(Invalid) as refused:
        services.create_agency(session, SYSTEM, new_agency("CEN-1"))
    assert refused.value.problems[0].field == "code"


@pytest.mark.parametrize("code", ["", "A", "UPE SM", "UPE_SM", "-UPE", "1UPE", "UPE-", "A" * 13])
def test_a_code_is_short_and_plain(code: str) -> None:
    with pytest.raises(ValidationError):
        new_agency(code)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 161),
        ("name", " "),
        ("district", "no such district"),
        ("telephone", "call me"),
        ("closed_on", date(2020, 1, 1)),
        ("kind", "castle"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        new_agency("CEN-1", **{"operates_from": date(2021, 1, 1), field: value})
    assert refused.value.errors()[0]["loc"] == (field,)


def test_a_unit_belongs_to_an_agency_that_is_no_unit(session: WritingSession) -> None:
    network = services.create_agency(session, SYSTEM, new_agency("RED"))
    unit = services.create_agency(session, SYSTEM, new_agency("RED-1", parent_id=network.id))
    assert [each.code for each in queries.list_units(session, network.id)] == ["RED-1"]
    for parent in (unit.id, new_id()):
        with pytest.raises(Invalid):
            services.create_agency(session, SYSTEM, new_agency("RED-2", parent_id=parent))


def test_a_renamed_agency_is_found_by_both_names(session: WritingSession, upe: Agency) -> None:
    given = EditAgency(name="Unidad de Protección Especial San Martín", telephone="042 522 000")
    services.edit_agency(session, SYSTEM, upe.id, given)
    assert [alias.name for alias in queries.list_aliases(session, upe.id)] == ["UPE San Martín"]
    assert codes(session, text="upe san martin") == ["UPE-SM"]
    assert codes(session, text="proteccion especial") == ["UPE-SM"]
    fields = session.scalars(
        sa.select(col(AuditEntry.facts)).where(col(AuditEntry.action) == "agencies.agency.edit")
    ).one()
    assert fields == '{"fields":["district","name","telephone"]}'


def test_an_accent_put_right_leaves_no_alias(session: WritingSession, upe: Agency) -> None:
    services.edit_agency(session, SYSTEM, upe.id, EditAgency(name="UPE San Martin"))
    assert queries.list_aliases(session, upe.id) == []


def test_names_are_added_once_and_removed(session: WritingSession, upe: Agency) -> None:
    alias = services.add_alias(session, SYSTEM, upe.id, name="Unidad de Protección")
    assert services.add_alias(session, SYSTEM, upe.id, name="unidad de proteccion") == alias
    assert codes(session, text="unidad") == ["UPE-SM"]
    assert services.remove_alias(session, SYSTEM, alias.id) == upe.id
    assert codes(session, text="unidad") == []
    with pytest.raises(NotFound):
        services.remove_alias(session, SYSTEM, alias.id)


def test_the_list_is_narrowed(session: WritingSession, upe: Agency, demuna: Agency) -> None:
    assert codes(session) == ["DEM-LAM", "UPE-SM"]
    assert codes(session, kind=AgencyKind.UPE) == ["UPE-SM"]
    assert codes(session, within="2205") == ["DEM-LAM"]
    assert codes(session, within="22") == ["DEM-LAM", "UPE-SM"]
    assert codes(session, text="dem-lam") == ["DEM-LAM"]
    assert codes(session, text="%") == ["DEM-LAM", "UPE-SM"]
    demuna.closed_on = clock.today()
    session.flush()
    assert codes(session) == ["UPE-SM"]
    assert codes(session, closed=True) == ["DEM-LAM"]


def test_the_list_goes_on_where_it_stopped(
    session: WritingSession, upe: Agency, demuna: Agency
) -> None:
    (first,) = search_agencies(session, AgencyFilter(), limit=1)
    (second,) = search_agencies(session, AgencyFilter(), after=(first.name, first.id))
    assert (first.code, second.code) == ("DEM-LAM", "UPE-SM")


def test_a_province_has_one_upe_at_a_time(session: WritingSession, upe: Agency) -> None:
    other = make_agency(session, "UPE-2", AgencyKind.UPE)
    coverage = services.add_coverage(
        session, SYSTEM, upe.id, AddCoverage(province="2205", since=FROM)
    )
    later = AddCoverage(province="2205", since=date(2027, 1, 1))
    with pytest.raises(Invalid) as refused:
        services.add_coverage(session, SYSTEM, other.id, later)
    assert "UPE San Martín" in str(refused.value.problems[0].message)
    services.end_coverage(session, SYSTEM, coverage.id, until=date(2027, 1, 1))
    services.add_coverage(session, SYSTEM, other.id, later)
    before = AddCoverage(province="2205", since=date(2026, 1, 1), until=FROM)
    services.add_coverage(session, SYSTEM, other.id, before)
    assert len(queries.list_coverage(session, other.id)) == 2


def test_courts_may_share_a_province(session: WritingSession, upe: Agency) -> None:
    given = AddCoverage(province="2208", since=FROM)
    for code in ("JUZ-1", "JUZ-2"):
        court = make_agency(session, code, AgencyKind.COURT, district="220801")
        services.add_coverage(session, SYSTEM, court.id, given)
    with pytest.raises(Invalid):
        services.add_coverage(session, SYSTEM, court.id, given)


def test_only_some_kinds_have_territory_or_accreditation(
    session: WritingSession, upe: Agency, demuna: Agency
) -> None:
    with pytest.raises(Conflict):
        services.add_coverage(session, SYSTEM, demuna.id, AddCoverage(province="2205", since=FROM))
    with pytest.raises(Conflict):
        services.accredit(
            session, SYSTEM, upe.id, AddAccreditation(resolution="RD 12-2026", since=FROM)
        )


def test_an_end_comes_after_the_beginning(session: WritingSession, upe: Agency) -> None:
    coverage = services.add_coverage(
        session, SYSTEM, upe.id, AddCoverage(province="2205", since=FROM)
    )
    with pytest.raises(Invalid):
        services.end_coverage(session, SYSTEM, coverage.id, until=FROM)
    with pytest.raises(ValidationError):
        AddCoverage(province="2205", since=FROM, until=FROM)
    with pytest.raises(ValidationError):
        AddAccreditation(resolution="RD 12-2026", since=FROM, until=FROM - timedelta(days=1))


def test_an_accreditation_has_its_dates(session: WritingSession, demuna: Agency) -> None:
    given = AddAccreditation(resolution="RD 12-2026-MIMP", since=FROM)
    accreditation = services.accredit(session, SYSTEM, demuna.id, given)
    assert accreditation.recorded_at.tzinfo is not None
    with pytest.raises(Invalid) as refused:
        services.accredit(session, SYSTEM, demuna.id, given)
    assert "RD 12-2026-MIMP" in str(refused.value.problems[0].message)
    services.end_accreditation(session, SYSTEM, accreditation.id, until=date(2026, 9, 1))
    for day, accredited in (
        (FROM - timedelta(days=1), False),
        (FROM, True),
        (date(2026, 8, 31), True),
        (date(2026, 9, 1), False),
    ):
        assert services.is_accredited(session, demuna.id, day) is accredited


def test_what_is_entered_decides_who_is_proposed(
    session: WritingSession, upe: Agency, demuna: Agency
) -> None:
    with clock.at(datetime(2026, 6, 1, 12, tzinfo=clock.LIMA)):
        assert propose(session, "unprotection", "220501").agency_id is None
        assert propose(session, "risk", "220501").agency_id == demuna.id
        services.add_coverage(session, SYSTEM, upe.id, AddCoverage(province="2205", since=FROM))
        assert propose(session, "unprotection", "220501").agency_id == upe.id
        assert propose(session, "risk", "220501").agency_id == upe.id
        services.accredit(
            session,
            SYSTEM,
            demuna.id,
            AddAccreditation(resolution="RD 12-2026-MIMP", since=date(2026, 6, 2)),
        )
        assert propose(session, "risk", "220501").agency_id == upe.id
        assert propose(session, "risk", "220501", date(2026, 6, 2)).agency_id == demuna.id
        assert propose(session, "risk", "220502", date(2026, 6, 2)).agency_id == upe.id


@pytest.mark.slow
def test_the_migration_keeps_agencies_and_folds_their_names(db: Database) -> None:
    with db.write() as session:
        agency = make_agency(session, "UPE-SM", AgencyKind.UPE, "UPE San Martín")
        services.add_alias(session, SYSTEM, agency.id, name="Protección")
    migrations.downgrade(db, to="0005_work")
    migrations.upgrade(db)
    with db.read() as session:
        found = [
            [row.code for row in search_agencies(session, AgencyFilter(text=text))]
            for text in ("san martin", "proteccion")
        ]
    assert found == [["UPE-SM"], ["UPE-SM"]]
