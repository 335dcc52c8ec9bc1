"""Which terms a day would move, known before it is entered: counted as if it were, and taken back.

Every context that keeps running terms says what would move; whoever enters days reads by
institution and rule, from which day to which, and no case.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session

from portal.agencies.queries import names_of
from portal.deadlines import rules
from portal.deadlines.inputs import AddDays
from portal.deadlines.queries import LOADED, EnteredDay, entered_days

# Figures for those without access to cases: what is fewer is said as such (ARCHITECTURE 4).
FEW = 5


@dataclass(frozen=True, slots=True)
class Move:
    """A running term that would end on another day: who owes it, by which rule."""

    agency_id: UUID
    rule_code: str
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class MoveRow:
    """The terms of one institution and rule that would move from one day to another.

    `count` is None where they are fewer than five.
    """

    agency: str
    rule: Any
    source: str
    before: date
    after: date
    count: int | None


Ask = Callable[[Session], list[Move]]
_movers: dict[str, Ask] = {}


def add_mover(name: str, ask: Ask) -> None:
    """Register what a context's running terms would do by the calendars a session supposes."""
    _movers[name] = ask


def list_moves(session: Session, given: AddDays) -> list[MoveRow]:
    """Return which terms would move if days were entered, the soonest first; nothing is written."""
    with supposing(session, given):
        found = Counter(move for ask in _movers.values() for move in ask(session))
    names = names_of(session, {move.agency_id for move in found}) if found else {}
    lines = [
        MoveRow(
            names[move.agency_id],
            rules.known(move.rule_code).title,
            rules.known(move.rule_code).source,
            move.before,
            move.after,
            count if count >= FEW else None,
        )
        for move, count in found.items()
    ]
    return sorted(lines, key=lambda line: (line.before, line.agency, line.source))


@contextmanager
def supposing(session: Session, given: AddDays) -> Iterator[None]:
    """Let a session count as if days were entered, and forget them afterwards."""
    held, loaded = entered_days(session), session.info.pop(LOADED, {})
    session.info["calendar_days"] = [
        *held,
        *(
            EnteredDay(
                day,
                given.scope,
                given.key,
                given.kind,
                given.title,
                given.norm,
                given.counts_as_business,
            )
            for day in given.days
        ),
    ]
    try:
        yield
    finally:
        session.info["calendar_days"], session.info[LOADED] = held, loaded
