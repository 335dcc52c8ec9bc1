"""Histories of cases: asked for with a reason, made by the worker, fetched once by who asked."""

import json
import logging
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import flask_babel
import sqlalchemy as sa
from flask import current_app
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.audit.models import AuditLink
from portal.cases.models import Case
from portal.cases.queries import access_to_act, get_case, must_act
from portal.copies import setting
from portal.copies.gathering import Attached, Gathered, history
from portal.copies.inputs import AskHistory
from portal.copies.makers import maker_of
from portal.copies.models import HistoryFile, HistoryKind, HistoryState
from portal.db import beside
from portal.db.files import FileStore, Writing, Written
from portal.db.sealing import seal, unseal
from portal.documents.services import SPENT
from portal.errors import Conflict, Invalid, NotFound, PortalError, Problem, TooMany
from portal.privacy.rules import new_reference
from portal.texts import _l

log = logging.getLogger(__name__)

TABLE = "portal_history"
JOB = "copies.make_history"
DAY = timedelta(days=1)
TRY_AGAIN = timedelta(seconds=1)
MEGABYTE = 1024 * 1024


class Unmade(Exception):
    """A history cannot be made; `code` says why, in `labels.PROBLEM` in words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ask_history(
    session: Session, actor: Actor, code: str, given: AskHistory, *, per_day: int
) -> HistoryFile:
    """Ask for the history of a case, with a reason; the worker makes it.

    Its entry in the trail is linked in the chain before anything is made (SECURITY 5.9). Raises
    Forbidden where the case is open for reading only, Invalid for files without the names that they
    hold, TooMany where the person made so many within a day.
    """
    case = get_case(session, actor, code)
    if actor.user_id is None or actor.agency_id is None:
        raise NotFound
    must_act(access_to_act(session, actor, case))
    if given.kind is HistoryKind.ZIP and not given.with_names:
        words = _l("The files hold names as they came: mark “With full names”, or ask for the PDF.")
        raise Invalid(Problem("kind", words))
    _check_day(session, actor.user_id, per_day)
    number = new_reference("H")
    entry = audit.record(
        session,
        actor,
        "copies.history.make",
        case.id,
        case=case.id,
        reason=given.reason,
        number=number,
        purpose=given.purpose.value,
        form=given.kind.value,
        names=int(given.with_names),
        sealed=int(given.with_restricted),
    )
    made = HistoryFile(
        number=number,
        case_id=case.id,
        owner_id=actor.user_id,
        agency_id=actor.agency_id,
        kind=given.kind,
        purpose=given.purpose,
        reason_sealed=b"",
        with_names=given.with_names,
        with_restricted=given.with_restricted,
        entry_id=entry.id,
        made_at=clock.now(),
    )
    made.reason_sealed = seal(session, case.id, TABLE, "reason_sealed", made.id, given.reason)
    session.add(made)
    session.flush()
    events.add_job(session, JOB, {"history": str(made.id)})
    return made


def _check_day(session: Session, user_id: UUID, per_day: int) -> None:
    """Raise TooMany where the person has asked for so many within 24 hours."""
    made = session.scalar(
        sa.select(sa.func.count()).where(
            col(HistoryFile.owner_id) == user_id, col(HistoryFile.made_at) > clock.now() - DAY
        )
    )
    if (made or 0) >= per_day:
        raise TooMany(
            _l("You have made as many copies as one may in a day. A colleague can make this one.")
        )


def reason_of(session: Session, made: HistoryFile) -> str:
    """Return why a history was asked for."""
    cell = made.reason_sealed
    return unseal(session, made.case_id, TABLE, "reason_sealed", made.id, cell)


def make_history(session: Session, payload: dict[str, Any]) -> None:
    """Make a history that waits, once its entry is linked; the work of the job.

    Read, drawn and written to the store on a session beside, so that nobody waits for the writer
    meanwhile; what was read is in the trail before the file is anybody's.
    """
    parts = current_app.extensions["portal"]
    own, problem, file = UUID(payload["history"]), "", None
    with beside(session) as reading:
        made = reading.get(HistoryFile, own)
        if made is None or made.state is not HistoryState.WAITING:
            return
        linked = reading.scalar(
            sa.select(sa.exists().where(col(AuditLink.entry_id) == made.entry_id))
        )
        if linked:
            try:
                file = _made(reading, made, parts.files)
            except Unmade as unmade:
                problem = unmade.code
            except PortalError:
                problem = "access"
            except sa.exc.SQLAlchemyError:
                raise
            except Exception as error:
                # What nobody foresaw is told too: it is not tried again and again.
                log.error("a history could not be made: %s", type(error).__name__)  # noqa: TRY400
                problem = "broken"
            audit.write_reads(parts.db, reading)
    if not linked:
        events.add_job(session, JOB, payload, due_at=clock.now() + TRY_AGAIN)
        return
    made = session.get_one(HistoryFile, own)
    if file is None:
        made.state, made.problem = HistoryState.FAILED, problem
        return
    made.file, made.size, made.sha256 = file.name, file.size, file.sha256
    made.key_sealed = seal(session, made.id, TABLE, "key_sealed", made.id, file.key.hex())
    made.state, made.ready_at = HistoryState.READY, clock.now()


def _made(session: Session, made: HistoryFile, store: FileStore) -> Written:
    """Write a history into the store, in Spanish: it is for people of this country."""
    from portal.copies import sheets

    actor = maker_of(session, made.owner_id, made.agency_id)
    with flask_babel.force_locale("es"):
        found = history(session, actor, made.case_id, with_sealed=made.with_restricted)
        mark = sheets.mark_of(made, actor, reason_of(session, made))
        data = sheets.marked(found, mark, with_names=made.with_names)
        if made.kind is HistoryKind.PDF:
            drawn = sheets.draw(data, mark)
            return store.write(iter([drawn]))
        if sum(each.lying.size for each in found.files) > setting("copy_mb", 100) * MEGABYTE:
            raise Unmade("large")
        inside = {
            "LEEME.txt": sheets.readme(data, mark).encode(),
            "history.json": json.dumps(data, ensure_ascii=False, indent=1).encode(),
            "history.pdf": sheets.draw(data, mark),
        }
    return _zipped(store, inside, found)


class _Place:
    """A file of the store as a ZIP is written into it: forwards only."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing

    def write(self, data: bytes) -> int:
        """Take some bytes."""
        return self._writing.write(data)

    def flush(self) -> None:
        """Wait for the end: the store brings whole pieces to the disk."""

    def close(self) -> None:
        """Wait for the end."""


