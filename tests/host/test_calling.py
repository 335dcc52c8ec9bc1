"""A module that fails, writes or ends a transaction hurts nobody but itself."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from jinja2 import Environment, FileSystemLoader
from sqlmodel import Session, select

from portal import host
from portal.actor import Role
from portal.agencies.models import Agency
from portal.db import Database, new_id
from portal.errors import NotFound
from portal.host import calling, gate
from portal.host.calling import ModuleFailed, TransactionLost
from portal.host.slots import HomeItem, NavEntry, Objection, Panel, World
from portal.personal import ErasurePlan
from tests.host.conftest import People, a_case

templates = Environment(autoescape=True)


def render(name: str, variables: dict[str, Any]) -> str:
    module = host.current().loaded["dummy"]
    assert module.templates
    loader = FileSystemLoader(module.templates.parent)
    return templates.overlay(loader=loader).get_template(name).render(variables)


def test_each_hook_answers_when_all_is_well(
    db: Database, people: People, switched: host.Host
) -> None:
    actor, case = people.at_upe("dummy"), a_case()
    assert [str(entry.label) for entry in host.navigation(actor)] == ["Notes"]
    assert [action.url for action in host.case_actions(actor, case)] == ["/p/dummy/"]
    with db.write() as session:
        calling.demo(session, World(agencies={}, actors={}, cases={}), ["dummy"])
    with db.read() as session:
        items, boxes = host.home_items(session, actor, 5)
        assert ([item.title for item in items], boxes) == (["demo"], [])
        (panel,) = host.case_panels(session, actor, case, render)
        assert panel.html == "<ul><li>uno</li></ul>"
        lines, boxes = host.council_brief(session, actor, case)
        assert ([line.text for line in lines], boxes) == (["There are notes."], [])


def test_a_module_that_is_off_is_not_asked(
    db: Database, people: People, switched: host.Host, dummy: Any
) -> None:
    actor, case = people.at_upe(), a_case()
    assert host.navigation(actor) == []
    assert host.case_actions(actor, case) == []
    with db.read() as session:
        assert host.home_items(session, actor, 5) == ([], [])
        assert host.case_panels(session, actor, case, render) == []
        assert host.council_brief(session, actor, case) == ([], [])


def test_failing_navigation_is_left_out(people: People, modules: host.Host, dummy: Any) -> None:
    dummy.failing.add("navigation")
    assert host.navigation(people.at_upe("dummy")) == []


def test_failing_case_actions_are_left_out(people: People, modules: host.Host, dummy: Any) -> None:
    dummy.failing.add("case_actions")
    assert host.case_actions(people.at_upe("dummy"), a_case()) == []


def test_failing_home_items_give_a_box(
    db: Database, people: People, switched: host.Host, dummy: Any
) -> None:
    dummy.failing.add("home_items")
    with db.read() as session:
        items, (box,) = host.home_items(session, people.at_upe("dummy"), 5)
        assert items == []
        assert (box.slug, str(box.name), box.reference) == ("dummy", "Dummy", "request-1")


def test_failing_council_brief_gives_a_box(
    db: Database, people: People, switched: host.Host, dummy: Any
) -> None:
    dummy.failing.add("council_brief")
    with db.read() as session:
        lines, (box,) = host.council_brief(session, people.at_upe("dummy"), a_case())
        assert (lines, box.slug) == ([], "dummy")


@pytest.mark.parametrize("where", ["case_panels", "rendering"])
def test_failing_case_panels_give_a_box_in_their_place(
    db: Database, people: People, switched: host.Host, dummy: Any, where: str
) -> None:
    dummy.failing.add(where)
    with db.read() as session:
        (panel,) = host.case_panels(session, people.at_upe("dummy"), a_case(), render)
        assert panel.failed
        assert panel.html is None
        assert dummy.SECRET not in repr(panel)


def test_check_transition_is_asked_for_any_institution_of_the_case(
    db: Database, people: People, switched: host.Host, dummy: Any
) -> None:
    dummy.objecting.append(Objection(text="A child stays", count=1))

    def objections(*agencies: UUID) -> list[Objection]:
        with db.read() as session:
            actor = people.demuna_admin
            return host.case_objections(session, actor, new_id(), "close", set(agencies))

    assert [found.text for found in objections(people.demuna.id, people.upe.id)] == [
        "A child stays"
    ]
    assert objections(people.demuna.id) == []


def test_failing_check_transition_is_an_objection(
    db: Database, people: People, switched: host.Host, dummy: Any
) -> None:
    dummy.failing.add("check_transition")
    with db.read() as session:
        (objection,) = host.case_objections(
            session, people.coordinator, new_id(), "close", {people.upe.id}
        )
    assert "Dummy" in str(objection.text)


def test_a_module_that_is_on_and_not_loaded_objects(
    db: Database, people: People, switched: host.Host
) -> None:
    with host.using(host.Host()), db.read() as session:
        (objection,) = host.case_objections(
            session, people.coordinator, new_id(), "close", {people.upe.id}
        )
    assert "dummy" in str(objection.text)


def test_failing_export_and_erasure_stop(
    db: Database, people: People, switched: host.Host, dummy: Any
) -> None:
    plan = ErasurePlan(id=new_id(), person_id=new_id(), reason="asked")
    with db.write() as session:
        (part,) = calling.export_person(session, plan.person_id, ["dummy"])
        (erased,) = calling.erase_person(session, plan.person_id, plan, ["dummy"])
        assert (part.rows, erased.erased) == ([], 0)
    dummy.failing |= {"export_person", "erase_person", "demo"}
    with db.writing_session() as session:
        with pytest.raises(ModuleFailed, match="dummy"):
            calling.export_person(session, plan.person_id, ["dummy"])
        with pytest.raises(ModuleFailed, match="dummy"):
            calling.erase_person(session, plan.person_id, plan, ["dummy"])
        with pytest.raises(ModuleFailed, match="dummy"):
            calling.demo(session, World(agencies={}, actors={}, cases={}), ["dummy"])
        with pytest.raises(ModuleFailed, match="gone"):
            calling.export_person(session, plan.person_id, ["dummy", "gone"])


def answering(monkeypatch: pytest.MonkeyPatch, hook: str, answer: Callable[..., Any]) -> None:
    """Let the dummy's caller of a hook answer otherwise."""
    callers = host.current().callers

    def caller(**given: Any) -> list[Any]:
        return [answer(**given)]

    monkeypatch.setitem(callers, (hook, "dummy"), caller)


