"""Serving: gunicorn's threads for the pages, one process for events and jobs, from code."""

import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from portal import events
from portal.app import create_app
from portal.audit import checkpoint, link_entries
from portal.audit.stream import stream
from portal.db import Database
from portal.errors import OperatorError
from portal.host import schema
from portal.retention import erase_again
from portal.settings import Settings, as_environment

log = logging.getLogger(__name__)

LINK_EVERY_S = 1.0
CHECKPOINT_EVERY_S = 600.0
LOOK_EVERY_S = 0.5
WORK_AFTER_S = 1.0
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


def portal_server(settings: Settings) -> Server:
    """Return the server of the portal; no connection is shared by its processes."""
    made = create_app(settings)
    engine = made.extensions["portal"].db.engine
    return Server(settings, made, partial(engine.dispose, close=False))


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
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_working, args=(settings, stop), daemon=True)
    keeper.start()
    serving = os.getpid()
    try:
        server.run()
    finally:
        # The processes that gunicorn forks end here too, and the worker is not theirs to end.
        if os.getpid() == serving:
            stop.set()
            keeper.join(GRACE_S + 1)
    return 0


def _keep_working(settings: Settings, stop: threading.Event) -> None:
    """Keep a worker running beside the pages: without it no alert would go further."""
    # The first page comes first: both start by loading the same, on machines of few cores.
    stop.wait(WORK_AFTER_S)
    while not stop.is_set():
        process = subprocess.Popen(
            [sys.executable, "-m", "portal", "worker"],
            env={**os.environ, **as_environment(settings)},
        )
        while process.poll() is None and not stop.wait(LOOK_EVERY_S):
            pass
        if stop.is_set():
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)
        else:
            log.warning("the worker ended; it is started again")
            stop.wait(1)


def work(settings: Settings) -> int:
    """Deliver events, run jobs and link the trail until ended."""
    logging.basicConfig(level=logging.WARNING)
    app = create_app(settings)
    db = app.extensions["portal"].db
    erase_again(db, settings.data_dir)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    keeper = threading.Thread(target=_keep_trail, args=(db, settings, stop), daemon=True)
    keeper.start()
    with app.app_context():
        events.run_worker(db, stop)
    keeper.join(5)
    return 0


def _keep_trail(db: Database, settings: Settings, stop: threading.Event) -> None:
    """Link new entries of the trail every second, copy them, and sign its head now and then."""
    signed_at = -CHECKPOINT_EVERY_S
    while not stop.wait(LINK_EVERY_S):
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
