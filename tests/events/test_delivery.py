"""In what order the worker does what is due."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import Session

from portal import events
from portal.db import Database
from portal.events import bus
from tests.postgresql import ON_BOTH

pytestmark = ON_BOTH


@pytest.fixture
def done() -> Iterator[list[str]]:
    """Return which jobs were done, in their order: one kind can wait, the other cannot."""
    seen: list[str] = []

    def note(_session: Session, payload: dict[str, Any]) -> None:
        seen.append(payload["name"])

    events.job("test.waits", note, waits=True)
    events.job("test.prompt", note)
    yield seen
    bus.patient.discard("test.waits")
    del bus.jobs["test.waits"], bus.jobs["test.prompt"]


def test_what_can_wait_holds_nothing_else_back(db: Database, done: list[str]) -> None:
    with db.write() as session:
        for number in range(30):
            events.add_job(session, "test.waits", {"name": f"later {number}"})
        events.add_job(session, "test.prompt", {"name": "now"})

    events.run_due(db)

    assert done[:2] == ["now", "later 0"]


def test_settling_leaves_nothing_that_is_due(db: Database, done: list[str]) -> None:
    with db.write() as session:
        for number in range(30):
            events.add_job(session, "test.waits", {"name": f"later {number}"})

    events.settle(db)

    assert len(done) == 30
    assert events.run_due(db) == 0
