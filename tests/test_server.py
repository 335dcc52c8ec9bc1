"""Serving as an operator does: pages and worker together, ended as a whole."""

import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from portal.server import WORKER_NAME
from tests.serving import Operator, Site, free_port, is_alive

pytestmark = pytest.mark.slow

PASSWORD = "una frase larga de prueba"
PRODUCTION = {"PORTAL_SECRET_KEY": "x" * 40, "PORTAL_HTTPS": "false", "PORTAL_WORKERS": "2"}
PATIENCE_S = 15


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an instance in production, as an operator begins it."""
    folder = tmp_path_factory.mktemp("begun") / "data"
    who = ("--username", "jefa", "--name", "Jefa Prueba", "--password", PASSWORD)
    done = Operator(folder, PRODUCTION).run("init", *who)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def operator(begun: Path, tmp_path: Path) -> Operator:
    """Return the operator of an instance of the test's own."""
    return Operator(shutil.copytree(begun, tmp_path / "data"), PRODUCTION)


def worker_of(site: Site, *, other_than: int = 0) -> int:
    """Return the worker's number once there is one."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for number, name in site.family().items():
            if name == WORKER_NAME and number != other_than:
                return number
        time.sleep(0.1)
    pytest.fail("there is no worker")


def test_a_worker_that_dies_is_started_again_and_all_ends_together(operator: Operator) -> None:
    with operator.serving("run") as site:
        first = worker_of(site)
        os.kill(first, signal.SIGKILL)
        second = worker_of(site, other_than=first)
        pages = [number for number, name in site.family().items() if name != WORKER_NAME]
        assert len(pages) == 2
        os.kill(pages[0], signal.SIGTERM)
        until = time.monotonic() + PATIENCE_S
        while pages[0] in site.family() and time.monotonic() < until:
            time.sleep(0.1)
        assert worker_of(site) == second, "a page process that ends leaves the worker alone"
        assert "Iniciar sesión" in site.get("/login")
        everybody = site.family()
        checkpoints = operator.folder / "checkpoints.jsonl"
        while not checkpoints.exists() and time.monotonic() < until:
            time.sleep(0.1)
        assert checkpoints.exists()
    for number in everybody:
        assert not Path(f"/proc/{number}").exists()
    said = [line for line in site.log.read_text().splitlines() if "is started again" not in line]
    assert said == []


def test_a_keeper_that_is_killed_leaves_nobody_behind(operator: Operator, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    keeper = operator.start(("run", "--port", str(port)), log, log)
    site = Site(f"http://127.0.0.1:{port}", operator, keeper, log)
    worker_of(site)
    everybody = site.family()
    keeper.send_signal(signal.SIGKILL)
    assert keeper.wait(PATIENCE_S) == -signal.SIGKILL
    until = time.monotonic() + PATIENCE_S
    while (left := list(filter(is_alive, everybody))) and time.monotonic() < until:
        time.sleep(0.1)
    for number in left:
        os.kill(number, signal.SIGKILL)
    assert not left


def test_a_port_that_is_taken_is_said_in_one_line_and_nothing_is_touched(
    operator: Operator,
) -> None:
    demo = Operator(operator.folder.parent / "demo", {"PORTAL_MODE": "demo"})
    with operator.serving("run") as site:
        port = site.url.rsplit(":", 1)[1]
        for who, arguments in ((operator, ("run",)), (demo, ("demo", "--reset"))):
            refused = who.run(*arguments, "--port", port)
            assert refused.returncode == 1
            assert refused.stderr.count("\n") == 1
            assert f"Port {port} is taken" in refused.stderr
    assert not demo.folder.exists()


def test_a_database_that_is_behind_is_said_and_left_alone(operator: Operator) -> None:
    path = operator.folder / "portal.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE portal_version SET version_num = '0006_agencies'")
        raw.commit()
    before = path.read_bytes()
    for arguments in (("run", "--port", str(free_port())), ("db", "check"), ("doctor",)):
        refused = operator.run(*arguments)
        assert refused.returncode == 1, arguments
        assert "run 'portal db upgrade'" in refused.stderr + refused.stdout
        assert "Traceback" not in refused.stderr
    assert path.read_bytes() == before
