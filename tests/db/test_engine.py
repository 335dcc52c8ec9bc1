"""Reading and writing sessions, each with connections of its own."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import select

from portal.agencies.models import Agency
from portal.db import Database
from tests.factories.agencies import make_agency
from tests.postgresql import ON_BOTH


@ON_BOTH
def test_a_reading_session_cannot_write_and_a_writing_one_can(db: Database) -> None:
    with db.write() as session:
        make_agency(session, name="UPE San Martín")
    with db.read() as session:
        with pytest.raises(sa.exc.DBAPIError):
            session.execute(sa.update(Agency).values(name="Written by a reader"))
        session.rollback()
        assert [agency.name for agency in session.exec(select(Agency))] == ["UPE San Martín"]


def test_what_is_prepared_on_a_connection_is_kept(db: Database) -> None:
    """A setting changed on a connection of SQLite would throw it away."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    for each in db.engines:
        event.listen(each, "before_cursor_execute", note)
    for _time in range(2):
        with db.read() as reading:
            reading.exec(select(Agency)).all()
        with db.write() as writing:
            writing.execute(sa.update(Agency).values(name="One"))
    for each in db.engines:
        event.remove(each, "before_cursor_execute", note)
    assert {statement.split()[0] for statement in seen} == {"BEGIN", "SELECT", "UPDATE"}
