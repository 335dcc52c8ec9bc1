"""A site that is being served gets the data back that it began with."""

import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from portal.server import WORKER_NAME
from tests.serving import ENDED_WITHIN_S, Site, is_alive

# The database is written through SQLite, as others have it open; templates stay compiled.
APART = ("portal.db*", "compiled")


def put_back(site: Site, made: Path) -> None:
    """Put the data of a folder in the place of a served site's own.

    The worker ends before, so that nothing it had in hand is written into them; the keeper, which
    stands still meanwhile, then starts another. The processes of pages go on, and remember which
    modules were on by a count that goes back too: one module of tests alone may switch some.
    """
    os.kill(site.process.pid, signal.SIGSTOP)
    try:
        for number, name in site.family().items():
            if name == WORKER_NAME:
                _end(number)
        for each in site.folder.iterdir():
            if not any(each.match(name) for name in APART):
                shutil.rmtree(each) if each.is_dir() else each.unlink()
        ignored = shutil.ignore_patterns(*APART)
        shutil.copytree(made, site.folder, dirs_exist_ok=True, ignore=ignored)
        with (
            closing(unwritten(made / "portal.db")) as source,
            closing(sqlite3.connect(site.folder / "portal.db")) as live,
        ):
            source.backup(live)
        os.truncate(site.log, 0)
    finally:
        os.kill(site.process.pid, signal.SIGCONT)


def unwritten(path: Path) -> sqlite3.Connection:
    """Open a database that nobody writes, with no file left beside it for who copies its folder."""
    return sqlite3.connect(f"file:{path}?immutable=1", uri=True)


def _end(worker: int) -> None:
    """Let a worker end; until the keeper goes on it stays as one that ended."""
    os.kill(worker, signal.SIGTERM)
    until = time.monotonic() + ENDED_WITHIN_S
    while is_alive(worker):
        assert time.monotonic() < until
        time.sleep(0.02)
