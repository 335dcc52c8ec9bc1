"""Events reach every admitted module, whatever the switches say."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import col, select

from portal import events, host
from portal.db import Database
from portal.events.bus import unsubscribe
from portal.events.models import Task
from portal.host import bridge, services
from portal.host.events import ModuleSwitchedOff, ModuleSwitchedOn
from portal.host.loading import Quarantined
from tests.host.conftest import People


@pytest.fixture
def bridged(modules: host.Host) -> Iterator[host.Host]:
    """Connect the modules to the events."""
    bridge.connect()
    yield modules
    unsubscribe("host.dummy")


def tell(db: Database, people: People) -> None:
    """Commit an event and let it be delivered."""
    with db.write() as session:
        events.record(session, ModuleSwitchedOn("dummy", people.upe.id))
    events.deliver(db, session)


def waiting(db: Database) -> list[str]:
    with db.read() as session:
        statement = select(Task.error).where(col(Task.done_at).is_(None))
        return list(session.exec(statement).all())


def test_an_admitted_module_hears_though_it_is_off(
    db: Database, people: People, bridged: host.Host, dummy: Any
) -> None:
    services.admit(db, people.platform, "dummy")
    dummy.heard.clear()
    tell(db, people)
    assert dummy.heard == [ModuleSwitchedOn("dummy", people.upe.id)]
    assert waiting(db) == []


def test_a_module_that_is_not_admitted_hears_nothing(
    db: Database, people: People, bridged: host.Host, dummy: Any
) -> None:
    tell(db, people)
    assert dummy.heard == []
    assert waiting(db) == []


def test_a_failing_handler_is_tried_again(
    db: Database, people: People, bridged: host.Host, dummy: Any, caplog: Any
) -> None:
    services.admit(db, people.platform, "dummy")
    dummy.heard.clear()
    dummy.failing.add("on_event")
    tell(db, people)
    assert waiting(db) == ["host.dummy: ModuleFailed"]
    assert dummy.SECRET not in caplog.text


def test_an_admitted_module_in_quarantine_leaves_its_events_waiting(
    db: Database, people: People, bridged: host.Host, dummy: Any
) -> None:
    services.admit(db, people.platform, "dummy")
    broken = host.Host(quarantined={"dummy": Quarantined("dummy", "1.2.0", "It broke.", "Dummy")})
    with host.using(broken):
        bridge.connect()
        tell(db, people)
    assert waiting(db) == ["host.dummy: Unavailable"]


def test_switching_tells_the_modules(
    db: Database, people: People, bridged: host.Host, dummy: Any
) -> None:
    services.admit(db, people.platform, "dummy")
    with db.write() as session:
        services.enable(session, people.platform, "dummy", people.upe.id)
        services.disable(session, people.platform, "dummy", people.upe.id)
    events.deliver(db, session)
    assert dummy.heard[-1] == ModuleSwitchedOff("dummy", people.upe.id, insisted=False)