def _zipped(store: FileStore, inside: dict[str, bytes], found: Gathered) -> Written:
    """Return a ZIP that was written piece by piece; nothing stays of one that breaks off."""
    writing = store.begin()
    try:
        with zipfile.ZipFile(_Place(writing), "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in inside.items():
                archive.writestr(name, content)
            for each in found.files:
                _add(archive, store, each)
    except NotFound as error:
        writing.discard()
        raise Unmade("missing") from error
    except BaseException:
        writing.discard()
        raise
    return writing.finish()


def _add(archive: zipfile.ZipFile, store: FileStore, each: Attached) -> None:
    """Put a file into a ZIP as it lies; it is packed already."""
    entry = zipfile.ZipInfo(f"files/{each.name}", clock.local(clock.now()).timetuple()[:6])
    with archive.open(entry, "w") as place:
        for piece in store.read(each.lying.name, each.lying.key):
            place.write(piece)


def get_history(session: Session, actor: Actor, history_id: UUID) -> HistoryFile:
    """Return a history to who asked for it, acting for the same institution; raises NotFound."""
    made = session.scalar(
        sa.select(HistoryFile).where(col(HistoryFile.id) == history_id, own_histories(actor))
    )
    if made is None:
        raise NotFound
    return made


def own_histories(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition under which `HistoryFile` rows are visible: to who asked, for whom.

    A staff session asks for none and sees none.
    """
    if actor.is_system:
        return sa.true()
    if actor.staff_session_id is not None:
        return sa.false()
    return sa.and_(
        col(HistoryFile.owner_id) == actor.user_id, col(HistoryFile.agency_id) == actor.agency_id
    )


def kept_for() -> timedelta:
    """Return how long a history that is ready stays here: a setting of the instance."""
    return timedelta(minutes=setting("copy_minutes", 15))


def ends_at(made: HistoryFile) -> datetime | None:
    """Return until when a history that is ready stays here."""
    return made.ready_at + kept_for() if made.ready_at else None


def fetch_history(
    session: Session, actor: Actor, history_id: UUID, store: FileStore
) -> tuple[HistoryFile, Iterator[bytes]]:
    """Return the file to who asked for it, piece by piece; it is gone from here afterwards.

    Raises Conflict where it is gone or has run out, NotFound where the case is no longer visible.
    """
    made = get_history(session, actor, history_id)
    get_case(session, actor, made.case_id)
    until = ends_at(made)
    if made.state is not HistoryState.READY or until is None or clock.now() > until:
        raise Conflict(_l("This history is not here, or no longer. Ask for it again."))
    key = unseal(session, made.id, TABLE, "key_sealed", made.id, made.key_sealed or b"")
    # The file is open from here on: what leaves the folder now is still read to its end.
    pieces = store.read(made.file, bytes.fromhex(key))
    session.info.setdefault(SPENT, set()).add(made.file)
    _forget(made)
    session.flush()
    audit.record(
        session,
        actor,
        "copies.history.fetch",
        made.case_id,
        case=made.case_id,
        number=made.number,
        size=made.size,
    )
    return made, pieces


def _forget(made: HistoryFile) -> None:
    made.state, made.gone_at, made.file, made.key_sealed = HistoryState.GONE, clock.now(), "", None


def expire_histories(session: Session, store: FileStore | None) -> int:
    """Let go of what nobody fetched in time; returns how many. Without its key no file opens."""
    old = session.scalars(
        sa.select(HistoryFile).where(
            col(HistoryFile.state) == HistoryState.READY,
            col(HistoryFile.ready_at) < clock.now() - kept_for(),
        )
    ).all()
    for made in old:
        if store is not None:
            with suppress(OSError):
                store.remove(made.file)
        _forget(made)
    session.flush()
    return len(old)


def case_of(session: Session, made: HistoryFile) -> Case:
    """Return the case of a history that its owner reads."""
    return session.get_one(Case, made.case_id)
