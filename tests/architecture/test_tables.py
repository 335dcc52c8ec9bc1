"""Every table has an owner, and says how it is exported and how erased, in docs/data.md."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import SQLModel

from portal import host, retention
from portal.db import Database, WritingSession, migrations, models, new_id
from portal.host.plugin import GROUP
from portal.personal import Ending, ErasurePlan
from portal.retention import rooms
from tests.migrations.rows import Row, fill

DATA = Path(__file__).parents[2] / "docs/data.md"
SLUGS = sorted(entry.name for entry in entry_points(group=GROUP))
ANCHORS = {"portal_case.id", "portal_person.id", "portal_agency.id", "portal_user.id"}
CHILDREN = {"portal_case.id", "portal_person.id", "portal_alert.id", "portal_referral.id"}
EXPORTS = ("child", "staff", "never: ", "none")
ERASURES = ("emptied", "deleted", "unreadable", "kept: ")
SWITCHES = ("portal_plugin_switch", "portal_plugin_insistence", "portal_plugin_health")
# What an erasure leaves: the law's own words and the names of norms, never a person's.
PLAIN = {"rule_code", "stage", "district", "legal_basis", "archive_kind", "return_reason", "letter"}
ROW = re.compile(r"\| `(\w+)` \| (.+) \| (.+) \| (.+) \|")


@dataclass(frozen=True)
class Line:
    """What docs/data.md says of a table."""

    table: str
    owner: str
    holds: str
    export: str
    erasure: str


def lines() -> list[Line]:
    """Return the lines of docs/data.md with the context above each."""
    found, owner = [], ""
    for text in DATA.read_text().splitlines():
        if text.startswith("## "):
            owner = text.removeprefix("## ")
        elif row := ROW.fullmatch(text):
            found.append(Line(row[1], owner, *row.groups()[1:]))
    return found


STATED = {line.table: line for line in lines()}


@cache
def tables() -> dict[str, sa.Table]:
    """Return the tables of the core and of the installed modules."""
    models.load()
    host.load(strict=True)
    owners = ("portal", *SLUGS)
    return {
        name: table
        for name, table in SQLModel.metadata.tables.items()
        if name.partition("_")[0] in owners
    }


def owners() -> Iterator[tuple[str, str]]:
    """Yield each mapped table and the context or module whose models declare it."""
    known = tables()
    for mapper in SQLModel._sa_registry.mappers:
        table = mapper.local_table
        if isinstance(table, sa.Table) and table.name in known:
            package, *inner = mapper.class_.__module__.split(".")
            yield table.name, inner[0] if package == "portal" else package.removeprefix("portal_")


def targets(table: sa.Table) -> set[str]:
    """Return what a table's foreign keys point at."""
    return {key.target_fullname for key in table.foreign_keys}


def is_of_children(table: sa.Table) -> bool:
    """Tell whether rows of a table belong to a child, by a key or through a row that does."""
    return bool(targets(table) & CHILDREN)


def test_every_table_stands_in_the_list_once_and_nothing_else_does() -> None:
    assert len(lines()) == len(STATED), "a table stands there twice"
    missing = sorted(tables().keys() - STATED.keys())
    surplus = sorted(STATED.keys() - tables().keys())
    assert (missing, surplus) == ([], []), "docs/data.md: state owner, export and erasure"


def test_every_table_stands_under_the_context_whose_models_declare_it() -> None:
    declared = dict(owners())
    assert declared.keys() == tables().keys()
    assert {name: STATED[name].owner for name in declared} == declared


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.table)
def test_every_line_says_how_the_table_is_exported_and_erased(line: Line) -> None:
    assert line.holds.strip()
    assert line.export.startswith(EXPORTS), line.export
    assert line.erasure.startswith(ERASURES), line.erasure


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.table)
def test_what_is_of_a_child_is_neither_forgotten_nor_left_readable(line: Line) -> None:
    table = tables()[line.table]
    if not is_of_children(table):
        return
    # A copy that is rewritten from its source holds nothing of its own.
    assert line.export != "none" or line.erasure.startswith("deleted")
    if any(column.name.endswith("_sealed") for column in table.columns):
        assert line.erasure.startswith(("emptied", "unreadable", "deleted")), line.erasure


