"""Serving: gunicorn's threads for the pages, one process for events and jobs, from code."""

import gc
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from portal import events
from portal.app import create_app
from portal.audit import checkpoint, link_entries
from portal.audit.stream import stream
from portal.db import Database
from portal.errors import OperatorError
from portal.host import schema
from portal.retention import erase_again
from portal.settings import Settings

log = logging.getLogger(__name__)

LINK_EVERY_S = 1.0
CHECKPOINT_EVERY_S = 600.0
WORK_AFTER_S = 1.0
WORKER_NAME = "portal-worker"
MAX_REQUESTS = 5000
GRACE_S = 5


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn told everything in code, without a file of its own."""

    def __init__(self, settings: Settings, application: Flask, forked: Callable[[], None]) -> None:
        """Serve an application made before the fork; `forked` is called in each new process."""
        self.settings, self.application, self.forked = settings, application, forked
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's own."""
        options: dict[str, Any] = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": self.settings.workers,
            "threads": self.settings.threads,
            "worker_class": "gthread",
            "preload_app": True,
            "graceful_timeout": GRACE_S,
            "max_requests": MAX_REQUESTS,
            "max_requests_jitter": 500,
            "control_socket_disable": True,
            "loglevel": "warning",
            "post_fork": lambda _server, _worker: self.forked(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application that was made before the fork."""
        return self.application


class Keeper(Arbiter):  # type: ignore[misc]
    """gunicorn's keeper of the processes of pages, which keeps the worker beside them.

    Without the worker no alert would go further. It is forked as the others are, from what was
    loaded once: the keeper has no thread.
    """

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.worker = 0
        # The first page comes first, and what ends as soon as it starts is not started in a storm.
        self.due = time.monotonic() + WORK_AFTER_S

    def manage_workers(self) -> None:
        """Start what is missing; gunicorn calls this every second and when a process ended."""
        if self.worker and self._has_ended():
            log.warning("the worker ended; it is started again")
            self.worker, self.due = 0, time.monotonic() + WORK_AFTER_S
        super().manage_workers()
        if not self.worker and time.monotonic() >= self.due:
            self.worker = os.fork() or self._work()

    def stop(self, graceful: bool = True) -> None:
        """End all processes."""
        super().stop(graceful)
        # What gunicorn forks may end here too, and the worker is not theirs to end.
        if not self.worker or os.getpid() != self.pid:
            return
        with suppress(ProcessLookupError):
            os.kill(self.worker, signal.SIGTERM)
        until = time.monotonic() + GRACE_S
        while not self._has_ended() and time.monotonic() < until:
            time.sleep(0.05)
        self.worker = 0

    def _has_ended(self) -> bool:
        try:
            return os.waitpid(self.worker, os.WNOHANG) != (0, 0)
        except ChildProcessError:
            # gunicorn waited for it: it waits for every child.
            return True

    def _work(self) -> NoReturn:
        """Become the worker; nothing of the keeper goes on here."""
        status = 1
        try:
            for number in (*self.SIGNALS, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            for listener in self.LISTENERS:
                listener.close()
            self.app.forked()
            with suppress(OSError):
                Path("/proc/self/comm").write_text(WORKER_NAME)
            status = _deliver(self.app.application, self.app.settings, keeper=self.pid)
        except Exception:
            log.exception("the worker failed")
        finally:
            os._exit(status)


def portal_server(settings: Settings) -> Server:
    """Return the server of the portal; no connection is shared by its processes."""
    made = create_app(settings)
    db = made.extensions["portal"].db
    return Server(settings, made, partial(db.dispose, close=False))


def require_free(host: str, port: int) -> None:
    """Raise OperatorError, in one line, where the port is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OperatorError(
                f"Port {port} is taken: stop what uses it or choose another with --port."
            ) from error


def serve(settings: Settings) -> int:
    """Serve pages and work beside them until ended."""
    require_free(settings.host, settings.port)
    server = portal_server(settings)
    db = server.application.extensions["portal"].db
    schema.require_head(db)
    erase_again(db, settings.data_dir)
    # Nothing that is open may be shared with the processes to come.
    db.dispose()
    gc.freeze()
    gc.enable()
    Keeper(server).run()
    return 0


def work(settings: Settings) -> int:
    """Deliver events, run jobs and link the trail until ended."""
    app = create_app(settings)
    erase_again(app.extensions["portal"].db, settings.data_dir)
    return _deliver(app, settings)


def _deliver(app: Flask, settings: Settings, keeper: int | None = None) -> int:
    logging.basicConfig(level=logging.WARNING)
    db = app.extensions["portal"].db
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    trail = threading.Thread(target=_keep_trail, args=(db, settings, stop, keeper), daemon=True)
    trail.start()
    with app.app_context():
        events.run_worker(db, stop)
    trail.join(5)
    return 0


def _keep_trail(
    db: Database, settings: Settings, stop: threading.Event, keeper: int | None
) -> None:
    """Link new entries of the trail every second, copy them, and sign its head now and then.

    A worker whose keeper was killed ends too: the next keeper starts its own.
    """
    signed_at = -CHECKPOINT_EVERY_S
    while not stop.wait(LINK_EVERY_S):
        if keeper is not None and os.getppid() != keeper:
            stop.set()
            return
        try:
            if time.monotonic() - signed_at >= CHECKPOINT_EVERY_S:
                checkpoint(db, settings.data_dir)
                signed_at = time.monotonic()
            else:
                with db.write() as session:
                    link_entries(session, recent=True)
            if settings.trail_file is not None:
                stream(db, settings.trail_file)
        except Exception:
            log.exception("the trail could not be linked")