BAD_ANSWERS = [
    [HomeItem(when=None, tone="purple", title="x", url="/x")],
    [HomeItem(when=None, tone="closed", title="x", url="https://elsewhere.example")],
    [HomeItem(when=None, tone="closed", title="x", url="//elsewhere.example")],
    [HomeItem(when=None, tone="closed", title="x", url="/x", group="mine")],
    ["<b>markup</b>"],
    "text",
]


@pytest.mark.parametrize("answer", BAD_ANSWERS)
def test_answers_of_another_shape_count_as_failures(
    db: Database,
    people: People,
    switched: host.Host,
    monkeypatch: pytest.MonkeyPatch,
    answer: object,
) -> None:
    answering(monkeypatch, "home_items", lambda **given: answer)
    with db.read() as session:
        items, boxes = host.home_items(session, people.at_upe("dummy"), 5)
    assert (items, len(boxes)) == ([], 1)


def test_an_export_of_another_shape_stops(
    db: Database, people: People, switched: host.Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "export_person", lambda **given: [{"text": "a note"}])
    with db.read() as session, pytest.raises(ModuleFailed):
        calling.export_person(session, new_id(), ["dummy"])


def test_a_panel_under_another_name_is_refused(
    db: Database, people: People, switched: host.Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for panel in (
        Panel(key="other.notes", title="x", template="dummy/panel.html"),
        Panel(key="dummy.notes", title="x", template="layout/page.html"),
    ):
        answering(monkeypatch, "case_panels", lambda panel=panel, **given: [panel])
        with db.read() as session:
            (shown,) = host.case_panels(session, people.at_upe("dummy"), a_case(), render)
        assert shown.failed


def test_menu_entries_lead_nowhere_else(
    people: People, modules: host.Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = NavEntry(label="x", url="javascript:alert(1)")
    answering(monkeypatch, "navigation", lambda **given: [entry])
    assert host.navigation(people.at_upe("dummy")) == []


def rename(session: Session) -> None:
    agency = session.exec(select(Agency)).first()
    assert agency
    agency.name = "Renamed by a module"
    session.add(agency)
    session.flush()


def add_and_leave(session: Session) -> None:
    agency = session.exec(select(Agency)).first()
    assert agency
    agency.name = "Renamed by a module"
    session.add(agency)


def commit(session: Session) -> None:
    session.commit()


WRITES = [rename, add_and_leave]


@pytest.mark.parametrize("write", WRITES)
def test_a_reading_hook_cannot_write_in_a_reading_session(
    db: Database,
    people: People,
    switched: host.Host,
    monkeypatch: pytest.MonkeyPatch,
    write: Callable[[Session], None],
) -> None:
    answering(monkeypatch, "home_items", lambda session, **given: write(session))
    with db.read() as session:
        before = session.exec(select(Agency.name)).all()
        host.home_items(session, people.at_upe("dummy"), 5)
        assert session.exec(select(Agency.name)).all() == before
    with db.read() as session:
        assert session.exec(select(Agency.name)).all() == before


@pytest.mark.parametrize("write", [*WRITES, commit])
def test_a_reading_hook_cannot_write_in_the_middle_of_an_act(
    db: Database,
    people: People,
    switched: host.Host,
    monkeypatch: pytest.MonkeyPatch,
    write: Callable[[Session], None],
) -> None:
    answering(monkeypatch, "check_transition", lambda session, **given: write(session))
    with db.writing_session() as session:
        agency = session.get_one(Agency, people.demuna.id)
        agency.name = "Written by the act"
        host.case_objections(session, people.coordinator, new_id(), "close", {people.upe.id})
        assert agency.name == "Written by the act"
        failed = switched.health.tallies["dummy", "check_transition"].failures
        assert failed == (write is not add_and_leave), "the database itself refuses"
        with db.read() as other:
            assert other.get_one(Agency, people.demuna.id).name == "DEMUNA Lamas"
        agency.telephone = "042 000000"
        session.commit()
    with db.read() as reader:
        kept = reader.get_one(Agency, people.demuna.id)
        assert (kept.name, kept.telephone) == ("Written by the act", "042 000000")
        assert reader.get_one(Agency, people.upe.id).name == "UPE San Martín"


def test_a_module_that_rolls_the_act_back_makes_the_request_fail(
    db: Database, people: People, switched: host.Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "check_transition", lambda session, **given: session.rollback())
    with db.writing_session() as session:
        session.get_one(Agency, people.demuna.id).name = "Written by the act"
        with pytest.raises(TransactionLost):
            host.case_objections(session, people.coordinator, new_id(), "close", {people.upe.id})
    with db.write() as session:
        session.get_one(Agency, people.demuna.id).name = "Written by the next act"


def test_a_module_that_ends_a_reading_transaction_fails_alone(
    db: Database, people: People, switched: host.Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for end in (
        lambda session, **given: session.rollback(),
        lambda session, **given: session.commit(),
    ):
        answering(monkeypatch, "home_items", end)
        with db.read() as session:
            host.home_items(session, people.at_upe("dummy"), 5)
            assert len(session.exec(select(Agency)).all()) == 2


def test_a_failed_statement_leaves_the_page_its_transaction(
    db: Database, people: People, switched: host.Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask_nonsense(session: Session, **given: Any) -> None:
        session.connection().exec_driver_sql("SELECT nothing FROM nowhere")

    answering(monkeypatch, "home_items", ask_nonsense)
    with db.read() as session:
        _items, boxes = host.home_items(session, people.at_upe("dummy"), 5)
        assert len(boxes) == 1
        assert len(session.exec(select(Agency)).all()) == 2


def test_a_module_grants_nothing_where_it_is_off(people: People, modules: host.Host) -> None:
    known = {"cases.case.read": frozenset({Role.COORDINATOR}), **modules.permissions()}
    roles = {Role.COORDINATOR}
    assert host.granted(known, roles, {"dummy"}) == {"cases.case.read", "dummy.note.read"}
    assert host.granted(known, roles, set()) == {"cases.case.read"}
    assert host.granted(known, {Role.CARER}, {"dummy"}) == frozenset()


def test_the_gate_hides_a_module_that_is_off(people: People, modules: host.Host) -> None:
    gate.enter("dummy", people.at_upe("dummy"))
    gate.enter("cases", people.at_upe())
    gate.enter(None, people.at_upe())
    for blueprint in ("dummy", "dummy.nested"):
        with pytest.raises(NotFound):
            gate.enter(blueprint, people.at_upe())
