"""The bridge from the portal's events to the modules' `on_event`."""

from collections.abc import Callable

from sqlmodel import Session

from portal import events
from portal.errors import Unavailable
from portal.events import Event
from portal.host import calling, loading, queries

Handler = Callable[[Session, Event], None]


def connect() -> None:
    """Subscribe every installed module to all events, whatever the agencies' switches say."""
    host = loading.current()
    for slug in [*host.loaded, *host.quarantined]:
        if slug in host.quarantined or host.implements(slug, "on_event"):
            events.subscribe_all(handler_of(slug), name=f"host.{slug}")


def handler_of(slug: str) -> Handler:
    """Return the handler that passes events to one module.

    It raises Unavailable where the module is admitted and quarantined, so that the event is tried
    again: a legal term that the module should have started must not be lost.
    """

    def pass_on(session: Session, event: Event) -> None:
        if slug not in queries.admitted(session):
            return
        host = loading.current()
        if slug not in host.loaded:
            raise Unavailable(f"The module {slug} is quarantined.")
        if host.implements(slug, "on_event"):
            calling.act(slug, "on_event", session=session, event=event)

    return pass_on
