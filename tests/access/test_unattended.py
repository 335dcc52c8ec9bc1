"""An agency left without anybody shows as such to the leads of its matters, by a query alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col

from portal import clock
from portal.access.models import Membership
from portal.access.queries import is_unattended
from portal.actor import AgencyKind, Role
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseParty, Level, Priority, Right
from portal.commitments.models import Commitment, CommitmentStatus, Source
from portal.db import Database
from portal.referrals.models import Referral, ReferralStatus
from portal.users.models import User
from tests.conftest import Statements
from tests.factories.agencies import make_agency, make_member
from tests.factories.care import new_case
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
WORDS = "sin responsable"


@dataclass
class Table:
    """A UPE that leads a case, a DEMUNA on it that owes two things, and a health centre."""

    db: Database
    upe: Agency
    demuna: Agency
    health: Agency
    coordinator: Browser
    health_worker: Browser
    code: str
    referral: str
    commitment: str
    mayor: User

    def ends(self, days: float = 0) -> None:
        """End every role of the DEMUNA some days from now."""
        with self.db.write() as session:
            session.execute(
                sa.update(Membership)
                .where(col(Membership.agency_id) == self.demuna.id)
                .values(until=clock.now() + timedelta(days=days))
            )


@pytest.fixture
def table(app: Flask, db: Database, browser: NewBrowser) -> Table:
    with db.write() as session:
        upe = make_agency(session, "UPE-SM", name="UPE San Martín")
        demuna = make_agency(session, "DEM-LAM", AgencyKind.DEMUNA, "DEMUNA Lamas")
        health = make_agency(session, "CS-LAM", AgencyKind.HEALTH, "Centro de Salud")
        coordinator = make_member(session, upe, Role.COORDINATOR)
        mayor = make_member(session, demuna, Role.COORDINATOR)
        nurse = make_member(session, health, Role.COORDINATOR)
        code = new_case(session, upe, 5)[0]
        case = session.scalars(sa.select(Case)).one()
        for agency in (demuna, health):
            session.add(
                CaseParty(
                    case_id=case.id,
                    agency_id=agency.id,
                    level=Level.TEAM,
                    legal_basis="DL 1297",
                    since=clock.now(),
                )
            )
        referral = Referral(
            case_id=case.id,
            from_agency_id=upe.id,
            to_agency_id=demuna.id,
            status=ReferralStatus.SENT,
            right=Right.IDENTITY,
            priority=Priority.HIGH,
            asked="Inscribir",
            due_on=clock.today(),
            sent_at=clock.now(),
        )
        commitment = Commitment(
            agency_id=demuna.id,
            proposer_id=upe.id,
            verifier_id=upe.id,
            case_id=case.id,
            source=Source.MANUAL,
            act="Visitar a la familia",
            status=CommitmentStatus.ACCEPTED,
            first_due_on=clock.today(),
            due_on=clock.today(),
            created_at=clock.now(),
        )
        session.add_all([referral, commitment])
        session.flush()
        ids = referral.id, commitment.id
        session.expunge_all()
    return Table(
        db,
        upe,
        demuna,
        health,
        browser().sign_in(coordinator, upe),
        browser().sign_in(nurse, health),
        code,
        f"/referrals/{ids[0]}",
        f"/commitments/{ids[1]}",
        mayor,
    )


def left(session: Session) -> list[str]:
    """Return the codes of the agencies that have nobody in charge now."""
    return list(session.scalars(sa.select(col(Agency.code)).where(is_unattended(col(Agency.id)))))


@ON_BOTH
def test_it_shows_on_every_page_of_the_lead_once_everybody_has_left(table: Table) -> None:
    case = f"/cases/{table.code}"
    pages = (case, f"{case}/who", "/referrals?box=out", table.referral, table.commitment, "/")
    for url in pages:
        assert WORDS not in table.coordinator.get(url).text, url
    table.ends()
    for url in (*pages, "/unattended"):
        assert WORDS in table.coordinator.get(url).text.lower(), url
    listed = table.coordinator.get("/unattended").text
    for url in (f"/cases/{table.code}", table.referral, table.commitment):
        assert f'href="{url}"' in listed


def test_others_than_the_lead_are_not_told(table: Table) -> None:
    table.ends()
    for url in (f"/cases/{table.code}", "/"):
        assert WORDS not in table.health_worker.get(url).text.lower()
    assert "DEMUNA Lamas" not in table.health_worker.get("/unattended").text


def test_it_begins_at_the_moment_and_ends_when_somebody_comes(table: Table) -> None:
    table.ends(days=1)
    assert WORDS not in table.coordinator.get("/").text
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        with table.db.read() as session:
            assert left(session) == ["DEM-LAM"]
        with table.db.write() as session:
            make_member(session, table.demuna, Role.COORDINATOR)
        with table.db.read() as session:
            assert left(session) == []


@ON_BOTH
def test_an_agency_that_never_had_people_is_written_to_by_letter_and_not_meant(
    table: Table,
) -> None:
    with table.db.write() as session:
        make_agency(session, "RENIEC", AgencyKind.CIVIL_REGISTRY)
        make_member(session, table.demuna, Role.AGENCY_ADMIN)
    with table.db.read() as session:
        assert left(session) == []


def test_a_closed_account_answers_nobody(table: Table) -> None:
    with table.db.write() as session:
        session.get_one(User, table.mayor.id).disabled_at = clock.now()
    assert WORDS in table.coordinator.get("/").text.lower()


@ON_BOTH
def test_the_pages_take_the_same_number_of_statements_however_many_are_left(
    table: Table, statements: Statements
) -> None:
    table.ends()
    table.coordinator.get("/unattended")
    statements.seen.clear()
    table.coordinator.get("/unattended")
    few = statements.count
    with table.db.write() as session:
        for number in range(5):
            agency = make_agency(session, f"DEM-{number}", AgencyKind.DEMUNA)
            make_member(session, agency, Role.COORDINATOR)
            case = session.scalars(sa.select(Case)).one()
            session.add(
                CaseParty(
                    case_id=case.id,
                    agency_id=agency.id,
                    level=Level.TEAM,
                    legal_basis="DL 1297",
                    since=clock.now(),
                )
            )
        session.flush()
        session.execute(
            sa.update(Membership)
            .where(col(Membership.agency_id) != table.upe.id)
            .values(until=clock.now())
        )
    statements.seen.clear()
    assert table.coordinator.get("/unattended").text.count("/cases/") >= 6
    assert statements.count == few


def test_nothing_of_it_is_stored(table: Table) -> None:
    with table.db.read() as session:
        before = session.scalars(sa.select(col(CaseParty.row_version))).all()
    table.ends()
    table.coordinator.get("/unattended")
    with table.db.read() as session:
        assert session.scalars(sa.select(col(CaseParty.row_version))).all() == before
