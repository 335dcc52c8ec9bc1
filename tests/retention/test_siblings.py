"""One child of a case of two is erased alone: its own part goes, what is shared stays."""

from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col

from portal import audit, clock, retention
from portal.actor import Actor, Role
from portal.cases import timeline
from portal.cases.models import Case, CaseChild, Circle, EntryKind
from portal.cases.queries import get_case
from portal.db import Database
from portal.db.models import ScopeKey
from portal.errors import Invalid, NotFound
from portal.people.models import Person
from portal.retention import erasing, services, siblings, tombstones
from portal.retention.inputs import PlaceHold, ProposeErasure
from portal.retention.models import Erasure, ErasureItem, ErasureStatus, Ground
from portal.users.models import User
from tests.factories.agencies import make_actor
from tests.postgresql import ON_BOTH
from tests.retention.conftest import NAMES, OWED, SAID, Story
from tests.retention.test_erasing import close, dump, folder, work
from tests.webclient import Browser

OWN = "Contó que sueña con el río"
WHY = "Cancelación concedida"
__all__ = ["folder"]


@pytest.fixture
def officer(story: Story) -> Actor:
    """Return the privacy officer of the institution in charge."""
    with story.db.write() as session:
        return make_actor(session, story.upe, Role.PRIVACY_OFFICER)


@pytest.fixture
def part(story: Story) -> UUID:
    """Return the first child's part in the case, which is closed, with an act of its own."""
    with story.db.write() as session:
        timeline.write_entry(
            session,
            story.lead,
            story.case_id,
            kind=EntryKind.VISIT,
            text=OWN,
            circle=Circle.TEAM,
            person_id=story.children[0],
        )
    close(story)
    with story.db.read() as session:
        return siblings.record_of(session, story.case_id, story.children[0])


def proposal(part: UUID, ground: Ground = Ground.CANCELLATION) -> ProposeErasure:
    """Return the form that proposes to erase a child's part."""
    document = "Resolución 12-2026" if ground is Ground.CANCELLATION else ""
    return ProposeErasure(record_ids=[part], ground=ground, document=document, reason=WHY)


def erase(story: Story, officer: Actor, part: UUID, app: Flask) -> dict[str, list[int]]:
    """Erase it by two people; return the plan that was shown."""
    with story.db.write() as session:
        erasure = services.propose(session, officer, proposal(part))
        platform = make_actor(session, None, Role.PLATFORM_ADMIN)
    with story.db.write() as session:
        again = session.get_one(Erasure, erasure.id)
        services.decide(session, platform, again, ErasureStatus.APPROVED, reason=WHY)
    with story.db.read() as session:
        planned: dict[str, list[int]] = session.scalars(sa.select(ErasureItem)).one().planned
    work(app, story.db)
    return planned


def copy_of(session: Session, person_id: UUID) -> str:
    """Return a child's copy but for the terms' and notices' own times."""
    parts = retention.export_person(session, person_id)
    return str(sorted((part.table, str(part.rows)) for part in parts))


def test_what_is_of_the_child_alone_goes_and_the_sibling_keeps_everything(
    story: Story, officer: Actor, part: UUID, app: Flask, db: Database, folder: Path
) -> None:
    with db.read() as session:
        before = copy_of(session, story.children[1])
    planned = erase(story, officer, part, app)
    assert planned["portal_person"] == [1, 0]
    assert planned["portal_case_right"] == [11, 0]
    assert planned["portal_referral"] == [1, 0]
    after = dump(db)
    own = (NAMES[0], OWN, "Pedir la partida", "Control y vacunas")
    assert [said for said in own if said in after] == []
    assert [said for said in (NAMES[1], SAID, OWED, story.code) if said not in after] == []
    with db.read() as session:
        assert copy_of(session, story.children[1]) == before
        # Its acts and what was asked for it alone keep their days and kinds, and say no more.
        told = copy_of(session, story.children[0])
        assert not [said for said in (*own, story.code, SAID) if said in told]
        assert session.get(ScopeKey, story.children[0]) is None
        assert session.get(ScopeKey, story.case_id) is not None
        assert get_case(session, story.lead, story.code).id == story.case_id
        left = session.scalars(sa.select(CaseChild).where(col(CaseChild.case_id) == story.case_id))
        assert [child.person_id for child in left] == [story.children[1]]
        assert erasing.answer_for(session, officer, f"{story.code}/1")
        lead = session.get_one(User, story.lead.user_id)
        session.expunge_all()
    page = Browser(app, db).sign_in(lead, story.upe).get(f"/cases/{story.code}")
    assert page.status_code == 200
    assert "cuyos datos fueron suprimidos" in page.text
    assert [each.record for each in tombstones.read(folder)] == ["child"]
    assert audit.verify(db) is None


def test_no_rule_and_no_open_case_let_a_child_go_alone(
    story: Story, officer: Actor, part: UUID, db: Database
) -> None:
    with db.write() as session:
        with pytest.raises(Invalid):
            services.propose(session, officer, proposal(part, Ground.RULE))
        session.get_one(Case, story.case_id).reopen()
        session.flush()
        with pytest.raises(NotFound):
            services.propose(session, officer, proposal(part))


def test_a_hold_on_the_case_keeps_each_child_of_it(
    story: Story, officer: Actor, part: UUID, db: Database
) -> None:
    with db.write() as session:
        held = PlaceHold(code=story.code, document="Oficio 118-2026", reason=WHY)
        services.place_hold(session, officer, held)
        with pytest.raises(Invalid):
            services.propose(session, officer, proposal(part))


@ON_BOTH
def test_a_restored_backup_erases_the_child_again(
    story: Story, part: UUID, db: Database, folder: Path
) -> None:
    stone = tombstones.Stone(
        record="child",
        record_id=str(part),
        salt="s",
        code_hash=erasing.hash_code("s", f"{story.code}/1"),
        agency_id=str(story.upe.id),
        ground="cancellation",
        rule_id="",
        erasure_id=str(part),
        proposed_by="",
        decided_by="",
        at=clock.now().isoformat(),
    )
    tombstones.append(folder, [stone])
    assert erasing.erase_again(db, folder) == 1
    with db.read() as session:
        assert session.get_one(Person, story.children[0]).given_names == ""
        assert session.get_one(Person, story.children[1]).given_names == NAMES[1]
