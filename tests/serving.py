"""The portal as its operator runs it: commands in processes of their own, served on loopback.

A story in the browser is about what is served, and not about how Python starts: its commands are
children of one process that has loaded the portal, which saves each the seconds of loading it.
"""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Union

import pytest

from portal import cli
from portal.host.plugin import GROUP

STARTED_WITHIN_S = 60
ENDED_WITHIN_S = 20
DEMO = {"PORTAL_MODE": "demo"}
# Python's path on which its processes have a clock that a test moves.
MOVED = os.pathsep.join(
    filter(None, [str(Path(__file__).parent / "moved"), os.environ.get("PYTHONPATH")])
)

# Loads what serving loads, once for all commands of a run, and forks; it has no threads.
LOADED = multiprocessing.get_context("forkserver")
LOADED.set_forkserver_preload(
    [
        *("portal.demo.running", "portal.server", "portal.host.schema", __name__),
        *(entry.module for entry in entry_points(group=GROUP)),
    ]
)
Process = Union["subprocess.Popen[bytes]", "Forked"]


class Forked:
    """A command in a child of the process that has loaded the portal, asked as `Popen` is."""

    def __init__(self, operator: "Operator", arguments: list[str], out: Path, err: Path) -> None:
        given = (arguments, operator.folder.parent, operator.variables, out, err)
        self._process = LOADED.Process(target=_obey, args=given)
        self._process.start()
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        """Return the status with which it ended, if it did."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal unless it ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        """Return the status with which it ends; what does not end in time is killed."""
        self._process.join(timeout)
        self._process.kill()
        self._process.join()
        return int(self._process.exitcode or 0)


def _obey(
    arguments: list[str], folder: Path, variables: dict[str, str], out: Path, err: Path
) -> None:
    """Run a command as a process that was just started would."""
    os.setsid()
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    for number, path in ((1, out), (2, err)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, number)
        os.close(file)
    sys.exit(cli.main(arguments))


@dataclass(frozen=True)
class Operator:
    """Who runs commands on an instance's folder; `environment` is laid over the test's own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    is_forking: bool = False

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment of the commands, without what the test's own sets."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}
        own = {"PORTAL_DATA_DIR": str(self.folder), "PORTAL_WEAK_HASH": "1"}
        return {**kept, **own, **self.environment}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        with TemporaryDirectory() as said:
            out, err = Path(said, "out"), Path(said, "err")
            status = self.start(arguments, out, err).wait()
            return subprocess.CompletedProcess(arguments, status, out.read_text(), err.read_text())

    def start(self, arguments: Sequence[str], out: Path, err: Path) -> Process:
        """Start a command that writes into files, as the leader of a session."""
        if self.is_forking:
            return Forked(self, list(arguments), out, err)
        with out.open("a") as told, err.open("a") as complained:
            return subprocess.Popen(
                command(*arguments),
                cwd=self.folder.parent,
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=complained,
                start_new_session=True,
            )

    @contextmanager
    def serving(self, *arguments: str) -> Iterator["Site"]:
        """Serve by a command on a free port until the block ends; it must end well."""
        port = free_port()
        log = self.folder.parent / f"served-{port}.log"
        process = self.start([*arguments, "--port", str(port)], log, log)
        site = Site(f"http://127.0.0.1:{port}", self, process, log)
        try:
            site.get("/readyz")
            yield site
        finally:
            process.send_signal(signal.SIGTERM)
            ended = process.wait(ENDED_WITHIN_S)
        assert ended == 0


@dataclass(frozen=True)
class Site:
    """An instance that is being served: its address, its operator and its process."""

    url: str
    operator: Operator
    process: Process
    log: Path

    @property
    def folder(self) -> Path:
        """Return the folder of its data."""
        return self.operator.folder

    def family(self) -> dict[int, str]:
        """Return the name of each process that the portal started, by its number."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                    if parent == self.process.pid:
                        found[int(entry.name)] = (entry / "comm").read_text().strip()
        return found

    def get(self, path: str) -> str:
        """Return what an address answers; waits while nothing listens yet."""
        until = time.monotonic() + STARTED_WITHIN_S
        while time.monotonic() < until:
            assert self.process.poll() is None, f"the portal ended: {self.log.read_text()}"
            try:
                with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                    return str(answer.read().decode())
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        pytest.fail("the portal did not answer")


def is_alive(number: int) -> bool:
    """Tell whether a process works still; one that ended may wait for long to be asked how."""
    try:
        said = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False
    return said.rsplit(")", 1)[1].split()[0] != "Z"


def command(*arguments: str) -> list[str]:
    """Return the command line of the portal."""
    return [sys.executable, "-m", "portal", *arguments]


def free_port() -> int:
    """Return a port on which nobody listens now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
