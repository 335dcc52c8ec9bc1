"""A database that is locked or behind, two people, two tabs: said in words, nothing lost."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
import sqlalchemy as sa

from portal.access.models import DutyShift
from portal.actor import Role
from portal.db import Database
from tests.factories.agencies import make_agency, make_member
from tests.web.test_forms import shift
from tests.webclient import Browser

pytestmark = pytest.mark.slow
ROSTER = "/access/roster/new"


@pytest.fixture
def person(db: Database, browser: Callable[[], Browser]) -> Browser:
    with db.write() as session:
        agency = make_agency(session)
        user = make_member(session, agency, Role.COORDINATOR, Role.DUTY_OFFICER, name="Ana P.")
        session.expunge_all()
    opened = browser().sign_in(user, agency)
    opened.user = user  # type: ignore[attr-defined]
    return opened


@contextmanager
def locked(db: Database) -> Iterator[None]:
    """Hold the writer's lock from elsewhere, as an import or a backup would."""
    with closing(sqlite3.connect(str(db.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_database_says_so_and_changes_nothing(db: Database, person: Browser) -> None:
    data = {**person.marks(ROSTER), **shift(person, telephone="942 111 222")}
    with locked(db):
        answer = person.post(ROSTER, data)
        assert answer.status_code == 503
        assert "El portal está ocupado" in answer.text
        assert "No se guardó nada" in answer.text
        assert 'value="942 111 222"' in answer.text
        assert not re.search(r"Traceback|sqlite|BEGIN", answer.text)
    with db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(DutyShift)) == 0
    again = person.post(ROSTER, data)
    assert again.status_code == 303
