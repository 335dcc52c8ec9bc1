"""What needs the actor now, gathered and put in the order of what happens if nothing is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session

from portal import clock, host
from portal.actor import Actor
from portal.events.work import LongWork
from portal.home.unattended import home_items
from portal.host.slots import Box, HomeGroup, HomeItem, Tone

__all__ = ["Pending", "add_source", "add_work", "home_items", "list_work", "pending"]

LIMIT = 30
FAR = date(9999, 12, 31)
Source = Callable[[Session, Actor, int], list[HomeItem]]

WorkSource = Callable[[Session, Actor, int], list[LongWork]]

_sources: dict[str, Source] = {}
_work: dict[str, WorkSource] = {}


def add_source(name: str, ask: Source) -> None:
    """Register a context's lines; the factory enters every context's `home_items`."""
    _sources[name] = ask


def add_work(name: str, ask: WorkSource) -> None:
    """Register a context's long work; the factory enters every context's `long_work`."""
    _work[name] = ask


def list_work(session: Session, actor: Actor) -> list[LongWork]:
    """Return the long work that runs or ran lately: what runs first, then the newest."""
    found = [work for ask in _work.values() for work in ask(session, actor, LIMIT)]
    found.sort(key=lambda each: each.asked_at, reverse=True)
    return sorted(found, key=lambda each: not each.is_running)


@dataclass(frozen=True, slots=True)
class Pending:
    """The home page: the lines, immediate protection first, and the modules that failed."""

    protection: list[HomeItem]
    rest: list[HomeItem]
    failed: list[Box]

    @property
    def count(self) -> int:
        """Return how many lines stand there."""
        return len(self.protection) + len(self.rest)

    @property
    def sections(self) -> list[tuple[Tone, list[HomeItem]]]:
        """Return the lines by how late they are; those without any leave their section out."""
        found = [(tone, [line for line in self.rest if _tone(line) == tone]) for tone in TONES]
        return [(tone, lines) for tone, lines in found if lines]


def pending(session: Session, actor: Actor) -> Pending:
    """Return what needs the actor: the core's lines and the modules', in one order."""
    lines = [line for ask in _sources.values() for line in ask(session, actor, LIMIT)]
    modules, failed = host.home_items(session, actor, LIMIT)
    lines += modules
    first = [line for line in lines if line.group == HomeGroup.PROTECTION]
    rest = [line for line in lines if line.group != HomeGroup.PROTECTION]
    return Pending(sorted(first, key=_order), sorted(rest, key=_order), failed)


# What happens if nothing is done, the gravest first: a term of the law expires, a child in care or
# an alert is not looked at, another institution waits, an agreement is broken, a session comes
# unprepared.
GRAVITY = (
    HomeGroup.PROTECTION,
    HomeGroup.TERMS,
    HomeGroup.CARE,
    HomeGroup.ALERTS,
    HomeGroup.REFERRALS,
    HomeGroup.COMMITMENTS,
    HomeGroup.COUNCIL,
)
TONES = (Tone.OVERDUE, Tone.DUE_SOON, Tone.IN_TIME, Tone.CLOSED)


def _order(line: HomeItem) -> tuple[int, int, datetime, int]:
    """Return the place of a line: what is late first, then what would happen, then when."""
    group = HomeGroup(line.group) if line.group in set(HomeGroup) else HomeGroup.CARE
    return TONES.index(_tone(line)), GRAVITY.index(group), _moment(line.when), line.weight


def _tone(line: HomeItem) -> Tone:
    return Tone(line.tone) if line.tone in set(Tone) else Tone.IN_TIME


def _moment(when: datetime | date | None) -> datetime:
    if isinstance(when, datetime):
        return when
    return datetime.combine(when or FAR, time(12), tzinfo=clock.LIMA)
