"""A program of ours that reads what strangers sent, in a process of its own and with nothing."""

import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


@contextmanager
def apart(program: Path, *words: str, seconds: float) -> Iterator[Any]:
    """Start a program without environment or packages, and end it whatever it does, or in time."""
    process = subprocess.Popen(  # noqa: S603 - our own program, in the interpreter that runs this.
        [sys.executable, "-I", "-B", str(program), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
    )
    clock = threading.Timer(seconds, process.kill)
    clock.start()
    try:
        yield process
    finally:
        clock.cancel()
        process.kill()
        with suppress(BrokenPipeError):
            process.stdin.close()  # type: ignore[union-attr]
        process.stdout.close()  # type: ignore[union-attr]
        process.wait()


def give(process: Any, pieces: Iterable[bytes]) -> None:
    """Write everything to a program, and say that it was all; one that broke off needs no more."""
    with suppress(BrokenPipeError):
        for piece in pieces:
            process.stdin.write(piece)
        process.stdin.close()
