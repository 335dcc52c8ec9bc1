"""Backups that open with a key that is elsewhere, and restores that prove what they brought back.

A backup holds a consistent snapshot of the database, the files of documents as they lie there
(encrypted), the checkpoints of the trail and the tombstones; never the sealing key. It is a tar
file, encrypted by age to each recipient.
"""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

import portal
from portal import audit, clock
from portal.actor import system_actor
from portal.audit import chain
from portal.audit.models import AuditReason
from portal.db import Database, migrations
from portal.db.files import FileStore
from portal.db.keys import parse_recipients, read_identities
from portal.db.models import ScopeKey
from portal.db.sealing import Keyring, unseal
from portal.documents.queries import every_file
from portal.errors import NotFound, OperatorError, Unavailable
from portal.retention import tombstones
from portal.retention.erasing import erase_again

FORM = 1
SNAPSHOT = {True: "portal.db", False: "portal.dump"}
CHECKPOINTS = "checkpoints.jsonl"
MANIFEST = "manifest.json"
FILES = "files"
ROOM = ".backup-"


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made: where, how large in bytes, for how many, how much is in it."""

    file: str
    size: int
    recipients: int
    rows: int
    files: int
    tombstones: int
    trail: int


def backup(
    db: Database,
    folder: Path,
    target: Path,
    recipients: Sequence[str] | None,
    files: FileStore | None = None,
) -> Made:
    """Write a backup into a file that is not there yet; `recipients` None leaves it in the clear.

    `folder` is the instance's data folder, `files` where its documents lie. The rows are read
    before the files, which are there before their row. Raises OperatorError without a recipient.
    """
    if target.exists():
        raise OperatorError(f"{target} exists already; choose another name.")
    given = None if recipients is None else parse_recipients(recipients)
    signed = chain.checkpoint(db, folder)
    with _room(folder) as room:
        rows = _snapshot(db, room / SNAPSHOT[db.is_sqlite])
        for name in (CHECKPOINTS, tombstones.FILE):
            if (folder / name).exists():
                shutil.copyfile(folder / name, room / name)
        manifest = {
            "form": FORM,
            "made_at": clock.now().isoformat(),
            "version": portal.__version__,
            "is_sqlite": db.is_sqlite,
            "revision": migrations.current(db),
            "rows": rows,
            "files": {path.name: _digest(path) for path in sorted(room.iterdir())},
        }
        (room / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True))
        packed = room / "packed.tar"
        with tarfile.open(packed, "w") as tar:
            for path in sorted(room.iterdir()):
                if path != packed:
                    tar.add(path, arcname=path.name)
            count = _pack_files(tar, files or FileStore(folder / FILES))
        _put(packed, target, given)
    with db.write() as session:
        audit.record(
            session, system_actor(), "retention.backup.make", None, recipients=len(given or ())
        )
    return Made(
        file=str(target),
        size=target.stat().st_size,
        recipients=len(given or ()),
        rows=sum(rows.values()),
        files=count,
        tombstones=len(tombstones.read(folder)),
        trail=signed.size,
    )


def _pack_files(tar: tarfile.TarFile, files: FileStore) -> int:
    """Add the files of documents as they lie there; return how many."""
    count = 0
    for name, _written in files.names():
        try:
            tar.add(files.path(name), arcname=f"{FILES}/{name}")
        except FileNotFoundError:
            # What nobody kept was removed meanwhile.
            continue
        count += 1
    return count


@contextmanager
def _room(folder: Path) -> Iterator[Path]:
    """Give a folder that nobody else reads, on the disk of the data, and take it away again.

    What a kill or a power cut left of an earlier one goes first, and a polite end (SIGTERM) goes
    the way of every other interruption. Raises OperatorError where another one is at work.
    """
    with (folder / ".backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OperatorError("Another backup or restore is running: wait for it.") from error
        for left in folder.glob(f"{ROOM}*"):
            shutil.rmtree(left)
        with _interruptible(), tempfile.TemporaryDirectory(prefix=ROOM, dir=folder) as name:
            yield Path(name)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM interrupt a block instead of ending the process on the spot."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _snapshot(db: Database, target: Path) -> dict[str, int]:
    """Write the database as it stands at one moment; return how many rows each table has there."""
    if db.is_sqlite:
        target.touch(mode=0o600)
        where = str(db.url.database)
        with closing(sqlite3.connect(where)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
        copy = Database(f"sqlite:///{target}")
        with copy.engine.connect() as connection:
            rows = _counts(connection)
        copy.dispose()
        return rows
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        moment = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        options = ("--format=custom", "--no-owner", f"--snapshot={moment}", f"--file={target}")
        _run_client(db, "pg_dump", *options)
        return _counts(connection)


def _run_client(db: Database, program: str, *options: str) -> None:
    """Run a client program of PostgreSQL on the database; the password goes by environment."""
    path = shutil.which(program)
    if path is None:
        raise OperatorError(f"{program} is not here: install the client programs of PostgreSQL.")
    url = db.url.set(drivername="postgresql", password=None)
    environment = {**os.environ, "PGPASSWORD": db.url.password or ""}
    ran = subprocess.run(  # noqa: S603 - the program and its options are ours.
        [path, *options, f"--dbname={url.render_as_string()}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise OperatorError(f"{program} failed: {ran.stderr.strip().splitlines()[-1:]}")


def _counts(connection: sa.Connection) -> dict[str, int]:
    """Return how many rows each table holds, of core and modules alike."""
    names = sa.inspect(connection).get_table_names()
    return {
        name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0
        for name in sorted(names)
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put(packed: Path, target: Path, recipients: list[object] | None) -> None:
    """Put a packed backup in place, encrypted, whole or not at all."""
    ready = packed.with_name("ready")
    if recipients is None:
        packed.rename(ready)
    else:
        from pyrage import encrypt_file

        encrypt_file(str(packed), str(ready), recipients)
    ready.chmod(0o600)
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.move(ready, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a backup brought back: when it was made, its rows, and its last checkpoint."""

    made_at: str
    rows: int
    checkpoint: chain.Checkpoint | None


