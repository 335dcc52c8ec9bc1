"""How modules fare is counted without a word of what they read."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from portal import clock, host
from portal.db import Database
from portal.host.health import Health
from portal.host.models import ModuleHealth
from tests.host.conftest import People


def test_failures_are_counted_and_kept_without_their_text(
    db: Database,
    people: People,
    switched: host.Host,
    dummy: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    actor = people.at_upe("dummy")
    assert not switched.health.is_due()
    host.navigation(actor)
    assert not switched.health.is_due()
    dummy.failing.add("navigation")
    host.navigation(actor)
    assert switched.health.is_due()
    switched.health.save(db)
    host.navigation(actor)
    switched.health.save(db)
    with db.read() as session:
        row = session.exec(select(ModuleHealth)).one()
    assert (row.slug, row.hook, row.calls, row.failures) == ("dummy", "navigation", 3, 2)
    assert row.last_error.startswith("RuntimeError portal_dummy/__init__.py:")
    assert row.last_failure_at
    assert "RuntimeError" in caplog.text
    assert dummy.SECRET not in caplog.text + row.last_error
    assert not switched.health.is_due()


def test_times_alone_are_saved_now_and_then(db: Database) -> None:
    health = Health()
    health.note("dummy", "navigation", 0.004)
    health.note("dummy", "navigation", 0.020)
    assert not health.is_due()
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert health.is_due()
        health.save(db)
        assert not health.is_due()
    with db.read() as session:
        row = session.exec(select(ModuleHealth)).one()
    assert (row.calls, row.milliseconds, row.slowest) == (2, 24, 20)
