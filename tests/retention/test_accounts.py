"""Accounts of people who left: who may go when, what goes, and what must still answer."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from pydantic import ValidationError
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.models import Membership
from portal.access.services import open_account
from portal.actor import Actor, Role
from portal.audit.models import AuditEntry
from portal.db import Database
from portal.db.models import ScopeKey
from portal.errors import Conflict, Invalid, NotFound
from portal.privacy.rules import Declared
from portal.privacy.services import declare
from portal.retention import erasing, records, services, tombstones
from portal.retention.inputs import EnterRule, PlaceHold, ProposeErasure
from portal.retention.models import (
    CountedFrom,
    Erasure,
    ErasureItem,
    ErasureStatus,
    Ground,
    ItemStatus,
    RecordKind,
)
from portal.users.models import User
from portal.users.services import start_sign_in
from tests.factories.agencies import make_actor, make_agency, make_member, put_on_duty
from tests.postgresql import ON_BOTH
from tests.retention.test_erasing import dump, folder, work
from tests.webclient import Browser

NAME, TELEPHONE, BROWSER = "Renaco Pumaquiro", "942 777 001", "Mozilla de Renaco"
WHY = "Programa de archivos aprobado"
__all__ = ["folder"]


class Left:
    """A psychologist who left an institution some years ago, and the two who decide."""

    def __init__(self, session: Session, years: int = 3) -> None:
        with clock.at(clock.now() - timedelta(days=366 * years)):
            self.agency = make_agency(session, "DEM-1")
            user = make_member(session, self.agency, Role.CASEWORKER, name=NAME)
            self.user_id, self.username = user.id, user.username
            put_on_duty(session, self.agency, user).telephone = TELEPHONE
            own = Actor(user_id=user.id, agency_id=self.agency.id, name=NAME)
            start_sign_in(session, own, user_id=user.id, agency_id=self.agency.id, device=BROWSER)
            audit.record(session, own, "cases.case.read", None)
            for role in session.scalars(
                sa.select(Membership).where(col(Membership.user_id) == user.id)
            ):
                role.until, role.post = clock.now() + timedelta(days=1), "Psicóloga"
        self.officer = make_actor(session, self.agency, Role.PRIVACY_OFFICER)
        self.platform = make_actor(session, None, Role.PLATFORM_ADMIN)

    def rule(self, session: Session, years: int = 2) -> None:
        """Enter for how long accounts are kept."""
        given = EnterRule(
            record=RecordKind.ACCOUNT,
            years=years,
            counted_from=CountedFrom.CLOSING,
            norm="Programa de control de documentos 2026",
            norm_on=date(2026, 1, 15),
        )
        services.enter_rule(session, self.platform, given)

    def proposal(self, ground: Ground = Ground.RULE) -> ProposeErasure:
        """Return the form that proposes to erase the account."""
        document = "Resolución 12-2026" if ground is Ground.CANCELLATION else ""
        return ProposeErasure(
            record_ids=[self.user_id], ground=ground, document=document, reason=WHY
        )

    def erase(self, db: Database) -> None:
        """Propose it and approve it, by two people."""
        with db.write() as session:
            self.rule(session)
            erasure = services.propose(session, self.officer, self.proposal())
        with db.write() as session:
            again = session.get_one(Erasure, erasure.id)
            services.decide(session, self.platform, again, ErasureStatus.APPROVED, reason=WHY)


@pytest.fixture
def left(app: Flask, db: Database) -> Left:
    """Return somebody who left three years ago."""
    assert app
    with db.write() as session:
        return Left(session)


@ON_BOTH
def test_nothing_of_who_worked_here_is_left_but_what_the_account_did(
    left: Left, app: Flask, db: Database, folder: Path
) -> None:
    with db.write() as session:
        declare(session, Actor(user_id=left.user_id), Declared(first_surname="Pumaquiro"))
    assert all(said in dump(db) for said in (NAME, TELEPHONE, BROWSER, left.username))
    left.erase(db)
    with db.read() as session:
        planned = session.scalars(sa.select(ErasureItem)).one().planned
    work(app, db)
    after = dump(db)
    assert [s for s in (NAME, TELEPHONE, BROWSER, left.username, "Psicóloga") if s in after] == []
    with db.read() as session:
        item = session.scalars(sa.select(ErasureItem)).one()
        assert item.status is ItemStatus.ERASED
        assert item.done == planned
        user = session.get_one(User, left.user_id)
        assert user.name.startswith("Cuenta suprimida ")
        assert user.disabled_at
        assert session.get(ScopeKey, left.user_id) is None
        mine = col(AuditEntry.user_id) == left.user_id
        assert (
            session.scalar(
                sa.select(sa.func.count()).where(mine, col(AuditEntry.action) == "cases.case.read")
            )
            == 1
        )
        assert erasing.answer_for(session, left.officer, left.username.upper())
        assert not records.list_ended(session, ids=[left.user_id])
    assert [each.record for each in tombstones.read(folder)] == ["account"]
    assert audit.verify(db) is None


def test_an_erased_account_opens_no_more(left: Left, app: Flask, db: Database) -> None:
    left.erase(db)
    work(app, db)
    with db.write() as session, pytest.raises(Conflict):
        open_account(session, left.platform, left.user_id, reason=WHY)


@ON_BOTH
def test_a_restored_backup_erases_the_account_again(
    left: Left, app: Flask, db: Database, folder: Path
) -> None:
    with db.read() as session:
        (record,) = records.list_ended(session, ids=[left.user_id])
    assert record.agency_id == left.agency.id
    stone = tombstones.Stone(
        record="account",
        record_id=str(left.user_id),
        salt="s",
        code_hash=erasing.hash_code("s", left.username),
        agency_id=str(left.agency.id),
        ground="rule",
        rule_id="",
        erasure_id=str(left.agency.id),
        proposed_by="",
        decided_by="",
        at=clock.now().isoformat(),
    )
    tombstones.append(folder, [stone])
    assert erasing.erase_again(db, folder) == 1
    assert NAME not in dump(db)


def test_who_looked_stays_answerable_for_two_years(app: Flask, db: Database) -> None:
    with db.write() as session:
        recent = Left(session, years=1)
        recent.rule(session)
        for ground in Ground:
            with pytest.raises(Invalid):
                services.propose(session, recent.officer, recent.proposal(ground))
    with pytest.raises(ValidationError, match="rule"):
        EnterRule(
            record=RecordKind.ACCOUNT,
            years=1,
            counted_from=CountedFrom.CLOSING,
            norm="Programa",
            norm_on=date(2026, 1, 15),
        )


def test_a_hold_keeps_an_account(left: Left, db: Database) -> None:
    with db.write() as session:
        left.rule(session)
        held = PlaceHold(code=left.username, document="Oficio 118-2026", reason=WHY)
        services.place_hold(session, left.officer, held)
        with pytest.raises(Invalid):
            services.propose(session, left.officer, left.proposal())


def test_who_still_works_somewhere_stays(left: Left, db: Database) -> None:
    with db.write() as session:
        session.add(
            Membership(
                user_id=left.user_id,
                agency_id=make_agency(session, "UPE-2").id,
                role=Role.VIEWER,
                since=clock.now(),
            )
        )
        session.flush()
        left.rule(session)
        with pytest.raises(NotFound):
            services.propose(session, left.officer, left.proposal())


def test_another_institutions_officer_does_not_find_it(left: Left, db: Database) -> None:
    with db.write() as session:
        left.rule(session)
        stranger = make_actor(session, make_agency(session, "X"), Role.PRIVACY_OFFICER)
        with pytest.raises(NotFound):
            services.propose(session, stranger, left.proposal())


@ON_BOTH
def test_the_pages_show_what_goes_of_an_account_and_what_stays(
    left: Left, app: Flask, db: Database
) -> None:
    with db.write() as session:
        left.rule(session)
        officer = session.get_one(User, left.officer.user_id)
        session.expunge_all()
    page = Browser(app, db).sign_in(officer, left.agency)
    assert left.username in page.get("/admin/retention").text
    given = {"record_ids": str(left.user_id), "ground": "rule", "reason": WHY}
    made = page.fill("/admin/retention/erasures/new", given)
    plan = page.get(str(made.location)).text
    assert "Teléfono en el rol de turno: se vacía" in plan
    assert "queda en el registro de accesos, sin nombre" in plan
    assert "Recuentos" not in plan
