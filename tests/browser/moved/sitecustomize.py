"""Moves the clock of the portal's processes by as many seconds as a file beside it says now.

Python reads this at start where the folder is on its path; only a test puts it there.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from portal import clock

_real = clock.now


def _moved() -> datetime:
    return _real() + timedelta(seconds=float(Path(os.environ["TEST_CLOCK"]).read_text() or 0))


clock.now = _moved
