"""The copy of the trail elsewhere: each linked entry once, whatever was killed in between."""

import json
from pathlib import Path

from portal import audit
from portal.actor import system_actor
from portal.audit.stream import stream
from portal.db import Database, new_id
from tests.postgresql import ON_BOTH


def write(db: Database, count: int) -> None:
    with db.write() as session:
        for number in range(count):
            audit.record(session, system_actor(), "test.act", new_id(), number=str(number))
        audit.link_entries(session)


def numbers(path: Path) -> list[int]:
    return [json.loads(line)["seq"] for line in path.read_text().splitlines()]


@ON_BOTH
def test_each_linked_entry_is_written_once(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    write(db, 5)
    assert (stream(db, path), stream(db, path)) == (5, 0)
    write(db, 2)
    assert stream(db, path) == 2
    assert numbers(path) == [1, 2, 3, 4, 5, 6, 7]
    with db.read() as session:
        assert json.loads(path.read_text().splitlines()[-1])["head"] == audit.head(session)[1]


def test_a_line_that_a_kill_cut_short_is_written_anew(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    write(db, 4)
    stream(db, path)
    whole = path.read_bytes()
    for cut in (1, 40, len(whole.splitlines()[-1])):
        path.write_bytes(whole[:-cut])
        assert stream(db, path) == 1
        assert path.read_bytes() == whole


def test_the_copy_is_for_its_owner_alone(db: Database, tmp_path: Path) -> None:
    write(db, 1)
    stream(db, tmp_path / "trail.jsonl")
    assert (tmp_path / "trail.jsonl").stat().st_mode & 0o077 == 0
