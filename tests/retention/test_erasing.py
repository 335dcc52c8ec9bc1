"""Erasing lawfully: by rule or granted cancellation, by two people, past every hold, for good."""

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col

from portal import audit, clock, events, retention
from portal.actor import Actor, Role
from portal.alerts.models import Alert
from portal.alerts.queries import visible_alerts
from portal.audit.models import AuditReason
from portal.cases.models import Case, CaseStatus
from portal.cases.queries import find_case
from portal.cases.services import open_case
from portal.db import Database, new_id
from portal.db.models import ScopeKey
from portal.db.sealing import unseal
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from portal.people.models import Person
from portal.retention import erasing, queries, services, tombstones
from portal.retention.inputs import EnterRule, PlaceHold, ProposeErasure
from portal.retention.models import (
    CountedFrom,
    Erasure,
    ErasureItem,
    ErasureStatus,
    Ground,
    ItemStatus,
    RecordKind,
    Tombstone,
)
from tests.factories.agencies import make_actor
from tests.postgresql import ON_BOTH
from tests.retention.conftest import NAMES, PERSONAL, REPORTER, Story

pytestmark = [ON_BOTH, pytest.mark.slow]

WHY = "Programa de archivos aprobado"


@pytest.fixture
def officer(story: Story) -> Actor:
    """Return the privacy officer of the institution in charge."""
    with story.db.write() as session:
        return make_actor(session, story.upe, Role.PRIVACY_OFFICER)


@pytest.fixture
def platform(story: Story) -> Actor:
    """Return the administrator of the platform."""
    with story.db.write() as session:
        return make_actor(session, None, Role.PLATFORM_ADMIN)


@pytest.fixture
def folder(app: Flask) -> Path:
    """Return the data folder of the instance."""
    return Path(app.extensions["portal"].settings.data_dir)


def close(story: Story, days: int = 4000) -> None:
    """Close the case so many days ago, with nothing left open."""
    with story.db.write() as session:
        case = session.get_one(Case, story.case_id)
        case.close(at=clock.now() - timedelta(days=days))


def rule(session: Session, actor: Actor, years: int = 10, **given: Any) -> None:
    """Enter a rule for cases."""
    values = {
        "record": RecordKind.CASE,
        "years": years,
        "counted_from": CountedFrom.CLOSING,
        "norm": "Programa de control de documentos 2026",
        "norm_on": date(2026, 1, 15),
        **given,
    }
    services.enter_rule(session, actor, EnterRule(**values))


def proposal(story: Story, ground: Ground = Ground.RULE) -> ProposeErasure:
    """Return the form that proposes to erase the case."""
    document = "Resolución 12-2026" if ground is Ground.CANCELLATION else ""
    return ProposeErasure(record_ids=[story.case_id], ground=ground, document=document, reason=WHY)


def approved(story: Story, officer: Actor, platform: Actor) -> UUID:
    """Close the case, enter a rule, propose and approve; return the erasure's identifier."""
    close(story)
    with story.db.write() as session:
        rule(session, platform)
        erasure = services.propose(session, officer, proposal(story))
    with story.db.write() as session:
        again = session.get_one(Erasure, erasure.id)
        services.decide(session, platform, again, ErasureStatus.APPROVED, reason=WHY)
    return erasure.id


def work(app: Flask, db: Database) -> None:
    """Let the worker do what is due."""
    with app.app_context():
        while events.run_due(db):
            pass


def dump(db: Database) -> str:
    """Return every value of every table as text."""
    with db.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        found = [connection.exec_driver_sql(f'SELECT * FROM "{name}"').all() for name in names]
    return str(
        [
            [bytes(v) if isinstance(v, memoryview) else v for v in row]
            for rows in found
            for row in rows
        ]
    )


def test_nothing_of_a_person_is_left_in_the_database(
    story: Story, officer: Actor, platform: Actor, app: Flask, db: Database, folder: Path
) -> None:
    before = dump(db)
    assert all(name in before for name in NAMES)
    erasure_id = approved(story, officer, platform)
    with db.read() as session:
        cells = session.scalars(
            sa.select(col(AuditReason.reason_sealed)).where(col(AuditReason.scope) == story.case_id)
        ).all()
    work(app, db)
    after = dump(db)
    assert [said for said in (*PERSONAL, REPORTER, story.code) if said in after] == []
    with db.read() as session:
        for scope in (story.case_id, story.alert_id, *story.children):
            assert session.get(ScopeKey, scope) is None
        for cell in cells:
            with pytest.raises(NotFound):
                unseal(
                    session, story.case_id, "portal_audit_reason", "reason_sealed", new_id(), cell
                )
        (item,) = session.scalars(sa.select(ErasureItem)).all()
        assert item.status is ItemStatus.ERASED
        assert item.erasure_id == erasure_id
        stone = session.scalars(sa.select(Tombstone)).one()
        assert (stone.proposed_by, stone.decided_by) == (officer.user_id, platform.user_id)
        assert erasing.answer_for(session, officer, story.code) == stone
        assert erasing.answer_for(session, officer, "UPE-SM-2026-XXXX") is None
    assert [each.record_id for each in tombstones.read(folder)] == [str(story.case_id)]
    assert (folder / tombstones.FILE).stat().st_mode & 0o077 == 0
    assert audit.verify(db) is None


