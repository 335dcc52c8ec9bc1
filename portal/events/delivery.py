"""Delivery right after the commit, and the worker that takes the rest."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.db.engine import Database
from portal.db.types import new_id
from portal.events import bus
from portal.events.models import Task

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=5)
MOST_ATTEMPTS = 8
BOUND_SECONDS = 3.0
BATCH = 20
KEEP_DONE = timedelta(days=7)


def add_job(session: Session, name: str, payload: dict[str, Any], *, due_at: Any = None) -> UUID:
    """Ask for a job in the transaction of the act; returns its identifier."""
    now = clock.now()
    task = Task(kind="job", name=name, payload=payload, due_at=due_at or now, created_at=now)
    session.add(task)
    session.flush()
    return task.id


def deliver(db: Database, session: Session) -> None:
    """Deliver the events of a session that was just committed, for a bounded time.

    What takes longer, or fails, is left to the worker.
    """
    end = time.monotonic() + BOUND_SECONDS
    for task_id in session.info.pop("events", []):
        if time.monotonic() > end:
            return
        if _claim(db, task_id):
            _run(db, task_id)


def run_due(db: Database) -> int:
    """Run whatever is due, once; returns how many tasks were taken."""
    with db.read() as session:
        ready = session.scalars(_ready().limit(BATCH)).all()
    taken = [task_id for task_id in ready if _claim(db, task_id)]
    for task_id in taken:
        _run(db, task_id)
    return len(taken)


def settle(db: Database) -> None:
    """Do whatever is due, the periodic work too, until nothing is: for one who will not wait."""
    _plan_periodic(db)
    while run_due(db):
        continue


def _ready() -> sa.Select[UUID]:
    now = clock.now()
    return (
        sa.select(col(Task.id))
        .where(
            col(Task.done_at).is_(None),
            col(Task.parked_at).is_(None),
            col(Task.due_at) <= now,
            sa.or_(col(Task.taken_until).is_(None), col(Task.taken_until) < now),
        )
        .order_by(col(Task.name).in_(bus.patient), col(Task.due_at), col(Task.id))
    )


def _claim(db: Database, task_id: UUID) -> bool:
    """Take a task for a while; another process that holds it is left alone."""
    with db.write() as session:
        task = session.scalar(
            sa.select(Task)
            .where(col(Task.id) == task_id, col(Task.id).in_(_ready()))
            .with_for_update(skip_locked=True)
        )
        if task is None:
            return False
        task.taken_until = clock.now() + CLAIM
        task.attempts += 1
        return True


def _run(db: Database, task_id: UUID) -> None:
    with db.read() as session:
        task = session.get_one(Task, task_id)
    failed = ""
    for name, work in _work_of(task):
        if name in task.finished:
            continue
        try:
            _one(db, task_id, name, work)
        except Exception as error:
            failed = f"{name}: {type(error).__name__}"
            log.exception("task %s failed in %s", task.name, name)
    with db.write() as session:
        _settle(session.get_one(Task, task_id), failed)


def _work_of(task: Task) -> list[tuple[str, Callable[[Session], None]]]:
    if task.kind == "event":
        event = bus.revive(task.name, task.payload)
        return [
            (name, lambda session, handler=handler: handler(session, event))  # type: ignore[misc]
            for name, handler in bus.handlers_of(task.name)
        ]
    run = bus.jobs[task.name]
    return [(task.name, lambda session: run(session, task.payload))]


def _one(db: Database, task_id: UUID, name: str, work: Callable[[Session], None]) -> None:
    """Run one handler and remember it in the same transaction."""
    with db.write() as session:
        work(session)
        task = session.get_one(Task, task_id)
        task.finished = [*task.finished, name]
        session.commit()
        deliver(db, session)


def _settle(task: Task, failed: str) -> None:
    now = clock.now()
    task.taken_until, task.error = None, failed[:200]
    if not failed:
        task.done_at = now
    elif task.attempts >= MOST_ATTEMPTS:
        task.parked_at = now
    else:
        task.due_at = now + timedelta(seconds=5 * 2**task.attempts)


def _plan_periodic(db: Database) -> None:
    """Put the next run of each periodic work into the table, once for all processes."""
    with db.write() as session:
        pending = set(
            session.scalars(
                sa.select(col(Task.name)).where(
                    col(Task.kind) == "periodic", col(Task.done_at).is_(None)
                )
            )
        )
        now = clock.now()
        for name, every in bus.periods.items():
            if name in pending:
                continue
            last = session.scalar(
                sa.select(sa.func.max(col(Task.done_at))).where(col(Task.name) == name)
            )
            due = now if last is None else last + every
            session.add(Task(id=new_id(), kind="periodic", name=name, due_at=due, created_at=now))
        session.execute(sa.delete(Task).where(col(Task.done_at) < now - KEEP_DONE))


def run_worker(db: Database, stop: threading.Event, *, pause: float = 1.0) -> None:
    """Deliver, run and repeat until `stop` is set; a database that is away is waited for."""
    while not stop.is_set():
        try:
            _plan_periodic(db)
            busy = run_due(db)
        except sa.exc.OperationalError:
            log.warning("the database does not answer; trying again")
            busy = 0
        if not busy:
            stop.wait(pause)


def waiting(session: Session) -> dict[str, int]:
    """Return how many tasks wait and how many are parked, for the health page."""
    counts = {}
    for name, condition in (
        ("waiting", col(Task.parked_at).is_(None)),
        ("parked", col(Task.parked_at).is_not(None)),
    ):
        counts[name] = (
            session.scalar(
                sa.select(sa.func.count())
                .select_from(Task)
                .where(condition, col(Task.done_at).is_(None))
            )
            or 0
        )
    return counts
