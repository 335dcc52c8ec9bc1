"""Search by half-remembered names beside two plain ways, on the same generated people.

The plain ways are what a page could do in an hour's work: full text with prefixes (FTS5), and LIKE
on names without accents. Neither looks at who may see whom; the portal's does, and ranks.
"""

import json
import random
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from portal.actor import Actor, AgencyKind, Role
from portal.bench.bulk import insert, opened
from portal.bench.data import SEED, World, fill
from portal.bench.measuring import Measure
from portal.bench.names import Names
from portal.db import Database
from portal.db.sealing import make_key_file
from portal.people.index import key_rows, spelled, words_of
from portal.people.models import NameKey, PersonName
from portal.people.sounds import fold_name
from portal.search.inputs import LookFor
from portal.search.queries import find

CHILDREN_A_CASE = 1.6
ASKED = 60
BATCH = 20_000
# PERFORMANCE §7 row 9, for a million people: against FTS5 by prefix, and against LIKE.
MIDDLE_AIM, SLOW_AIM, LIKE_AIM = 2, 1.5, 0.1


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as a person types it, and as each plain way is asked for the same."""

    typed: str

    @property
    def prefixes(self) -> str:
        """Return the words as FTS5 takes them, each as the beginning of one."""
        return " ".join(f'"{word}"*' for word in fold_name(self.typed).split())

    @property
    def parts(self) -> list[str]:
        """Return the words as LIKE takes them."""
        return [f"%{word}%" for word in fold_name(self.typed).split()]


def run(sizes: Sequence[int], rounds: int, *, as_json: bool, check: bool) -> int:
    """Measure search at each size and print; returns 1 where `check` is asked and an aim missed."""
    found = [measure for people in sizes for measure in measures(people, rounds)]
    lines = [measure.line() for measure in found]
    text = json.dumps([each.as_dict() for each in found], indent=1) if as_json else "\n".join(lines)
    sys.stdout.write(f"{text}\n")
    return int(check and any(measure.verdict != "pass" for measure in found))


def measures(people: int, rounds: int) -> Iterator[Measure]:
    """Yield search by the portal over both plain ways: the middle one and the slow ones."""
    with TemporaryDirectory(prefix="articula-bench-") as folder:
        path = Path(folder) / "portal.db"
        db = Database(f"sqlite:///{path}", make_key_file(Path(folder) / "sealing.key"))
        world = fill(db, path, int(people / CHILDREN_A_CASE))
        name_everybody(path)
        asked = questions(path)
        with closing(sqlite3.connect(path)) as raw:
            make_plain(raw)
            ways = _by_portal(db, world), _by_prefix(raw)
            own, fts = zip(
                *[_in_turn(ways, asked) for _round in range(rounds + 1)][1:], strict=True
            )
            like = _times(_by_like(raw), asked[:: max(1, len(asked) // 10)])
        db.dispose()
    name = f"search, {people} people"
    yield Measure(f"{name} ÷ FTS5, middle", [*map(median, fts)], [*map(median, own)], MIDDLE_AIM)
    yield Measure(f"{name} ÷ FTS5, slow", [*map(slow, fts)], [*map(slow, own)], SLOW_AIM)
    yield Measure(f"{name} ÷ LIKE", [median(like)] * rounds, [*map(median, own)], LIKE_AIM)


def slow(times: Sequence[float]) -> float:
    """Return the time that only one search in twenty exceeds."""
    return sorted(times)[int(len(times) * 0.95)]


def name_everybody(path: Path) -> None:
    """Give each generated person a name of a large vocabulary, and index it."""
    names, words = Names(random.Random(SEED)), set[str]()
    with opened(path) as raw:
        ids = [row[0] for row in raw.execute("SELECT id FROM portal_person ORDER BY id")]
        for start in range(0, len(ids), BATCH):
            some = [(one, names.draw()) for one in ids[start : start + BATCH]]
            raw.executemany(
                "UPDATE portal_person SET given_names=?, first_surname=?, second_surname=?"
                " WHERE id=?",
                [
                    (name.given_names, name.first_surname, name.second_surname, one)
                    for one, name in some
                ],
            )
            told = [(one, words_of(name)) for one, name in some]
            rows = [
                (word, one, part, spelled(own)) for one, own in told for word, part in sorted(own)
            ]
            words |= {row[0] for row in rows}
            raw.executemany(
                f"INSERT INTO {PersonName.__tablename__} (word, person_id, part, names)"  # noqa: S608 - names of ours.
                " VALUES (?,?,?,?)",
                rows,
            )
        insert(raw, NameKey, key_rows(words))


def questions(path: Path) -> list[Asked]:
    """Return searches as people make them: two words of a name, one spelt wrong or begun."""
    rng = random.Random(SEED)
    with closing(sqlite3.connect(path)) as raw:
        found = raw.execute("SELECT given_names, first_surname FROM portal_person").fetchall()
    asked = []
    for number, (given, surname) in enumerate(rng.sample(found, ASKED)):
        at = rng.randrange(1, len(surname))
        damaged = (surname[:4], surname[:at] + surname[at + 1 :], surname)[number % 3]
        asked.append(Asked(f"{damaged} {given.split()[0]}"))
    return asked


def make_plain(raw: sqlite3.Connection) -> None:
    """Make the two plain tables: full text without accents, and one folded text a person."""
    raw.create_function("fold", 1, fold_name, deterministic=True)
    raw.execute("CREATE TABLE plain AS SELECT id, fold(given_names || ' ' || first_surname || ' '"
                " || second_surname) AS name FROM portal_person")  # fmt: skip
    raw.execute("CREATE VIRTUAL TABLE full USING fts5(name, content='', tokenize='unicode61')")
    raw.execute("INSERT INTO full (rowid, name) SELECT rowid, name FROM plain")
    raw.commit()


Way = Callable[[Asked], object]


def _by_portal(db: Database, world: World) -> Way:
    actor = Actor(
        user_id=world.coordinator.user_id,
        agency_id=world.agency_id,
        agency_kind=AgencyKind.UPE,
        roles=frozenset({Role.COORDINATOR}),
    )

    def ask(asked: Asked) -> object:
        with db.read() as session:
            return find(session, actor, LookFor(text=asked.typed)).hits

    return ask


def _by_prefix(raw: sqlite3.Connection) -> Way:
    statement = (
        "SELECT plain.id, plain.name FROM full JOIN plain ON plain.rowid = full.rowid"
        " WHERE full MATCH ? LIMIT 2000"
    )
    return lambda asked: raw.execute(statement, (asked.prefixes,)).fetchall()


def _by_like(raw: sqlite3.Connection) -> Way:
    def ask(asked: Asked) -> object:
        where = " AND ".join("name LIKE ?" for _part in asked.parts)
        statement = f"SELECT id, name FROM plain WHERE {where} LIMIT 2000"  # noqa: S608 - marks only.
        return raw.execute(statement, asked.parts).fetchall()

    return ask


def _in_turn(ways: Sequence[Way], asked: Sequence[Asked]) -> list[list[float]]:
    """Return what each way takes for each search, which is asked of them one after the other."""
    found = [[_times(way, [each])[0] for way in ways] for each in asked]
    return [list(times) for times in zip(*found, strict=True)]


def _times(way: Way, asked: Sequence[Asked]) -> list[float]:
    """Return the milliseconds of CPU that each search takes."""
    found = []
    for each in asked:
        began = process_time()
        way(each)
        found.append((process_time() - began) * 1000)
    return found