def test_the_plan_is_what_happens(
    story: Story, officer: Actor, platform: Actor, app: Flask, db: Database
) -> None:
    approved(story, officer, platform)
    with db.read() as session:
        planned = session.scalars(sa.select(ErasureItem)).one().planned
        assert session.get_one(Person, story.children[0]).given_names == NAMES[0]
    assert planned["portal_person"] == [2, 0]
    assert planned["portal_case_right"][0] == 22
    work(app, db)
    with db.read() as session:
        done = session.scalars(sa.select(ErasureItem)).one().done
    # The worker may have told more notices, and forgotten some, since the plan was made.
    for table in planned.keys() - {"portal_notice", "portal_form_key", "portal_draft"}:
        assert done[table] == planned[table], table


def test_nobody_finds_it_any_more(
    story: Story, officer: Actor, platform: Actor, app: Flask, db: Database
) -> None:
    approved(story, officer, platform)
    work(app, db)
    with db.read() as session:
        assert find_case(session, story.lead, story.case_id) is None
        for actor in (story.lead, story.health):
            assert session.scalars(sa.select(Alert).where(visible_alerts(actor))).all() == []
        assert retention.export_person(session, new_id()) == []


def test_what_a_child_has_elsewhere_stays(
    story: Story, officer: Actor, platform: Actor, app: Flask, db: Database
) -> None:
    with db.write() as session:
        other = open_case(
            session,
            story.lead,
            lead_agency_id=story.upe.id,
            situation=session.get_one(Case, story.case_id).situation,
            priority=session.get_one(Case, story.case_id).priority,
            district="220501",
            summary="Otro relato",
            person_ids=[story.children[1]],
            received_at=clock.now(),
        ).id
    approved(story, officer, platform)
    work(app, db)
    with db.read() as session:
        assert session.get_one(Person, story.children[0]).given_names == ""
        assert session.get_one(Person, story.children[1]).given_names == NAMES[1]
        assert session.get_one(Case, other).summary == "Otro relato"
        assert session.scalars(sa.select(ErasureItem)).one().done["portal_person"] == [1, 1]


def test_one_person_never_erases(
    story: Story, officer: Actor, platform: Actor, db: Database
) -> None:
    close(story)
    with db.write() as session:
        rule(session, platform)
        both = replace(officer, roles=frozenset({Role.PLATFORM_ADMIN, Role.PRIVACY_OFFICER}))
        erasure = services.propose(session, both, proposal(story))
        with pytest.raises(Forbidden):
            services.decide(session, both, erasure, ErasureStatus.APPROVED, reason=WHY)
        with pytest.raises(Forbidden):
            services.decide(session, platform, erasure, ErasureStatus.WITHDRAWN, reason=WHY)
        services.decide(session, platform, erasure, ErasureStatus.REFUSED, reason=WHY)
        with pytest.raises(Conflict):
            services.decide(session, platform, erasure, ErasureStatus.APPROVED, reason=WHY)


def test_the_platform_alone_never_erases(
    story: Story, officer: Actor, platform: Actor, db: Database
) -> None:
    close(story)
    with db.write() as session:
        rule(session, platform)
        second = make_actor(session, None, Role.PLATFORM_ADMIN)
        erasure = services.propose(session, platform, proposal(story))
        with pytest.raises(Forbidden):
            services.decide(session, second, erasure, ErasureStatus.APPROVED, reason=WHY)
        services.decide(session, officer, erasure, ErasureStatus.APPROVED, reason=WHY)


def test_an_officer_elsewhere_finds_nothing_to_propose_or_decide(
    story: Story, officer: Actor, platform: Actor, db: Database
) -> None:
    close(story)
    stranger = replace(officer, agency_id=story.health.agency_id)
    with db.write() as session:
        rule(session, platform)
        with pytest.raises(NotFound):
            services.propose(session, stranger, proposal(story))
        erasure = services.propose(session, officer, proposal(story))
        with pytest.raises(NotFound):
            queries.get_erasure(session, stranger, erasure.id)
        with pytest.raises(Invalid):
            services.place_hold(
                session, stranger, PlaceHold(code=story.code, document="Oficio 1", reason=WHY)
            )


@pytest.mark.parametrize("years", [None, 11])
def test_without_a_rule_whose_term_has_passed_nothing_goes(
    story: Story, officer: Actor, platform: Actor, db: Database, years: int | None
) -> None:
    close(story)
    with db.write() as session:
        if years:
            rule(session, platform, years=years)
        with pytest.raises(Invalid):
            services.propose(session, officer, proposal(story))
        services.propose(session, officer, proposal(story, Ground.CANCELLATION))


def test_an_open_case_never_goes(story: Story, officer: Actor, db: Database) -> None:
    with db.write() as session, pytest.raises(NotFound):
        services.propose(session, officer, proposal(story, Ground.CANCELLATION))


