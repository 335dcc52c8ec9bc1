"""What one module leaves on the site that is served, the next does not find."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.browser.again import put_back, unwritten
from tests.serving import Site

pytestmark = pytest.mark.browser


def told(opened: sqlite3.Connection) -> list[str]:
    with closing(opened):
        return list(opened.iterdump())


def test_nothing_is_left_of_the_module_before(site: Site, prepared: Path) -> None:
    live, made = site.folder / "portal.db", told(unwritten(prepared / "portal.db"))
    left = site.folder / "files" / "left"
    left.write_text("Acta")
    (site.folder / "checkpoints.jsonl").write_text("")
    with closing(sqlite3.connect(live)) as opened, opened:
        opened.execute("UPDATE portal_user SET name = 'Elena Uvilla'")
    assert told(sqlite3.connect(live)) != made
    put_back(site, prepared)
    assert told(sqlite3.connect(live)) == made
    assert not left.exists()
    kept = (prepared / "checkpoints.jsonl").read_bytes()
    assert (site.folder / "checkpoints.jsonl").read_bytes() == kept
    assert "<h1>" in site.get("/login")
