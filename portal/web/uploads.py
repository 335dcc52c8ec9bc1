"""Files that come with a form: encrypted as they arrive, looked at, kept by the act or removed.

No file stands in the clear on the disk, not even while it arrives. A view that takes files says so
(`web.access.takes_files`) and asks for them before its form acts:

    form = Form(inputs.Evidence)
    content = taken(form, required=False)
    if form.done(lambda given: services.mark_done(writing(), actor(), …, content=content)): …
"""

import hashlib
import io
import logging
from dataclasses import replace
from typing import IO, Any
from uuid import UUID

from flask import Flask, Request, g, request

from portal.db.files import FileStore, Writing, Written
from portal.documents.labels import REFUSED
from portal.documents.queries import get_upload, key_of_upload
from portal.documents.receiving import MOST_BYTES, Content, Refused, check, suffix_of
from portal.documents.services import KEPT, SPENT
from portal.errors import NotFound, Problem
from portal.web.forms import Form
from portal.web.request import actor, portal, session

log = logging.getLogger(__name__)

# A larger file is read to its end and not kept, so that the page can say so beside the field.
MOST_SENT = 64 * 1024 * 1024
UPLOAD = "upload"


class Incoming(io.RawIOBase):
    """A file of a form while it arrives; what goes beyond the largest taken is not kept."""

    def __init__(self, store: FileStore) -> None:
        self.writing, self.size, self.has_room = Writing(store), 0, True

    def writable(self) -> bool:
        """Tell the reader of forms that it may write here."""
        return True

    def write(self, data: Any) -> int:
        """Take some bytes."""
        self.size += len(data)
        if self.size <= MOST_BYTES and self.has_room:
            try:
                self.writing.write(bytes(data))
            except OSError:
                log.exception("a file that was sent could not be written")
                self.has_room = False
        return len(data)

    def seek(self, place: int, _whence: int = 0) -> int:
        """Stay: the file is read from the store, not from here."""
        return place

    def finish(self) -> Written:
        """Return the file as it lies in the store; raises Refused for one too large."""
        if self.size > MOST_BYTES:
            raise Refused("large")
        if not self.has_room:
            raise Refused("room")
        written = self.writing.finish()
        if written.size == 0:
            self.writing.discard()
            raise Refused("empty")
        return written


class PortalRequest(Request):
    """A request whose files touch the disk only encrypted, where its view takes files at all."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Return where the reader of forms puts a file; others are small and stay in memory."""
        if not g.get("takes_files"):
            return io.BytesIO()
        made = Incoming(portal().files)
        g.setdefault("incoming", []).append(made)
        return made  # type: ignore[return-value]


def expect_files() -> None:
    """Let this request be as large as a file; before its form is read."""
    g.takes_files = True
    request.max_content_length = MOST_SENT


def taken(form: Form[Any], name: str = "file", *, required: bool = True) -> Content | None:
    """Return the file that came with a form, looked at; None where there is none.

    Why it is not taken stands beside the field, and the form then does not act.
    """
    if not form.posted or form.added:
        return None
    try:
        return _taken(form, name, required=required)
    except Refused as refused:
        form.refuse(Problem(name, REFUSED[refused.code]))
    except OSError:
        log.exception("a file that was sent could not be kept")
        form.refuse(Problem(name, REFUSED["room"]))
    return None


def _taken(form: Form[Any], name: str, *, required: bool) -> Content | None:
    sent = request.files.get(name)
    store = portal().files
    if sent is not None and sent.filename:
        stream: Any = sent.stream
        suffix = suffix_of(sent.filename)
        return _noted(check(store, stream.finish(), suffix))
    if form.value(UPLOAD):
        return _uploaded(form.value(UPLOAD), store)
    if required:
        raise Refused("choose")
    return None


def _uploaded(number: str, store: FileStore) -> Content:
    """Return what came in pieces before the form did."""
    try:
        upload = get_upload(session(), actor(), UUID(number))
        key = key_of_upload(session(), upload)
        if upload.received != upload.size or not upload.size:
            raise Refused("gone")
        whole = _hashed(store, upload.file, key)
    except (NotFound, ValueError) as error:
        raise Refused("gone") from error
    content = _noted(check(store, whole, upload.suffix), upload.file)
    return replace(content, upload_id=upload.id, spent=upload.file)


def _hashed(store: FileStore, name: str, key: bytes) -> Written:
    size, digest = 0, hashlib.sha256()
    for piece in store.read(name, key):
        size += len(piece)
        digest.update(piece)
    return Written(name, key, size, digest.hexdigest())


def _noted(content: Content, upload: str = "") -> Content:
    """Remember the files that were made, so that none stays which no row keeps."""
    made = {each.name for each in (content.file, content.preview) if each}
    g.setdefault("made_files", set()).update(made - {upload})
    return content


def _clear(_error: BaseException | None) -> None:
    """Remove what came and was not kept, and what an act that stands needs no more."""
    incoming: list[Incoming] = g.pop("incoming", [])
    done: dict[str, Any] = g.pop("committed", {})
    kept = done.get(KEPT, set())
    for each in incoming:
        if each.writing.name not in kept:
            each.writing.discard()
    loose = g.pop("made_files", set()) | done.get(SPENT, set())
    for name in loose - kept:
        try:
            portal().files.remove(name)
        except OSError:
            log.exception("a file could not be removed")


def install(app: Flask) -> None:
    """Take files of an application's forms, and leave none lying."""
    app.request_class = PortalRequest
    app.teardown_request(_clear)