def bring_back(
    db: Database,
    folder: Path,
    source: Path,
    identity: Path | None,
    files: FileStore | None = None,
) -> Brought:
    """Put a backup into an empty place; `check` then proves it and erases again.

    `identity` is a file with an age identity, None for a backup in the clear. Raises OperatorError
    where a database is there already, or where the backup is not whole.
    """
    _require_empty(db)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _room(folder) as room:
        manifest = _unpack(_open(source, room, identity), room)
        if manifest["is_sqlite"] is not db.is_sqlite:
            raise OperatorError("The backup is of the other kind of database: set database_url.")
        known = migrations.revisions()
        if manifest["revision"] not in known:
            raise OperatorError("The backup is newer than the code: install what wrote it.")
        signed = room / CHECKPOINTS
        checkpoint = chain.read_checkpoint(signed) if signed.exists() else None
        # Before the rows are there, so that no crash leaves them without what was erased since.
        tombstones.append(folder, tombstones.read(room))
        if signed.exists() and not (folder / CHECKPOINTS).exists():
            shutil.copyfile(signed, folder / CHECKPOINTS)
        _place_files(room / FILES, files or FileStore(folder / FILES))
        _place(db, room / SNAPSHOT[db.is_sqlite])
    with db.engine.connect() as connection:
        if _counts(connection) != manifest["rows"]:
            raise OperatorError("The tables do not hold the rows that the backup counted.")
    return Brought(manifest["made_at"], sum(manifest["rows"].values()), checkpoint)


def _place_files(brought: Path, files: FileStore) -> None:
    """Put the files of documents where they lie."""
    if not brought.is_dir():
        return
    for path in brought.iterdir():
        target = files.path(path.name)
        for each in (files.folder, target.parent):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(path, target)
        target.chmod(0o600)


def _require_empty(db: Database) -> None:
    if db.is_sqlite and db.url.database and not Path(db.url.database).exists():
        return
    with db.engine.connect() as connection:
        if not sa.inspect(connection).get_table_names():
            return
    raise OperatorError("There is a database already: restore into an empty place only.")


def _open(source: Path, room: Path, identity: Path | None) -> Path:
    """Return the packed file of a backup, decrypted into a folder."""
    if not source.is_file():
        raise OperatorError(f"{source} is not there.")
    if identity is None:
        return source
    from pyrage import DecryptError, decrypt_file

    packed = room / "packed.tar"
    try:
        decrypt_file(str(source), str(packed), read_identities(identity))
    except (DecryptError, OSError) as error:
        raise OperatorError(f"{source} is cut, bent, or not meant for {identity}.") from error
    return packed


