"""Each revision up and down with rows in every table, of the core and of each module."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from portal import host
from portal.cases.models import Entry
from portal.db import Database, migrations
from portal.db.sealing import Keyring, unseal
from portal.errors import OperatorError
from portal.host.plugin import GROUP
from portal.places.catalogue import fold
from tests.migrations.rows import Row, fill
from tests.postgresql import ON_BOTH, Server

pytestmark = pytest.mark.slow

CORE = migrations.CORE
SLUGS = sorted(entry.name for entry in entry_points(group=GROUP))
OWNERS = [CORE, *SLUGS]
# A table of one row, which a revision puts in on its way up and takes out on its way down.
SEEDED = {"portal_plugin_change"}


def folder_of(owner: str) -> Path | None:
    """Return the folder of a module's migrations, None for the core."""
    return None if owner == CORE else host.load(strict=True).loaded[owner].migrations


def chain_of(owner: str) -> list[str]:
    """Return an owner's revisions, the first one first."""
    return migrations.revisions(owner, folder_of(owner))


@pytest.fixture
def empty(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return a database without a table."""
    if engine == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield made
        made.dispose()
        return
    server: Server = request.getfixturevalue("server")
    with server.database(empty=True) as made:
        yield made


@pytest.fixture
def migrated(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return a database with the core's tables, and no key to seal with."""
    if engine == "sqlite":
        copy = shutil.copy(request.getfixturevalue("template"), tmp_path / "migrated.db")
        made = Database(f"sqlite:///{copy}")
        yield made
        made.dispose()
        return
    server: Server = request.getfixturevalue("server")
    with server.database() as made:
        yield made


@pytest.fixture
def begun(engine: str, owner: str, request: pytest.FixtureRequest) -> Database:
    """Return a database on which an owner's revisions begin: a module's need the core's tables."""
    found: Database = request.getfixturevalue("empty" if owner == CORE else "migrated")
    return found


def shape(db: Database, owner: str) -> dict[str, list[str]]:
    """Return everything that a database knows of an owner's tables."""
    with db.engine.connect() as connection:
        names = [
            name
            for name in sa.inspect(connection).get_table_names()
            if name.startswith(f"{owner}_") and name != f"{owner}_version"
        ]
        return {**tables(connection, names), "triggers": triggers(connection, owner)}


# What SQLite's own text of a table was read as: the same text is read the same way.
_read: dict[tuple[str, ...], list[str]] = {}


def tables(connection: sa.Connection, names: list[str]) -> dict[str, list[str]]:
    """Return the columns, keys, constraints and indexes of tables."""
    if connection.dialect.name != "sqlite":
        return catalogued(connection, names)
    texts: dict[str, tuple[str, ...]] = {}
    for name, text in connection.exec_driver_sql(
        "SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    ):
        texts[name] = (*texts.get(name, ()), text)
    unknown = [name for name in names if texts[name] not in _read]
    for name, lines in reflected(connection, unknown).items():
        _read[texts[name]] = lines
    return {name: _read[texts[name]] for name in names}


COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
        a.attcollation, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS = """
    SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE c.relkind = 'r'
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes"


def catalogued(connection: sa.Connection, names: list[str]) -> dict[str, list[str]]:
    """Return the same as PostgreSQL writes it down itself."""
    found: dict[str, list[str]] = {name: [] for name in names}
    for statement in (COLUMNS, CONSTRAINTS, INDEXES):
        for name, *told in connection.exec_driver_sql(statement):
            if name in found:
                found[name].append(repr(told))
    return {name: sorted(lines) for name, lines in found.items()}


def reflected(connection: sa.Connection, names: list[str]) -> dict[str, list[str]]:
    """Return the same as SQLAlchemy reads it, all tables at once."""
    found: dict[str, list[str]] = {name: [] for name in names}
    if not names:
        return found
    inspector = sa.inspect(connection)
    for read in (
        inspector.get_multi_columns,
        inspector.get_multi_pk_constraint,
        inspector.get_multi_foreign_keys,
        inspector.get_multi_unique_constraints,
        inspector.get_multi_check_constraints,
        inspector.get_multi_indexes,
    ):
        for (_schema, name), parts in read(filter_names=names).items():
            each = parts if isinstance(parts, list) else [parts]
            found[name] += [repr(plain(part)) for part in each]
    return {name: sorted(lines) for name, lines in found.items()}


def plain(part: Any) -> dict[str, Any]:
    """Return a part as texts that can be compared."""
    told = dict(part)
    if "type" in told:
        told["type"] = str(told["type"])
    if "dialect_options" in told:
        told["dialect_options"] = {
            key: str(value) for key, value in told["dialect_options"].items()
        }
    return told


def check_shape(found: dict[str, list[str]], expected: dict[str, list[str]]) -> None:
    """Hold that tables look as they did."""
    assert found.keys() == expected.keys()
    for name, lines in found.items():
        assert set(lines) ^ set(expected[name]) == set(), name


def triggers(connection: sa.Connection, owner: str) -> list[str]:
    """Return the names of the triggers on an owner's tables."""
    statement = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    names = [row[0] for row in connection.exec_driver_sql(statement)]
    return sorted(name for name in names if name.startswith(f"{owner}_"))


@dataclass
class Contents:
    """The rows of every table, by the columns that stand there."""

    columns: dict[str, list[str]]
    rows: dict[str, list[dict[str, Any]]]


def contents(db: Database) -> Contents:
    """Return the rows of every table but the versions'."""
    columns, found = {}, {}
    with db.engine.connect() as connection:
        for name in sa.inspect(connection).get_table_names():
            if name.endswith("_version"):
                continue
            rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings()
            columns[name] = list(rows.keys())
            found[name] = [dict(row) for row in rows]
    return Contents(columns, found)


def check_kept(before: Contents, after: Contents) -> None:
    """Hold that tables standing before and after have the same rows, by the columns of both."""
    for name in before.rows.keys() & after.rows.keys() - SEEDED:
        both = [column for column in before.columns[name] if column in after.columns[name]]
        left, right = (
            sorted(repr([row[column] for column in both]) for row in side.rows[name])
            for side in (before, after)
        )
        assert left == right, name


def test_every_module_has_been_asked() -> None:
    assert sorted(host.load(strict=True).loaded) == SLUGS
    assert all(chain_of(owner) for owner in OWNERS)


@pytest.mark.parametrize("owner", OWNERS)
def test_revisions_stand_in_one_line_that_alembic_reads_alike(owner: str) -> None:
    from alembic.script import ScriptDirectory

    where = folder_of(owner)
    script = ScriptDirectory.from_config(migrations._config(owner, where, None))
    walked = [revision.revision for revision in script.walk_revisions()]
    assert script.get_heads() == [migrations.head(owner, where)]
    assert script.get_bases() == [chain_of(owner)[0]]
    assert walked[::-1] == chain_of(owner)
    numbers = [int(name.partition("_")[0]) for name in chain_of(owner)]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.slow
@ON_BOTH
@pytest.mark.parametrize("owner", OWNERS)
def test_each_revision_goes_down_and_up_with_rows(begun: Database, owner: str) -> None:
    where, chain, shapes = folder_of(owner), chain_of(owner), {"base": shape(begun, owner)}
    for revision in chain:
        migrations.upgrade(begun, owner, where, to=revision)
        shapes[revision] = shape(begun, owner)
    migrations.check(begun, owner, where)
    put_rows(begun, owner)
    first = whole = contents(begun)
    # Each turn ends with its revision up again, and the next one takes two down.
    for before, revision in reversed(list(zip(["base", *chain], chain, strict=False))):
        migrations.downgrade(begun, owner, where, to=before)
        check_shape(shape(begun, owner), shapes[before])
        less = contents(begun)
        check_kept(whole, less)
        migrations.upgrade(begun, owner, where, to=revision)
        check_shape(shape(begun, owner), shapes[revision])
        whole = contents(begun)
        check_kept(less, whole)
    migrations.downgrade(begun, owner, where, to="base")
    assert not [name for name in contents(begun).rows if name.startswith(f"{owner}_")]
    if owner != CORE:
        check_kept(first, contents(begun))
    migrations.upgrade(begun, owner, where)
    migrations.check(begun, owner, where)


def put_rows(db: Database, owner: str) -> None:
    """Put rows into the core's tables and the owner's."""
    made: dict[str, list[Row]] = {}
    with db.writer.begin() as connection:
        for each in dict.fromkeys([CORE, owner]):
            fill(connection, made, each)
    assert all(made.values())


@ON_BOTH
def test_names_of_agencies_are_folded_when_their_column_comes(empty: Database) -> None:
    migrations.upgrade(empty, to="0005_work")
    with empty.writer.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO portal_agency (id, row_version, code, name, kind, district, telephone)"
            f" VALUES ('{'0' * 32}', 1, 'Ñ', 'Ñandú  DEMUNA–Lamas', 'demuna', '220501', '')"
        )
    migrations.upgrade(empty)
    with empty.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT search_key FROM portal_agency").scalar_one()
    assert found == fold("Ñandú  DEMUNA–Lamas") != ""


@ON_BOTH
def test_a_notice_learns_its_case_from_the_page_it_leads_to(migrated: Database) -> None:
    """Where its text names the case already it keeps none."""
    put_rows(migrated, CORE)
    notice, referral = (SQLModel.metadata.tables[f"portal_{n}"] for n in ("notice", "referral"))
    with migrated.writer.begin() as connection:
        to, of = connection.execute(sa.select(referral.c.id, referral.c.case_id).limit(1)).one()
        plain, named = connection.scalars(sa.select(notice.c.id)).all()
        for each, facts in ((plain, {}), (named, {"code": "UPE-2026-AAAA"})):
            values = {"url": f"/referrals/{to}", "facts": facts}
            connection.execute(sa.update(notice).where(notice.c.id == each).values(values))
    migrations.downgrade(migrated, to="0051_child_cases")
    migrations.upgrade(migrated)
    with migrated.engine.connect() as connection:
        found = connection.execute(sa.select(notice.c.id, notice.c.case_id))
        assert {row.id: row.case_id for row in found} == {plain: of, named: None}


@ON_BOTH
def test_reasons_of_strikes_are_sealed_on_the_way_up_and_opened_on_the_way_down(
    migrated: Database, keys: Keyring
) -> None:
    table, column = "portal_case_entry", "strike_reason_sealed"
    before = next(name for name in chain_of(CORE) if "strike_reasons" in name)
    before = chain_of(CORE)[chain_of(CORE).index(before) - 1]
    put_rows(migrated, CORE)
    migrations.downgrade(migrated, to=before)
    with migrated.writer.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {table} SET strike_reason = 'Era de otra niña'")
    with pytest.raises(OperatorError, match="sealing key"):
        migrations.upgrade(migrated)
    migrated.keys = keys
    migrations.upgrade(migrated)
    assert "Era de otra" not in str(contents(migrated).rows)
    with migrated.read() as session:
        for entry in session.scalars(sa.select(Entry)):
            cell = entry.strike_reason_sealed or b""
            assert unseal(session, entry.case_id, table, column, entry.id, cell) != ""
    migrations.downgrade(migrated, to=before)
    told = {row["strike_reason"] for row in contents(migrated).rows[table]}
    assert told == {"Era de otra niña"}


BROKEN = """
import os
import sqlalchemy as sa
from alembic import op

revision = "0001_broken"
down_revision = None

def upgrade():
    op.create_table("broken_one", sa.Column("id", sa.Integer, primary_key=True))
    op.bulk_insert(sa.table("broken_one", sa.column("id")), [{"id": 1}])
    {end}
"""


def broken(folder: Path, end: str) -> Path:
    """Write the migrations of an owner whose revision ends in the middle."""
    versions = folder / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_broken.py").write_text(BROKEN.replace("{end}", end))
    return folder


@ON_BOTH
def test_a_revision_that_fails_in_its_middle_changes_nothing(
    migrated: Database, tmp_path: Path
) -> None:
    where = broken(tmp_path / "broken", "raise ValueError('middle')")
    with pytest.raises(ValueError, match="middle"):
        migrations.upgrade(migrated, "broken", where)
    assert migrations.current(migrated, "broken") is None
    assert "broken_one" not in contents(migrated).rows
    with pytest.raises(OperatorError, match="portal db upgrade"):
        migrations.require_head(migrated, "broken", where)


@ON_BOTH
def test_an_upgrade_killed_in_its_middle_changes_nothing_and_runs_again(
    migrated: Database, tmp_path: Path
) -> None:
    where = broken(tmp_path / "broken", "os.environ.get('KILLED') and os._exit(9)")
    migrated.dispose()
    child = os.fork()
    if child == 0:
        os.environ["KILLED"] = "1"
        migrations.upgrade(migrated, "broken", where)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert "broken_one" not in contents(migrated).rows
    migrations.upgrade(migrated, "broken", where)
    assert len(contents(migrated).rows["broken_one"]) == 1


@ON_BOTH
def test_of_several_assessments_the_last_one_goes_the_way_back(migrated: Database) -> None:
    where = folder_of("procedure")
    migrations.upgrade(migrated, "procedure", where)
    put_rows(migrated, "procedure")
    table = SQLModel.metadata.tables["procedure_assessment"]
    with migrated.writer.begin() as connection:
        first, last = connection.execute(sa.select(table).order_by(table.c.number)).all()
        here = sa.update(table).where(table.c.id == last.id)
        connection.execute(here.values(case_id=first.case_id))
    migrations.downgrade(migrated, "procedure", where, to="0001_assessments")
    migrations.upgrade(migrated, "procedure", where)
    with migrated.engine.connect() as connection:
        assert connection.execute(sa.select(table.c.id, table.c.number)).all() == [(last.id, 1)]
