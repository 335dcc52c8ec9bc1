"""Measures the goals on SQLite and PostgreSQL and prints one table: `make security`.

    python -m tests.security [--database KIND] [--only TEXT] [--size small|full]

Everything runs in this process or on loopback. Exits with 1 where a goal is missed.
"""

import argparse
import logging
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.security import (
    absent,
    clocks,
    doubles,
    emergencies,
    full,
    guessing,
    headers,
    hostile,
    incidents,
    matrix,
    probes,
    reads,
    sessions,
    tampering,
    uploads,
)
from tests.security.ground import DATABASES, Ground, Measure, ground

Check = Callable[..., Measure]


@dataclass(frozen=True)
class Row:
    """A goal to be measured: by what, at which size in full, and small for a quick look."""

    check: Check
    size: int
    small: int


# First those on a database of their own; those that bend the demonstration much come last.
ROWS = {
    "4 matrix": Row(matrix.check, matrix.WHOLE, 11),
    "4 graphs": Row(matrix.check_graphs, 1000, 10),
    "22 incident": Row(incidents.check, 100_000, 3000),
    "13 tampering": Row(tampering.check, tampering.EACH, 1),
    "14 reads": Row(reads.check, 2000, 40),
    "2 probes": Row(probes.check, 40, 10),
    "3 absent": Row(absent.check, 3, 1),
    "3 time": Row(absent.check_time, 200, 20),
    "20 headers": Row(headers.check, 400, 6),
    "17 sessions": Row(sessions.check, 105, 7),
    "12 clock": Row(clocks.check, 40, 4),
    "11 doubles": Row(doubles.check, 1000, 30),
    "19 emergency": Row(emergencies.check, 20, 2),
    "18 guessing": Row(guessing.check, 10_000, 100),
    "18 time": Row(guessing.check_time, 60, 10),
    "21 uploads": Row(uploads.check, 504, 24),
    "7 full": Row(full.check, 60, 6),
    "1 hostile": Row(hostile.check, 1000, 1),
}


@dataclass(frozen=True)
class Line:
    """A measured goal as the table shows it."""

    database: str
    measure: Measure
    seconds: float


def measure(kind: str, only: str, small: bool) -> list[Line]:
    """Measure the goals on a kind of database, one after the other."""
    logging.disable(logging.WARNING)
    # A disk that is full on purpose fills no screen.
    logging.getLogger("portal").addHandler(logging.NullHandler())
    logging.getLogger("portal").propagate = False
    with ground(kind) as made:
        return [
            line(made, kind, row, row.small if small else row.size)
            for name, row in ROWS.items()
            if only in name
        ]


def line(made: Ground, kind: str, row: Row, size: int) -> Line:
    """Measure one goal; what breaks is a fault of the goal."""
    started = time.monotonic()
    try:
        found = row.check(made, size=size)
    except Exception as error:
        name = getattr(sys.modules[row.check.__module__], "GOAL", "")
        found = Measure(name, "measured", f"{type(error).__name__}: {error}"[:120], holds=False)
    done = Line(kind, found, time.monotonic() - started)
    sys.stderr.write(f"{kind}: {found.goal}: {found.found} ({done.seconds:.0f} s)\n")
    return done


def table(lines: list[Line]) -> str:
    """Return the table, and below it what is at fault."""
    head = ("goal", "figure asked", "found", "database", "s", "")
    rows = [
        (
            each.measure.goal,
            each.measure.asked,
            each.measure.found,
            each.database,
            f"{each.seconds:.0f}",
            "pass" if each.measure.holds else "FAIL",
        )
        for each in lines
    ]
    widths = [max(len(row[spot]) for row in (head, *rows)) for spot in range(len(head))]
    text = [
        "  ".join(part.ljust(width) for part, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]
    for each in lines:
        if not each.measure.holds:
            text += [
                f"{each.measure.goal} ({each.database}): {fault}" for fault in each.measure.faults
            ]
    return "\n".join(text) + "\n"


def main() -> int:
    """Measure what was asked for, both databases at once, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.security")
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--only", default="", help="part of a goal's name")
    parser.add_argument("--size", choices=("small", "full"), default="full")
    given = parser.parse_args()
    kinds = [given.database] if given.database else list(DATABASES)
    with ProcessPoolExecutor(len(kinds)) as pool:
        asked = [pool.submit(measure, kind, given.only, given.size == "small") for kind in kinds]
        lines = [each for future in asked for each in future.result()]
    lines.sort(key=lambda each: (int(each.measure.goal.split()[0]), each.measure.goal))
    sys.stdout.write(table(lines))
    return 0 if lines and all(each.measure.holds for each in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