def test_what_is_sealed_is_bytes_and_nothing_else_is() -> None:
    """The wrapped key is the one other cell of bytes."""
    wrapped = tables()["portal_scope_key"].c.wrapped
    for name, table in tables().items():
        for column in table.columns:
            is_bytes = isinstance(column.type, sa.LargeBinary)
            expected = column.name.endswith("_sealed") or column is wrapped
            assert is_bytes == expected, f"{name}.{column.name}"


def test_no_index_makes_sqlite_plan_a_statement_for_each_value() -> None:
    """It does where an index of some rows says a column and then a value (`level = 'lead'`)."""
    wheres = [
        str(where)
        for table in tables().values()
        for index in table.indexes
        if (where := index.dialect_options["sqlite"]["where"]) is not None
    ]
    assert any(where.startswith("'") for where in wheres)
    assert [where for where in wheres if re.search(r"[=<>(] ?'", where)] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_module_points_at_anchors_and_itself_only(slug: str) -> None:
    own = [table for name, table in tables().items() if name.startswith(f"{slug}_")]
    for table in own:
        strange = {key for key in targets(table) - ANCHORS if not key.startswith(f"{slug}_")}
        assert strange == set(), table.name
    assert not [name for name in STATED if name.startswith(f"{slug}_")] or own


def test_nothing_of_the_core_points_at_a_module() -> None:
    for name, table in tables().items():
        if name.startswith("portal_"):
            assert {key for key in targets(table) if not key.startswith("portal_")} == set(), name


@pytest.fixture
def filled(app: Flask, db: Database) -> dict[str, list[Row]]:
    """Return two rows in every table of core and modules, each pointing at those of its number."""
    assert app
    made: dict[str, list[Row]] = {}
    for slug in SLUGS:
        migrations.upgrade(db, slug, host.current().loaded[slug].migrations)
    with db.writer.begin() as connection:
        for owner in ("portal", *SLUGS):
            fill(connection, made, owner)
        admit(connection, made)
    return made


def admit(connection: sa.Connection, made: dict[str, list[Row]]) -> None:
    """Give the rows of admitted modules the names of those that are installed."""
    connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    rows = made["portal_plugin"]
    for row, slug in zip(rows, SLUGS, strict=False):
        for name in ("portal_plugin", *SWITCHES):
            table = tables()[name]
            named = table.c.slug == row["slug"]
            connection.execute(sa.update(table).where(named).values(slug=slug))
    for slug in SLUGS[len(rows) :]:
        again = {**rows[0], "slug": slug}
        connection.execute(sa.insert(tables()["portal_plugin"]).values(again))


def held_of(kind: str) -> set[str]:
    """Return the tables whose rows belong to the copy of a kind of person."""
    return {line.table for line in lines() if line.export == kind}


def test_a_copy_of_a_childs_data_holds_every_table_that_says_so(
    filled: dict[str, list[Row]], db: Database
) -> None:
    with db.read() as session:
        parts = retention.export_person(session, filled["portal_person"][0]["id"])
    missing = held_of("child") - {part.table for part in parts}
    assert missing == set(), "export_person of the context's personal.py must tell these rows"
    assert {part.table for part in parts} <= held_of("child")
    for part in parts:
        assert all(len(row) > 1 for row in part.rows), part.table


def test_a_copy_of_a_workers_data_holds_every_table_that_says_so(
    filled: dict[str, list[Row]], db: Database
) -> None:
    with db.read() as session:
        parts = retention.export_user(session, filled["portal_user"][0]["id"])
    missing = held_of("staff") - {part.table for part in parts}
    assert missing == set(), "export_user of the context's personal.py must tell these rows"
    assert {part.table for part in parts} <= held_of("staff")


def test_a_copy_tells_nothing_of_somebody_else(filled: dict[str, list[Row]], db: Database) -> None:
    with db.read() as session:
        for whose in (retention.export_person, retention.export_user):
            assert whose(session, new_id()) == []
        parts = retention.export_person(session, filled["portal_person"][0]["id"])
    told = str([row for part in parts for row in part.rows])
    assert "0ñ" in told
    assert "1ñ" not in told


