"""What waits on the desks of the privacy officers in the demonstration."""

from datetime import timedelta
from typing import TYPE_CHECKING

from portal import audit, clock
from portal.cases.queries import get_case
from portal.privacy.watch import watch

if TYPE_CHECKING:
    from portal.demo.world import Builder

MOST = 10


def make_privacy(made: "Builder") -> None:
    """Let the duty officer open many files last night, and be told of it."""
    _many_files(made)


def _many_files(made: "Builder") -> None:
    reader = made.actors["turno"]
    at = clock.now() - timedelta(hours=2)
    for number, case_id in enumerate(list(made.cases.values())[: MOST + 4]):
        with clock.at(at + timedelta(minutes=2 * number)), made.db.read() as session:
            get_case(session, reader, case_id)
            audit.write_reads(made.db, session)
    with made.db.write() as session:
        audit.link_entries(session)
    with made.db.write() as session:
        watch(session, most_an_hour=MOST)
