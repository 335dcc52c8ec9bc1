"""Ratios: the portal's CPU time an answer over the bare page's, taken inside each round.

Both are asked in every round, so that a slow minute of the machine hits both; the figure is the
median of the rounds and stands beside its spread. Where the spread crosses the aim the verdict is
"noisy", never "pass".
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from portal.bench.serving import Served, free_port, wait_for
from portal.settings import Settings, as_environment

LIBRARIES = "import flask, flask_login, flask_babel, pluggy, sqlmodel"
BYTECODE = "PYTHONDONTWRITEBYTECODE"


@dataclass(frozen=True, slots=True)
class Page:
    """Something that can be asked for: where, as whom, and how often in a round."""

    served: Served
    path: str
    answers: int
    cookie: str = ""
    status: int = 200

    def cost(self) -> float:
        """Return the milliseconds of CPU time that one answer takes the server."""
        before = self.served.cpu()
        self.served.ask(self.path, self.answers, cookie=self.cookie, status=self.status)
        return (self.served.cpu() - before) / self.answers * 1000


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the report: what it costs here and there, in every round; the ratio and its aim.

    `base` and `own` are milliseconds of CPU time an answer, or seconds of waiting for a start.
    """

    name: str
    base: list[float]
    own: list[float]
    aim: float
    unit: str = "ms CPU"

    @property
    def ratios(self) -> list[float]:
        """Return the ratio of each round."""
        return [own / base for own, base in zip(self.own, self.base, strict=True)]

    @property
    def verdict(self) -> str:
        """Return pass or fail, or noisy where the rounds disagree."""
        if max(self.ratios) <= self.aim:
            return "pass"
        return "fail" if min(self.ratios) > self.aim else "noisy"

    def line(self) -> str:
        """Return the measure in one line."""
        low, high = min(self.ratios), max(self.ratios)
        return (
            f"{self.name:<44} {median(self.base):8.2f} {median(self.own):8.2f} {self.unit:<7}"
            f" {median(self.ratios):6.2f}  {low:5.2f}–{high:<5.2f}  ≤ {self.aim:<5g} {self.verdict}"
        )

    def as_dict(self) -> dict[str, object]:
        """Return the measure with all its rounds."""
        return {
            "name": self.name,
            "unit": self.unit,
            "base": self.base,
            "own": self.own,
            "ratio": median(self.ratios),
            "low": min(self.ratios),
            "high": max(self.ratios),
            "aim": self.aim,
            "verdict": self.verdict,
        }


def costs(pages: Sequence[Page], rounds: int) -> list[list[float]]:
    """Return the cost of each page in every round, after one round that warms them."""
    found: list[list[float]] = [[] for _page in pages]
    for number in range(rounds + 1):
        for page, kept in zip(pages, found, strict=True):
            cost = page.cost()
            if number:
                kept.append(cost)
    return found


def start(settings: Settings, rounds: int) -> Measure:
    """Measure the start of a process to its first page, over the import of the five libraries."""
    environment = {key: value for key, value in os.environ.items() if key != BYTECODE}
    first_page, imports = [], []
    for number in range(rounds + 1):
        both = (
            _seconds(lambda: _import(environment)),
            _first_page(settings, environment),
        )
        if number:
            imports.append(both[0])
            first_page.append(both[1])
    return Measure("start to first page ÷ importing five libraries", imports, first_page, 2, "s")


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _import(environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", LIBRARIES], env=environment, check=True)  # noqa: S603 - a command of ours.


def _first_page(settings: Settings, environment: dict[str, str]) -> float:
    port = free_port()
    chosen = settings.model_copy(update={"port": port})
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "portal", "run"],
        env={**environment, **as_environment(chosen)},
    )
    try:
        wait_for(port)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()