def erase(session: WritingSession, made: dict[str, list[Row]]) -> set[str]:
    """Erase the first case, alert and person; return the tables that said so."""
    case, alert, person = (
        made[table][0] for table in ("portal_case", "portal_alert", "portal_person")
    )
    ending = Ending(
        id=new_id(),
        case_ids=frozenset([case["id"]]),
        alert_ids=frozenset([alert["id"]]),
        codes=frozenset([case["code"], alert["code"]]),
    )
    plan = ErasurePlan(id=ending.id, person_id=person["id"], reason="-")
    parts = rooms.erase_records(session, ending)
    parts += rooms.erase_person(session, person["id"], plan)
    return {part.table for part in parts if part.erased}


def test_an_erasure_does_what_each_line_says(filled: dict[str, list[Row]], db: Database) -> None:
    with db.write() as session:
        told = erase(session, filled)
    after = left(db)
    for line in lines():
        table = tables()[line.table]
        if line.export != "child" and not is_of_children(table):
            continue
        row = after[line.table].get(key_of(table, filled[line.table][0]))
        if line.erasure.startswith("deleted"):
            assert row is None, line.table
        elif line.erasure.startswith(("emptied", "unreadable")):
            assert line.table in told, f"{line.table}: its room must say what it erased"
            assert row is not None, line.table
            written = {
                name: value
                for name, value in row.items()
                if isinstance(value, str) and value.startswith("0ñ") and name not in PLAIN
            }
            assert written == {}, line.table


def test_an_erasure_leaves_other_records_as_they_were(
    filled: dict[str, list[Row]], db: Database
) -> None:
    before = left(db)
    with db.write() as session:
        erase(session, filled)
    after = left(db)
    for name, table in tables().items():
        if STATED[name].erasure.startswith("kept") or not is_of_children(table):
            continue
        key = key_of(table, filled[name][1])
        if name != "portal_worklist":
            assert after[name][key] == before[name][key], name


def test_an_account_that_is_erased_leaves_what_each_line_says(
    filled: dict[str, list[Row]], db: Database
) -> None:
    """What is of a case ends with the case; what is unreadable ends with the person's key."""
    with db.write() as session:
        rooms.erase_user(session, filled["portal_user"][0]["id"])
    after = left(db)
    for line in lines():
        table = tables()[line.table]
        if "portal_user.id" not in targets(table) and line.table != "portal_user":
            continue
        if line.export == "child" or is_of_children(table) or table.c.get("user_id") is None:
            continue
        row = after[line.table].get(key_of(table, filled[line.table][0]))
        other = after[line.table].get(key_of(table, filled[line.table][1]))
        if line.erasure.startswith("deleted"):
            assert (row, other is None) == (None, False), line.table
        elif line.erasure == "emptied":
            assert row is not None, line.table
            assert not [v for n, v in row.items() if n.endswith("_sealed") and v], line.table


def left(db: Database) -> dict[str, dict[Any, Row]]:
    """Return the rows of every table by their key."""
    with db.engine.connect() as connection:
        return {
            name: {
                key_of(table, row): dict(row)
                for row in connection.execute(sa.select(table)).mappings()
            }
            for name, table in tables().items()
        }


def key_of(table: sa.Table, row: Any) -> Any:
    """Return the values of a row's primary key."""
    return tuple(row[column.name] for column in table.primary_key)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_module_exports_and_erases_what_it_says(db: Database, slug: str) -> None:
    loaded = host.load(strict=True).loaded[slug]
    promised = {
        line.table for line in lines() if line.owner == slug and line.export.startswith("child")
    }
    if not promised:
        return
    plugin = loaded.plugin
    nobody = new_id()
    plan = ErasurePlan(id=new_id(), person_id=nobody, reason="-")
    migrations.upgrade(db, slug, loaded.migrations)
    with db.write() as session:
        exported = plugin.export_person(session=session, person_id=nobody)  # type: ignore[attr-defined]
        erased = plugin.erase_person(session=session, person_id=nobody, plan=plan)  # type: ignore[attr-defined]
    assert {part.table for part in exported} == promised
    assert {part.table for part in erased} == promised