def _unpack(packed: Path, room: Path) -> dict[str, Any]:
    """Unpack a backup and compare each file with its manifest, which is returned."""
    try:
        with tarfile.open(packed) as tar:
            _extract(tar, room)
        manifest: dict[str, Any] = json.loads((room / MANIFEST).read_text())
        whole = manifest["form"] == FORM and all(
            _digest(room / Path(name).name) == digest for name, digest in manifest["files"].items()
        )
    except (tarfile.TarError, OSError, ValueError, KeyError) as error:
        raise OperatorError("This is no backup, or it is encrypted: give --identity.") from error
    if not whole:
        raise OperatorError("The backup is damaged: a file differs from what was written.")
    return manifest


def _extract(tar: tarfile.TarFile, room: Path) -> None:
    """Write the files of an archive into a folder; raises TarError for whatever else it holds.

    Not by `extractall(filter="data")`, which the Python of Debian 12 does not know yet.
    """
    room = room.resolve()
    for member in tar:
        target = (room / member.name).resolve()
        source = tar.extractfile(member) if member.isreg() else None
        if source is None or not target.is_relative_to(room):
            raise tarfile.ExtractError(member.name)
        target.parent.mkdir(exist_ok=True)
        target.touch(mode=0o600, exist_ok=False)
        with target.open("wb") as out:
            shutil.copyfileobj(source, out)


def _place(db: Database, snapshot: Path) -> None:
    if not db.is_sqlite:
        _run_client(db, "pg_restore", "--no-owner", "--exit-on-error", str(snapshot))
        return
    with closing(sqlite3.connect(snapshot)) as opened:
        (found,) = opened.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        raise OperatorError(f"The database of the backup is damaged: {found}.")
    snapshot.chmod(0o600)
    shutil.move(snapshot, str(db.url.database))


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found right in a restored instance."""

    trail: int
    keys: int
    reasons: int
    files: int
    erased_again: int


def check(
    db: Database,
    folder: Path,
    checkpoint: chain.Checkpoint | None,
    files: FileStore | None = None,
) -> Checked:
    """Prove a restored instance and erase again what was erased since its backup.

    The trail is whole and reaches the checkpoint, each scope's key opens under the sealing key, and
    so does each sealed reason; each file of a document opens and has its hash. Raises
    OperatorError, saying what does not. What was erased since is erased again before all that,
    whatever is found then.
    """
    again = erase_again(db, folder)
    if finding := chain.verify(db, checkpoint):
        raise OperatorError(f"The trail is not whole: link {finding.seq}, {finding.what}.")
    keys, reasons = _cells(db)
    count = _files(db, files or FileStore(folder / FILES))
    with db.write() as session:
        audit.record(session, system_actor(), "retention.backup.restore", None, again=again)
    with db.read() as session:
        size, _head = chain.head(session)
    return Checked(size, keys, reasons, count, again)


def _files(db: Database, files: FileStore) -> int:
    """Return how many files of documents open and are what was kept; raises OperatorError else."""
    count, wrong = 0, 0
    with db.read() as session:
        for file in every_file(session):
            digest = hashlib.sha256()
            try:
                for piece in files.read(file.name, file.key):
                    digest.update(piece)
            except NotFound:
                wrong += 1
                continue
            wrong += file.sha256 not in ("", digest.hexdigest())
            count += 1
    if wrong:
        raise OperatorError(f"{wrong} files of documents are missing or damaged.")
    return count


def _cells(db: Database) -> tuple[int, int]:
    """Return how many scopes' keys and sealed reasons open; raises OperatorError else."""
    ring: Keyring = db.keys
    with db.read() as session:
        keys = session.scalars(sa.select(ScopeKey)).all()
        held = {row.scope for row in keys}
        reasons = session.scalars(
            sa.select(AuditReason).where(col(AuditReason.scope).in_(sa.select(col(ScopeKey.scope))))
        ).all()
        try:
            for row in keys:
                ring.unwrap(row)
            for reason in reasons:
                _read(session, reason)
        except (NotFound, Unavailable) as error:
            raise OperatorError(
                "Sealed cells do not open: put the sealing key of that time back, from escrow."
            ) from error
    return len(held), len(reasons)


def _read(session: Session, reason: AuditReason) -> str:
    return unseal(
        session,
        reason.scope,
        "portal_audit_reason",
        "reason_sealed",
        reason.entry_id,
        reason.reason_sealed,
    )
