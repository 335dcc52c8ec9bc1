"""Why an act was struck is encrypted, and told to those who may read what it said."""

import sqlalchemy as sa
from sqlmodel import col

from portal.actor import Role
from portal.cases.assignments import assign
from portal.cases.models import Case, Circle, Entry
from portal.cases.queries import list_entries
from portal.cases.timeline import strike_entry
from portal.db import Database
from tests.factories.agencies import make_actor
from tests.postgresql import ON_BOTH
from tests.retention.conftest import Story
from tests.retention.test_erasing import dump

pytestmark = ON_BOTH

WHY = "Lo dijo de su hermano, no de ella"


def test_a_strike_of_a_sealed_act_tells_its_reason_to_its_readers_only(
    story: Story, db: Database
) -> None:
    with db.write() as session:
        for circle in (Circle.SEALED, Circle.TEAM):
            entry = session.scalars(
                sa.select(Entry).where(
                    col(Entry.circle) == circle, col(Entry.author_id) == story.lead.user_id
                )
            ).first()
            assert entry
            strike_entry(session, story.lead, story.case_id, entry_id=entry.id, reason=WHY)
        other = make_actor(session, story.upe, Role.CASEWORKER)
        assert other.user_id
        assign(session, story.lead, story.case_id, user_id=other.user_id)
    assert WHY not in dump(db)
    with db.read() as session:
        case = session.get_one(Case, story.case_id)
        for actor, sealed in ((story.lead, WHY), (other, "")):
            struck = [row for row in list_entries(session, actor, case) if row.struck_at]
            told = {row.circle: row.strike_reason for row in struck}
            assert told[Circle.SEALED] == sealed
            assert WHY in told.values()
