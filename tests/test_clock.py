"""The clock that a run of the tests moves: to another day, where all else stays as it is."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.serving import MOVED

ASK = """
from datetime import timedelta
from portal import clock
then = clock.now() - timedelta(days=3)
with clock.at(then):
    drift = clock.now() - then
print(clock.now().isoformat(), drift.total_seconds())
"""


@pytest.mark.parametrize(("day", "seconds"), [("2027-07-28", 0), ("2024-02-29", 90), ("", 90)])
def test_a_run_has_its_own_day_and_a_test_its_own_hour(
    tmp_path: Path, day: str, seconds: int
) -> None:
    file = tmp_path / "clock"
    file.write_text(str(seconds))
    moved = {**os.environ, "PYTHONPATH": MOVED, "TEST_DAY": day, "TEST_CLOCK": str(file)}
    before = datetime.now(UTC)
    asked = [sys.executable, "-c", ASK]
    told = subprocess.run(asked, env=moved, capture_output=True, text=True, check=True)
    now, drift = told.stdout.split()
    days = (date.fromisoformat(day) if day else before.date()) - before.date()
    late = datetime.fromisoformat(now) - (before + days + timedelta(seconds=seconds))
    assert timedelta() <= late < timedelta(minutes=1)
    assert 0 <= float(drift) < 1
