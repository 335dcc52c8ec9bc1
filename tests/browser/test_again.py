"""What one module leaves on the site that is served, the next does not find."""

import sqlite3
from contextlib import closing

import pytest

from tests.browser.again import put_back
from tests.browser.conftest import MADE
from tests.serving import Site

pytestmark = pytest.mark.browser


def told(database: object) -> list[str]:
    with closing(sqlite3.connect(str(database))) as opened:
        return list(opened.iterdump())


def test_nothing_is_left_of_the_module_before(site: Site) -> None:
    live, made = site.folder / "portal.db", site.folder.with_name(MADE)
    left = site.folder / "files" / "left"
    left.write_text("Acta")
    (site.folder / "checkpoints.jsonl").write_text("")
    with closing(sqlite3.connect(live)) as opened, opened:
        opened.execute("UPDATE portal_user SET name = 'Elena Uvilla'")
    assert told(live) != told(made / "portal.db")
    put_back(site, made)
    assert told(live) == told(made / "portal.db")
    assert not left.exists()
    kept = (made / "checkpoints.jsonl").read_bytes()
    assert (site.folder / "checkpoints.jsonl").read_bytes() == kept
    assert "<h1>" in site.get("/login")
