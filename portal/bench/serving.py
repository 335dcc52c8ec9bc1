"""The portal and the bare page, each served in processes of its own and asked over loopback."""

import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from portal.bench import bare
from portal.bench.data import World
from portal.errors import OperatorError
from portal.server import Server, portal_server
from portal.settings import Settings
from portal.web.signing import PLAIN

WORKERS = 2
CLIENTS = 4
STARTED_WITHIN_S = 30
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
# Where /proc/PID/stat, after the name of the program, keeps its parent and its times.
PARENT, OWN_TIMES, TIMES_OF_ENDED = 1, slice(11, 13), slice(13, 15)


def free_port() -> int:
    """Return a port on which nobody listens now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _serve(settings: Settings, world: World | None) -> None:
    """Serve until ended: the bare page of a world, or the portal, in the same server."""
    server = (
        Server(settings, bare.create(world), lambda: None) if world else portal_server(settings)
    )
    server.run()


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its port and its first process."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the seconds of CPU time, user and system, of all its processes until now."""
        total = 0.0
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and (times := _times(folder)):
                pid, parent = int(folder.name), int(times[PARENT])
                if pid == self.pid:
                    total += sum(map(int, times[OWN_TIMES] + times[TIMES_OF_ENDED]))
                elif parent == self.pid:
                    total += sum(map(int, times[OWN_TIMES]))
        return total * TICK_S

    def ask(self, path: str, answers: int, *, cookie: str = "", status: int = 200) -> None:
        """Ask for a page so many times, by several connections at once.

        Raises OperatorError where an answer is not the one expected.
        """
        share = -(-answers // CLIENTS)
        with ThreadPoolExecutor(CLIENTS) as pool:
            for done in [
                pool.submit(self._ask, path, share, cookie, status) for _ in range(CLIENTS)
            ]:
                done.result()

    def _ask(self, path: str, answers: int, cookie: str, status: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        for _number in range(answers):
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            if answer.status != status:
                raise OperatorError(f"{path} answered {answer.status} instead of {status}.")
        connection.close()

    def read(self, path: str, cookie: str = "") -> tuple[str, str]:
        """Return a page and the cookie that it set."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status != http.HTTPStatus.OK:
            raise OperatorError(f"{path} answered {answer.status}: {text[:200]}")
        return text, (answer.getheader("Set-Cookie") or "").partition(";")[0]


def _times(folder: Path) -> list[str]:
    try:
        return (folder / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []


def cookie_of(token: str) -> str:
    """Return the cookie of whoever holds a token."""
    return f"{PLAIN}={token}"


@contextmanager
def serving(settings: Settings, world: World | None = None) -> Iterator[Served]:
    """Serve the portal, or the bare page of a world, on a free port for a block."""
    port = free_port()
    settings = settings.model_copy(update={"port": port, "workers": WORKERS})
    # The server ends its own children, which multiprocessing forbids a daemon to have.
    process = get_context("spawn").Process(target=_serve, args=(settings, world), daemon=False)
    process.start()
    served = Served(port, process.pid or 0)
    try:
        wait_for(port)
        yield served
    finally:
        os.kill(served.pid, signal.SIGTERM)
        process.join()


def wait_for(port: int) -> None:
    """Wait until a port answers; raises OperatorError where nothing ever does."""
    until = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/login")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.01)
        else:
            return
        finally:
            connection.close()
    raise OperatorError(f"Nothing answers on port {port}.")


def options_of(settings: Settings) -> dict[str, Any]:
    """Return what a run prints of how it served."""
    return {"workers": WORKERS, "threads": settings.threads, "connections": CLIENTS}
