"""How the modules fare: times and failures, gathered in memory and added to their table.

Nothing of an error but its type and the lines of code that it passed: its text may hold what was
read about a child.
"""

import logging
import traceback
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sqlmodel import Session

from portal import clock
from portal.db import Database
from portal.host.models import ModuleHealth

SAVED_EVERY = timedelta(minutes=10)

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Tally:
    """What one module did on one hook since the last saving; times in seconds."""

    calls: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    failures: int = 0
    last_failure_at: datetime | None = None
    last_error: str = ""


@dataclass(slots=True)
class Health:
    """The tallies of this process, safe to use from several threads."""

    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    saved_at: datetime = field(default_factory=clock.now)
    lock: Lock = field(default_factory=Lock)

    def note(self, slug: str, hook: str, seconds: float, error: Exception | None = None) -> None:
        """Add one call, and log it where it failed."""
        with self.lock:
            tally = self.tallies.setdefault((slug, hook), Tally())
            tally.calls += 1
            tally.seconds += seconds
            tally.slowest = max(tally.slowest, seconds)
            if error is not None:
                tally.failures += 1
                tally.last_failure_at = clock.now()
                tally.last_error = f"{type(error).__name__} {place_of(error, slug)}"[:200]
        milliseconds = round(seconds * 1000, 1)
        if error is None:
            logger.debug("%s.%s took %s ms", slug, hook, milliseconds)
        else:
            logger.error(
                "%s.%s failed after %s ms: %s (%s)",
                slug,
                hook,
                milliseconds,
                type(error).__name__,
                " > ".join(path_of(error)),
            )

    def is_due(self) -> bool:
        """Tell whether a failure waits to be saved, or times have gathered long enough."""
        if any(tally.failures for tally in self.tallies.values()):
            return True
        return bool(self.tallies) and clock.now() - self.saved_at > SAVED_EVERY

    def save(self, db: Database) -> None:
        """Add what gathered to the table, in a transaction of its own."""
        with self.lock:
            taken, self.tallies = self.tallies, {}
            self.saved_at = clock.now()
        if not taken:
            return
        with db.write() as session:
            for (slug, hook), tally in taken.items():
                add(session, slug, hook, tally)


def add(session: Session, slug: str, hook: str, tally: Tally) -> None:
    """Add a tally to the row of its module and hook."""
    row = session.get(ModuleHealth, (slug, hook)) or ModuleHealth(slug=slug, hook=hook)
    row.calls += tally.calls
    row.milliseconds += round(tally.seconds * 1000)
    row.slowest = max(row.slowest, round(tally.slowest * 1000))
    row.failures += tally.failures
    if tally.last_failure_at:
        row.last_failure_at = tally.last_failure_at
        row.last_error = tally.last_error
    session.add(row)


def place_of(error: Exception, slug: str) -> str:
    """Return the last line of the module's own code that an error passed, else the last of all."""
    path = path_of(error)
    own = [place for place in path if place.startswith(f"portal_{slug}/")]
    return (own or path)[-1]


def path_of(error: Exception) -> list[str]:
    """Return the lines of code that an error passed, as `folder/file.py:12`, without their text."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{from_package(f.filename)}:{f.lineno}" for f in frames] or ["unknown"]


def from_package(filename: str) -> str:
    """Return a file's place from its package on, or its last two names."""
    parts = filename.split("/")
    starts = [place for place, part in enumerate(parts) if part.startswith("portal_")]
    return "/".join(parts[starts[-1] if starts else -2 :])
