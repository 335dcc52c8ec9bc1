"""Event types, their handlers, and how an event becomes a row."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypeVar, get_args, get_type_hints
from uuid import UUID

from sqlmodel import Session

from portal import clock
from portal.events.models import Task

Handler = Callable[[Session, Any], None]
Job = Callable[[Session, dict[str, Any]], None]
E = TypeVar("E", bound="Event")


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events: frozen, with identifiers and plain values only, known by class name."""

    types: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        """Register the type; dataclass slots make a second class of the same name."""
        super(Event, cls).__init_subclass__(**options)
        Event.types[cls.__name__] = cls


_handlers: dict[str, tuple[str | None, Handler]] = {}
jobs: dict[str, Job] = {}
patient: set[str] = set()
periods: dict[str, timedelta] = {}


def subscribe(event: type[E], handler: Callable[[Session, E], None], *, name: str) -> None:
    """Let `handler(session, event)` hear of events of a type; the same name replaces."""
    _handlers[name] = (event.__name__, handler)


def subscribe_all(handler: Callable[[Session, Event], None], *, name: str) -> None:
    """Let `handler(session, event)` hear of every event, after those who named a type."""
    _handlers[name] = (None, handler)


def unsubscribe(name: str) -> None:
    """Forget a handler."""
    _handlers.pop(name, None)


def handlers_of(event_name: str) -> list[tuple[str, Handler]]:
    """Return the named handlers of a type: those of the type first, then those of all."""
    own = [(name, each) for name, (wanted, each) in _handlers.items() if wanted == event_name]
    general = [(name, each) for name, (wanted, each) in _handlers.items() if wanted is None]
    return own + general


def job(name: str, run: Job, *, waits: bool = False) -> None:
    """Register what a job does: `run(session, payload)` in a transaction of its own.

    One that `waits` is done after all other work: a thousand of them hold no alert back.
    """
    jobs[name] = run
    if waits:
        patient.add(name)


def periodic(name: str, every: timedelta, run: Callable[[Session], None]) -> None:
    """Register work that the worker repeats; one process at a time does it."""
    jobs[name] = lambda session, _payload: run(session)
    periods[name] = every


def record(session: Session, event: Event) -> None:
    """Write an event in the transaction of the act; it is delivered right after the commit."""
    task = Task(
        kind="event",
        name=type(event).__name__,
        payload={each.name: _plain(getattr(event, each.name)) for each in fields(event)},
        due_at=clock.now(),
        created_at=clock.now(),
    )
    session.add(task)
    session.flush()
    session.info.setdefault("events", []).append(task.id)


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


_READ: dict[type, Callable[[str], Any]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


def revive(name: str, payload: dict[str, Any]) -> Event:
    """Return the event that a row holds."""
    kind = Event.types[name]
    hints = get_type_hints(kind)
    return kind(**{key: _value(hints[key], value) for key, value in payload.items()})


def _value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    kinds = [kind for kind in (hint, *get_args(hint)) if kind in _READ]
    return _READ[kinds[0]](value) if kinds else value
