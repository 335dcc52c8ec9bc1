"""The portal as its operator runs it: commands in processes of their own, served on loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

STARTED_WITHIN_S = 60
ENDED_WITHIN_S = 20


@dataclass(frozen=True)
class Operator:
    """Who runs commands on an instance's folder; `environment` is laid over the test's own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment of the commands, without what the test's own sets."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}
        own = {"PORTAL_DATA_DIR": str(self.folder), "PORTAL_WEAK_HASH": "1"}
        return {**kept, **own, **self.environment}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            command(*arguments),
            cwd=self.folder.parent,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def serving(self, *arguments: str) -> Iterator["Site"]:
        """Serve by a command on a free port until the block ends; it must end well."""
        port = free_port()
        with (self.folder.parent / f"served-{port}.log").open("w+") as log:
            process = subprocess.Popen(
                command(*arguments, "--port", str(port)),
                cwd=self.folder.parent,
                env=self.variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            site = Site(f"http://127.0.0.1:{port}", self, process, Path(log.name))
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
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def folder(self) -> Path:
        """Return the folder of its data."""
        return self.operator.folder

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


def command(*arguments: str) -> list[str]:
    """Return the command line of the portal."""
    return [sys.executable, "-m", "portal", *arguments]


def free_port() -> int:
    """Return a port on which nobody listens now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
