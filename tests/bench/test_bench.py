"""What the benchmark stands on: true data, the same rows on both pages, plans that do not grow."""

import gzip
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask
from sqlalchemy import event

from portal.app import create_app
from portal.bench import bare, searching
from portal.bench.data import World, fill
from portal.bench.measuring import Measure
from portal.bench.running import ROWS, SIZE_AIM, codes
from portal.cases.worklist import differences
from portal.db import Database
from portal.db.sealing import Keyring
from portal.people import index
from portal.search import reach
from portal.settings import Settings
from portal.web.signing import PLAIN

pytestmark = pytest.mark.slow

CASES = 2000


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, keys: Keyring) -> World:
    """Return a small world of the benchmark."""
    path = tmp_path_factory.mktemp("bench") / "portal.db"
    db = Database(f"sqlite:///{path}", keys)
    made = fill(db, path, CASES)
    db.dispose()
    return made


@pytest.fixture
def portal(filled: World, keys: Keyring) -> Iterator[Flask]:
    """Return the portal on that world."""
    folder = filled.database.parent
    made = create_app(Settings(data_dir=folder, secret_key="s" * 40, https=False), keys=keys)
    yield made
    made.extensions["portal"].db.dispose()


def page(app: Flask, path: str, token: str = "") -> str:
    client = app.test_client()
    client.set_cookie(PLAIN, token)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.text


def test_the_generated_worklist_is_what_the_rule_gives(portal: Flask) -> None:
    with portal.extensions["portal"].db.read() as session:
        assert differences(session) == 0


def test_a_long_case_shows_its_newest_thirty_entries_in_few_bytes(
    filled: World, portal: Flask
) -> None:
    text = page(portal, f"/cases/{filled.long_case}", filled.coordinator.token)
    assert text.count('<p class="meta">') == 30
    assert f"/cases/{filled.long_case}/entries?before=" in text
    assert len(gzip.compress(text.encode())) < SIZE_AIM * 1000


def test_both_pages_show_the_same_rows(filled: World, portal: Flask) -> None:
    other = bare.create(filled)
    for door, path in ((filled.coordinator, "/all"), (filled.worker, "/own")):
        shown = codes(page(portal, "/cases", door.token))
        assert len(shown) == ROWS
        assert shown == codes(page(other, path))


@pytest.mark.parametrize(
    ("who", "first", "sorts"),
    [
        ("coordinator", "SEARCH portal_worklist USING PRIMARY KEY (agency_id=? AND status=?)", 0),
        ("worker", "MATERIALIZE ", 1),
    ],
)
def test_the_list_starts_from_what_is_few(
    filled: World, portal: Flask, who: str, first: str, sorts: int
) -> None:
    engine = portal.extensions["portal"].db.engine
    asked: list[tuple[str, tuple[object, ...]]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def keep(
        _c: object, _d: object, statement: str, values: tuple[object, ...], *_: object
    ) -> None:
        if "portal_worklist" in statement and "portal_agency.name" in statement:
            asked.append((statement, values))

    page(portal, "/cases", getattr(filled, who).token)
    assert len(asked) == 1
    with closing(sqlite3.connect(filled.database)) as raw:
        plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1])]
    assert plan[0].startswith(first)
    assert sum("TEMP B-TREE" in step for step in plan) == sorts
    assert not [step for step in plan if step.startswith("SCAN portal_")]


@pytest.mark.parametrize(
    ("own", "verdict"),
    [([2.0, 3.0, 4.0], "pass"), ([4.0, 5.0, 6.0], "noisy"), ([5.0, 5.0, 6.0], "fail")],
)
def test_a_verdict_is_a_pass_only_where_every_round_passes(own: list[float], verdict: str) -> None:
    made = Measure("page", [1.0] * len(own), own, aim=4.5)
    assert made.verdict == verdict
    assert f"≤ 4.5   {verdict}" in made.line()


def test_searches_are_asked_of_named_people_and_find_them(
    tmp_path_factory: pytest.TempPathFactory, keys: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path_factory.mktemp("search") / "portal.db"
    db = Database(f"sqlite:///{path}", keys)
    world = fill(db, path, 400)
    searching.name_everybody(path)
    asked = searching.questions(path)
    with db.read() as session:
        assert index.differences(session) == 0
    walks: dict[str, tuple[object, ...]] = {}

    @event.listens_for(db.engine, "before_cursor_execute")
    def keep(
        _c: object, _d: object, statement: str, values: tuple[object, ...], *_: object
    ) -> None:
        if "borne" in statement:
            walks[statement] = values

    found = [searching._by_portal(db, world)(each) for each in asked]
    assert walks
    assert not any("UNION ALL SELECT portal_person_name" in statement for statement in walks)
    walks.clear()
    # As in an institution of very many cases, the bearers of the names are walked.
    monkeypatch.setattr(reach, "FEW", 100)
    assert found == [searching._by_portal(db, world)(each) for each in asked]
    with closing(sqlite3.connect(path)) as raw:
        raw.create_function("regexp", 2, lambda pattern, text: bool(re.search(pattern, text)))
        for statement, values in walks.items():
            plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert not [step for step in plan if "SCAN portal_" in step or "AUTOMATIC" in step]
            assert plan.count("SEARCH portal_person_name USING PRIMARY KEY (word=?)") == 2
            # The few people of one's own cases are sorted; whoever bears the word is not.
            assert sum("ORDER BY" in step for step in plan) == 1
            assert plan.count("SCAN borne") == 4
        searching.make_plain(raw)
        plain = [searching._by_like(raw)(each) for each in asked[2::3]]
    db.dispose()
    assert len(asked) == searching.ASKED
    assert len(walks) < len(asked) / 3, "the text of the statement changes with the words"
    assert sum(map(bool, found)) > len(asked) / 4
    assert all(plain)
