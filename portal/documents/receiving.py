"""From what somebody sent to what may be kept: looked at in a process of its own, one at a time."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from portal.db.files import PIECE, FileStore, Written
from portal.documents import inspecting
from portal.documents.apart import apart, give
from portal.documents.inspecting import MOST_BYTES, Refused
from portal.documents.models import Format

__all__ = ["MOST_BYTES", "Content", "Refused", "check", "suffix_of"]

SECONDS = 90.0
# A page of this process takes the memory of one file at a time, whoever sends at once.
_one = threading.Semaphore(1)


@dataclass(frozen=True, slots=True)
class Content:
    """A file that was looked at and lies encrypted in the store, for a service to keep.

    `upload_id` is the upload that it came by, with the file that goes with it.
    """

    format: Format
    file: Written
    sent_sha256: str
    preview: Written | None = None
    width: int | None = None
    height: int | None = None
    upload_id: UUID | None = None
    spent: str = ""


def suffix_of(name: str) -> str:
    """Return how a file's name ends; raises Refused for a name that leads elsewhere."""
    if any(sign in name for sign in "/\\\0") or name.strip(" .") == "":
        raise Refused("name")
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem or not suffix.isascii() or not suffix.isalnum() or len(suffix) > 8:
        raise Refused("kind")
    return suffix.lower()


def check(store: FileStore, sent: Written, suffix: str) -> Content:
    """Return what may be kept of a file that was sent and lies in the store.

    Raises Refused, saying why, and leaves nothing but what was sent. What a document or sheet is
    stays as it came; an image is another file, drawn anew.
    """
    if sent.size == 0:
        raise Refused("empty")
    if sent.size > MOST_BYTES:
        raise Refused("large")
    with _one, apart(Path(inspecting.__file__), suffix, seconds=SECONDS) as process:
        give(process, store.read(sent.name, sent.key))
        told = _told(process.stdout.readline(10_000))
        made = _drawn(store, process.stdout, told.get("sizes", ()))
    return Content(
        format=Format(told["format"]),
        file=made[0] if made else sent,
        sent_sha256=sent.sha256,
        preview=made[1] if made else None,
        width=told.get("width"),
        height=told.get("height"),
    )


def _told(line: bytes) -> dict[str, Any]:
    """Return what the process found; one that broke found the file unreadable."""
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise Refused("unreadable") from error
    if code := told.get("refused"):
        raise Refused(code)
    return told


def _drawn(store: FileStore, stream: Any, sizes: Sequence[int]) -> list[Written]:
    """Return the files that the process drew, encrypted; nothing stays of half of them."""
    made: list[Written] = []
    try:
        for size in sizes:
            made.append(store.write(_some(stream, size)))
            if made[-1].size != size:
                raise Refused("unreadable")
    except BaseException:
        for each in made:
            store.remove(each.name)
        raise
    return made


def _some(stream: Any, size: int) -> Iterator[bytes]:
    """Yield so many bytes of a stream, or as many as come."""
    while size > 0 and (piece := stream.read(min(size, PIECE))):
        size -= len(piece)
        yield piece
