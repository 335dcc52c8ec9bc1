"""Modules are admitted by the platform and switched for an agency; everything is recorded."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from portal import clock, host
from portal.actor import system_actor
from portal.audit.models import AuditEntry
from portal.db import Database
from portal.errors import Conflict, Forbidden, Invalid, NotFound
from portal.events.models import Task
from portal.host import queries, services
from portal.host.loading import Quarantined
from portal.host.services import Objected, SwitchedOff
from portal.host.slots import Objection
from tests.host.conftest import People


def on_at_upe(db: Database, people: People) -> frozenset[str]:
    with db.read() as session:
        return queries.modules_on(session, people.upe.id)


def recorded(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.exec(select(AuditEntry.action).order_by(col(AuditEntry.at))).all())


def test_admitting_makes_the_tables_and_turns_nothing_on(
    db: Database, people: People, modules: host.Host
) -> None:
    services.admit(db, people.platform, "dummy")
    with db.read() as session:
        assert sa.inspect(session.connection()).has_table("dummy_note")
        assert queries.admitted(session) == {"dummy": "1.2.0"}
    assert on_at_upe(db, people) == frozenset()
    assert recorded(db) == ["host.plugin.admit"]


def test_admitting_again_renews_the_version(
    db: Database, people: People, switched: host.Host
) -> None:
    switched.loaded["dummy"].plugin.version = "1.3.0"
    services.admit(db, people.platform, "dummy")
    with db.read() as session:
        assert queries.admitted(session) == {"dummy": "1.3.0"}
    assert on_at_upe(db, people) == {"dummy"}


def test_only_the_platform_admits(db: Database, people: People, modules: host.Host) -> None:
    with pytest.raises(Forbidden):
        services.admit(db, people.upe_admin, "dummy")
    with pytest.raises(NotFound):
        services.admit(db, people.platform, "unknown")


def test_a_quarantined_module_is_neither_admitted_nor_on(
    db: Database, people: People, switched: host.Host
) -> None:
    switched.quarantined["dummy"] = Quarantined("dummy", "1.2.0", "It broke.", "Dummy")
    del switched.loaded["dummy"]
    with pytest.raises(Conflict):
        services.admit(db, people.platform, "dummy")
    assert on_at_upe(db, people) == frozenset()


def test_enabling_needs_admission_and_the_right_kind(
    db: Database, people: People, modules: host.Host
) -> None:
    with db.writing_session() as session:
        with pytest.raises(Conflict):
            services.enable(session, people.platform, "dummy", people.upe.id)
        session.rollback()
    services.admit(db, people.platform, "dummy")
    with db.writing_session() as session, pytest.raises(Conflict, match="DEMUNA Lamas"):
        services.enable(session, people.platform, "dummy", people.demuna.id)


def test_agency_admin_switches_its_own_agency_only(
    db: Database, people: People, switched: host.Host
) -> None:
    with db.write() as session:
        assert (
            services.disable(session, people.upe_admin, "dummy", people.upe.id) is SwitchedOff.DONE
        )
    with db.write() as session:
        services.enable(session, people.upe_admin, "dummy", people.upe.id)
    for actor in (people.demuna_admin, people.coordinator):
        with db.writing_session() as session, pytest.raises(NotFound):
            services.disable(session, actor, "dummy", people.upe.id)
    switched.agency_admins_switch = False
    with db.writing_session() as session, pytest.raises(Forbidden):
        services.disable(session, people.upe_admin, "dummy", people.upe.id)
    assert on_at_upe(db, people) == {"dummy"}


def test_every_switch_is_recorded_and_told(
    db: Database, people: People, switched: host.Host
) -> None:
    with db.write() as session:
        services.enable(session, people.platform, "dummy", people.upe.id)
        services.disable(session, people.platform, "dummy", people.upe.id)
    assert recorded(db) == ["host.plugin.admit", "host.plugin.enable", "host.plugin.disable"]
    with db.read() as session:
        told = session.exec(select(Task.name)).all()
    assert set(told) == {"ModuleAdmitted", "ModuleSwitchedOn", "ModuleSwitchedOff"}


def test_open_matters_stop_the_switch_until_two_people_insist(
    db: Database, people: People, switched: host.Host, dummy: Any
) -> None:
    dummy.objecting.append(Objection(text="Two children stay", where="Casa", count=2))
    with db.writing_session() as session, pytest.raises(Objected) as refused:
        services.disable(session, people.upe_admin, "dummy", people.upe.id)
    assert refused.value.objections[0].count == 2

    def insist(actor: Any, reason: str = "The place burnt down") -> SwitchedOff:
        with db.write() as session:
            return services.disable(
                session, actor, "dummy", people.upe.id, insist=True, reason=reason
            )

    with pytest.raises(Invalid):
        insist(people.upe_admin, reason=" ")
    with pytest.raises(Forbidden):
        insist(system_actor())
    assert insist(people.upe_admin) is SwitchedOff.WAITS
    assert insist(people.upe_admin) is SwitchedOff.WAITS
    assert on_at_upe(db, people) == {"dummy"}
    assert insist(people.platform) is SwitchedOff.DONE
    assert on_at_upe(db, people) == frozenset()
    assert recorded(db)[-3:] == ["host.plugin.insist", "host.plugin.insist", "host.plugin.disable"]
    with db.read() as reader:
        assert queries.find_insistence(reader, "dummy", people.upe.id) is None


def test_an_insistence_lapses_after_a_day(
    db: Database, people: People, switched: host.Host, dummy: Any
) -> None:
    dummy.objecting.append(Objection(text="Two children stay"))

    def insist(actor: Any) -> SwitchedOff:
        with db.write() as session:
            return services.disable(
                session, actor, "dummy", people.upe.id, insist=True, reason="Burnt"
            )

    insist(people.upe_admin)
    with clock.at(clock.now() + timedelta(hours=25)):
        assert insist(people.platform) is SwitchedOff.WAITS
        assert insist(people.upe_admin) is SwitchedOff.DONE


def test_a_module_that_cannot_answer_objects(
    db: Database, people: People, switched: host.Host, dummy: Any
) -> None:
    dummy.failing.add("check_transition")
    with db.writing_session() as session, pytest.raises(Objected) as refused:
        services.disable(session, people.platform, "dummy", people.upe.id)
    assert "Dummy" in str(refused.value.objections[0].text)
    assert dummy.SECRET not in str(refused.value.objections[0].text)


def test_a_switch_acts_at_the_next_request_of_every_process(
    db: Database, people: People, switched: host.Host
) -> None:
    """Another process keeps its own answers; the number read with the sign-in outdates them."""
    other = Database(str(db.url), db.keys)
    with other.read() as session:
        assert queries.modules_on(session, people.upe.id) == {"dummy"}
    with db.write() as session:
        services.disable(session, people.platform, "dummy", people.upe.id)
    with other.read() as session:
        number = session.scalar(sa.select(queries.change_number()))
        assert queries.modules_on(session, people.upe.id, number) == frozenset()
    other.dispose()


def test_answers_are_kept_until_the_number_changes(
    db: Database, people: People, switched: host.Host
) -> None:
    on_at_upe(db, people)
    asked: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    assert on_at_upe(db, people) == {"dummy"}
    assert len([text for text in asked if text.startswith("SELECT")]) == 1


def test_a_switch_that_is_rolled_back_is_not_remembered(
    db: Database, people: People, switched: host.Host
) -> None:
    with db.writing_session() as session:
        services.disable(session, people.platform, "dummy", people.upe.id)
        assert queries.modules_on(session, people.upe.id) == frozenset()
        session.rollback()
    assert on_at_upe(db, people) == {"dummy"}


def test_settings_of_the_agency_stand_over_the_instance_and_the_defaults(
    db: Database, people: People, switched: host.Host
) -> None:
    with db.write() as session:
        services.set_settings(session, people.platform, "dummy", None, {"places": 12})
        services.set_settings(
            session, people.upe_admin, "dummy", people.upe.id, {"greeting": "Hola"}
        )
    with db.read() as session:
        assert queries.settings_of(session, "dummy", people.upe.id).model_dump() == {
            "places": 12,
            "greeting": "Hola",
            "shared": False,
        }
        assert queries.settings_of(session, "dummy", people.demuna.id).model_dump() == {
            "places": 12,
            "greeting": "Buenos días",
            "shared": False,
        }


def test_settings_are_checked_and_guarded(
    db: Database, people: People, switched: host.Host
) -> None:
    with db.writing_session() as session:
        with pytest.raises(Invalid) as refused:
            services.set_settings(session, people.platform, "dummy", None, {"places": "many"})
        assert refused.value.problems[0].field == "places"
        with pytest.raises(Forbidden):
            services.set_settings(session, people.upe_admin, "dummy", None, {"places": 9})
        with pytest.raises(NotFound):
            services.set_settings(
                session, people.demuna_admin, "dummy", people.upe.id, {"places": 9}
            )


def test_the_platform_itself_switches_from_the_command_line(
    db: Database, people: People, modules: host.Host
) -> None:
    services.admit(db, system_actor(), "dummy")
    with db.write() as session:
        services.enable(session, system_actor(), "dummy", people.upe.id)
        services.disable(session, replace(system_actor()), "dummy", people.upe.id)
    assert on_at_upe(db, people) == frozenset()
