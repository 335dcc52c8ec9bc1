"""Moves the clock of Python's processes: to a day, by as many seconds as a file says now, or both.

Python reads this at start where the folder is on its path. `TEST_DAY` is the day on which the tests
run as a whole (`make test TODAY=…`), at the hour that it is; `TEST_CLOCK` is the file of a test.
"""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from portal import clock

_real = clock._on_the_wall
_today = datetime.now(UTC).date()
_days = date.fromisoformat(os.environ.get("TEST_DAY") or _today.isoformat()) - _today
_file = os.environ.get("TEST_CLOCK")


def _moved() -> datetime:
    seconds = float(Path(_file).read_text() or 0) if _file else 0
    return _real() + _days + timedelta(seconds=seconds)


clock._on_the_wall = _moved