@pytest.mark.parametrize("with_children", [False, True])
def test_a_hold_keeps_what_was_approved_before_it(
    story: Story, officer: Actor, platform: Actor, app: Flask, db: Database, with_children: bool
) -> None:
    approved(story, officer, platform)
    with db.write() as session:
        given = PlaceHold(
            code=story.code, with_children=with_children, document="Oficio 118-2026", reason=WHY
        )
        holds = services.place_hold(session, officer, given)
    assert len(holds) == (3 if with_children else 1)
    work(app, db)
    with db.read() as session:
        item = session.scalars(sa.select(ErasureItem)).one()
        assert (item.status, item.why) == (ItemStatus.KEPT, erasing.HELD)
        assert session.get_one(Person, story.children[0]).given_names == NAMES[0]
    with db.write() as session:
        with pytest.raises(Invalid):
            services.propose(session, officer, proposal(story))
        for hold in holds:
            services.lift_hold(session, officer, hold.id, reason=WHY)
        services.propose(session, officer, proposal(story))


def test_a_case_that_was_opened_again_is_kept(
    story: Story, officer: Actor, platform: Actor, app: Flask, db: Database
) -> None:
    approved(story, officer, platform)
    with db.write() as session:
        session.get_one(Case, story.case_id).reopen()
    work(app, db)
    with db.read() as session:
        assert session.scalars(sa.select(ErasureItem)).one().status is ItemStatus.KEPT
        assert session.get_one(Case, story.case_id).status is CaseStatus.OPEN


def test_a_module_that_fails_stops_the_erasure_as_a_whole(
    story: Story,
    officer: Actor,
    platform: Actor,
    app: Flask,
    db: Database,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    approved(story, officer, platform)

    def fail(*_given: object, **_named: object) -> list[object]:
        raise Unavailable("A module cannot.")

    with monkeypatch.context() as patch:
        patch.setattr("portal.retention.rooms.erase_person", fail)
        work(app, db)
    with db.read() as session:
        assert session.scalars(sa.select(ErasureItem)).one().status is ItemStatus.PLANNED
        assert session.get_one(Case, story.case_id).code == story.code
    assert tombstones.read(folder) == []
    with clock.at(clock.now() + timedelta(hours=1)):
        work(app, db)
    with db.read() as session:
        assert session.scalars(sa.select(ErasureItem)).one().status is ItemStatus.ERASED


def test_a_kill_in_the_middle_leaves_nothing_half(
    story: Story, officer: Actor, platform: Actor, app: Flask, db: Database, folder: Path
) -> None:
    erasure_id = approved(story, officer, platform)
    assert erasure_id
    db.dispose()
    child = os.fork()
    if child == 0:
        write = tombstones.append

        def die(*_given: object) -> None:
            os._exit(9)

        tombstones.append = die  # type: ignore[assignment]
        work(app, db)
        tombstones.append = write
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    with db.read() as session:
        assert session.get_one(Person, story.children[0]).given_names == NAMES[0]
        assert session.get(ScopeKey, story.case_id) is not None
    with clock.at(clock.now() + timedelta(minutes=10)):
        work(app, db)
    assert [said for said in PERSONAL if said in dump(db)] == []


def test_a_file_that_lost_a_line_is_noticed_and_a_torn_end_is_not_counted(
    folder: Path, story: Story
) -> None:
    stone = tombstones.Stone(
        record="case", record_id="1", salt="", code_hash="", agency_id="", ground="rule",
        rule_id="", erasure_id="", proposed_by="", decided_by="", at="",
    )  # fmt: skip
    tombstones.append(folder, [replace(stone, record_id=str(number)) for number in range(3)])
    path = folder / tombstones.FILE
    first, second, third = path.read_text().splitlines()
    path.write_text(f"{first}\n{second}\n{third[:20]}")
    assert [each.record_id for each in tombstones.read(folder)] == ["0", "1"]
    tombstones.append(folder, [replace(stone, record_id="9"), stone])
    assert [each.record_id for each in tombstones.read(folder)] == ["0", "1", "9"]
    path.write_text(f"{first}\n{third}\n")
    with pytest.raises(Exception, match="damaged or missing"):
        tombstones.read(folder)


def test_a_database_from_before_erases_again(
    story: Story, officer: Actor, platform: Actor, app: Flask, db: Database, folder: Path
) -> None:
    """The file alone says what was erased since: the rows are as they were before it."""
    close(story)
    stone = tombstones.Stone(
        record="case", record_id=str(story.case_id), salt="s", code_hash="h",
        agency_id=str(story.upe.id), ground="rule", rule_id="", erasure_id=str(new_id()),
        proposed_by=str(officer.user_id), decided_by=str(platform.user_id),
        at=clock.now().isoformat(),
    )  # fmt: skip
    unknown = replace(stone, record_id=str(new_id()))
    tombstones.append(folder, [stone, unknown])
    assert erasing.erase_again(db, folder) == 2
    assert [said for said in PERSONAL if said in dump(db)] == []
    assert erasing.erase_again(db, folder) == 0
    (folder / tombstones.FILE).unlink()
    assert erasing.erase_again(db, folder) == 0
    assert len(tombstones.read(folder)) == 2
    assert audit.verify(db) is None
