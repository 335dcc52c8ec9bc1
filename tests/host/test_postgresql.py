"""The savepoint around a module holds on PostgreSQL, where a failed statement ends everything."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from portal import host
from portal.actor import AgencyKind
from portal.agencies.models import Agency
from portal.db import Database, new_id
from portal.host import queries, services
from tests.host.conftest import People

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("engine", ["postgresql"], scope="module"),
]


def write(session: Session) -> None:
    session.add(Agency(code="MOD", name="Made by a module", kind=AgencyKind.UPE))
    session.flush()


def fail(session: Session) -> None:
    session.connection().exec_driver_sql("SELECT nothing FROM nowhere")


def commit(session: Session) -> None:
    session.commit()


def test_an_act_goes_on_whatever_a_module_does_in_its_middle(
    db: Database, people: People, switched: host.Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts: list[Callable[[Session], None]] = [write, fail, commit]
    for number, act in enumerate(acts):

        def answer(session: Session, act: Callable[[Session], None] = act, **given: Any) -> Any:
            act(session)
            return []

        monkeypatch.setitem(switched.callers, ("check_transition", "dummy"), answer)
        with db.write() as session:
            agency = session.get_one(Agency, people.demuna.id)
            agency.name = f"Written {number}"
            found = host.case_objections(
                session, people.coordinator, new_id(), "close", {people.upe.id}
            )
            assert len(found) == 1
            agency.telephone = str(number)
        with db.read() as reader:
            kept = reader.get_one(Agency, people.demuna.id)
            assert (kept.name, kept.telephone) == (f"Written {number}", str(number))


def test_a_page_goes_on_after_a_failed_statement(
    db: Database, people: People, switched: host.Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for act in (write, fail):

        def answer(session: Session, act: Callable[[Session], None] = act, **given: Any) -> Any:
            act(session)
            return []

        monkeypatch.setitem(switched.callers, ("home_items", "dummy"), answer)
        with db.read() as session:
            _items, boxes = host.home_items(session, people.at_upe("dummy"), 5)
            assert len(boxes) == 1
            assert session.get_one(Agency, people.upe.id).name == "UPE San Martín"


def test_switches_and_lists_read_the_same(
    db: Database, people: People, switched: host.Host
) -> None:
    with db.write() as session:
        services.disable(session, people.platform, "dummy", people.upe.id)
    with db.read() as reader:
        assert queries.modules_on(reader, people.upe.id) == frozenset()
        first, *rest = queries.list_switches(reader, people.platform)
        after = queries.list_switches(reader, people.platform, after=(first.name, first.id))
        assert [agency.id for agency in after] == [agency.id for agency in rest]
        assert queries.get_module(reader, "dummy").failures == 0
