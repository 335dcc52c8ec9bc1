"""Long work as a page shows it: what somebody asked for, and how far it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# For how long what has ended still stands on the page of all long work.
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class LongWork:
    """Work longer than a second: a task of the same table as all others (ARCHITECTURE 5).

    `percent` is None where nobody can say how much is left, or nothing runs.
    """

    title: Any
    url: str
    state: Any
    asked_at: datetime
    author: str = ""
    is_running: bool = False
    percent: int | None = None
