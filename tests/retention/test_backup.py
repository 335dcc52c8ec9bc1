"""Backups open with a key that is elsewhere; a restore proves itself and erases again."""

import os
import shutil
import signal
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from pyrage import x25519
from sqlmodel import col

from portal import audit, clock
from portal.actor import Role
from portal.audit.models import AuditEntry
from portal.cases.models import Case
from portal.db import Database, new_id
from portal.db.files import FileStore
from portal.db.sealing import Keyring
from portal.documents.models import Format
from portal.documents.receiving import Content
from portal.documents.services import attach
from portal.errors import OperatorError
from portal.people.models import Person
from portal.retention import tombstones
from portal.retention.backup import Made, _room, backup, bring_back, check
from portal.retention.erasing import hash_code
from portal.retention.models import Tombstone
from tests.factories.agencies import make_actor
from tests.postgresql import ON_BOTH, Server
from tests.retention.conftest import NAMES, PERSONAL, Story
from tests.retention.test_erasing import approved, dump, work

pytestmark = [pytest.mark.slow, ON_BOTH]

KEEPERS = [x25519.Identity.generate() for _each in range(2)]
SCANNED = b"Lo que dice el oficio escaneado"
TO = [str(keeper.to_public()) for keeper in KEEPERS]


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """Return the file of the second keeper's private key."""
    path = tmp_path / "identity.txt"
    path.write_text(f"# second keeper\n{KEEPERS[1]}\n")
    return path


@pytest.fixture
def folder(app: Flask) -> Path:
    """Return the data folder of the instance."""
    return Path(app.extensions["portal"].settings.data_dir)


@pytest.fixture
def kept(story: Story, db: Database, folder: Path, tmp_path: Path) -> tuple[Path, Made]:
    """Return a backup of the instance with its case."""
    with db.write() as session:
        audit.record(
            session,
            story.lead,
            "cases.case.edit",
            story.case_id,
            case=story.case_id,
            reason="Pedido",
        )
        # Under a key of its own, which no erasure of the case destroys.
        audit.record(session, story.lead, "users.user.look", story.lead.user_id, reason="Otro")
    target = tmp_path / "night.age"
    return target, backup(db, folder, target, TO)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Return the data folder of another machine: nothing is there yet."""
    made = tmp_path / "new"
    made.mkdir()
    return made


@pytest.fixture
def empty(
    engine: str, new: Path, keys: Keyring, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """Return where a database may be restored: nothing is there yet."""
    if engine == "postgresql":
        server: Server = request.getfixturevalue("server")
        with server.database(keys, empty=True) as made:
            yield made
        return
    made = Database(f"sqlite:///{new / 'portal.db'}", keys)
    yield made
    made.dispose()


@pytest.fixture(autouse=True)
def clients(engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PostgreSQL's own client programs, of the server's release, be found first."""
    if engine == "postgresql":
        server: Server = request.getfixturevalue("server")
        monkeypatch.setenv("PATH", str(server.programs), prepend=os.pathsep)


def test_what_comes_back_is_what_was_kept(
    story: Story, kept: tuple[Path, Made], empty: Database, new: Path, identity: Path, db: Database
) -> None:
    target, made = kept
    assert (made.recipients, made.tombstones) == (2, 0)
    assert target.stat().st_mode & 0o077 == 0
    content = target.read_bytes()
    assert content.startswith(b"age-encryption.org")
    assert not [said for said in PERSONAL if said.encode() in content]
    brought = bring_back(empty, new, target, identity)
    found = check(empty, new, brought.checkpoint)
    assert brought.rows == made.rows
    assert (found.erased_again, found.keys, found.reasons) == (0, 3, 2)
    with empty.read() as session:
        assert session.get_one(Case, story.case_id).code == story.code
    assert (new / "checkpoints.jsonl").exists()
    assert not list(new.glob(".backup-*"))
    assert not (new / "keys").exists()


def test_the_files_of_documents_come_back_whole_or_it_is_said(
    story: Story, empty: Database, new: Path, db: Database, folder: Path, tmp_path: Path
) -> None:
    """The files are elsewhere than usual, so that those of other tests stay out of this one."""
    files, others = FileStore(tmp_path / "files"), FileStore(new / "elsewhere")
    content = Content(Format.PDF, files.write([b"%PDF-1.7 ", SCANNED]), "0" * 64)
    with db.write() as session:
        attach(
            session,
            story.lead,
            content,
            piece="entry",
            piece_id=new_id(),
            case_id=story.case_id,
            title="Oficio",
        )
    target = tmp_path / "night.tar"
    made = backup(db, folder, target, None, files)
    assert made.files == 1
    assert SCANNED not in target.read_bytes()
    brought = bring_back(empty, new, target, None, others)
    assert check(empty, new, brought.checkpoint, others).files == 1
    place = others.path(content.file.name)
    assert place.stat().st_mode & 0o077 == 0
    place.write_bytes(place.read_bytes()[:-1])
    with pytest.raises(OperatorError, match="1 files of documents"):
        check(empty, new, brought.checkpoint, others)


def test_a_restored_backup_erases_again(
    story: Story,
    kept: tuple[Path, Made],
    empty: Database,
    new: Path,
    identity: Path,
    db: Database,
    app: Flask,
    folder: Path,
) -> None:
    """The file of tombstones is what the new place was given besides the backup."""
    with db.write() as session:
        officer = make_actor(session, story.upe, Role.PRIVACY_OFFICER)
        platform = make_actor(session, None, Role.PLATFORM_ADMIN)
    approved(story, officer, platform)
    work(app, db)
    assert not [said for said in PERSONAL if said in dump(db)]
    shutil.copyfile(folder / tombstones.FILE, new / tombstones.FILE)
    brought = bring_back(empty, new, kept[0], identity)
    with empty.read() as session:
        assert session.get_one(Person, story.children[0]).given_names == NAMES[0]
    # Also where the sealing key is not the one of that time.
    ring, empty.keys = empty.keys, Keyring("other", {"other": b"k" * 32})
    with pytest.raises(OperatorError, match="from escrow"):
        check(empty, new, brought.checkpoint)
    empty.keys = ring
    assert not [said for said in PERSONAL if said in dump(empty)]
    assert check(empty, new, brought.checkpoint).erased_again == 0
    with empty.read() as session:
        stone = session.scalars(sa.select(Tombstone)).one()
        assert stone.code_hash == hash_code(stone.salt, story.code)


def test_a_later_backup_brings_its_tombstones_along(
    story: Story,
    kept: tuple[Path, Made],
    empty: Database,
    new: Path,
    identity: Path,
    db: Database,
    app: Flask,
    folder: Path,
    tmp_path: Path,
) -> None:
    with db.write() as session:
        officer = make_actor(session, story.upe, Role.PRIVACY_OFFICER)
        platform = make_actor(session, None, Role.PLATFORM_ADMIN)
    approved(story, officer, platform)
    work(app, db)
    later = tmp_path / "later.age"
    assert backup(db, folder, later, TO).tombstones == 1
    brought = bring_back(empty, new, later, identity)
    assert check(empty, new, brought.checkpoint).erased_again == 0
    assert len(tombstones.read(new)) == 1
    assert not [said for said in PERSONAL if said in dump(empty)]


def test_it_is_restored_into_an_empty_place_only(
    kept: tuple[Path, Made], identity: Path, db: Database, folder: Path
) -> None:
    with pytest.raises(OperatorError, match="empty place"):
        bring_back(db, folder, kept[0], identity)


def test_what_is_not_whole_or_not_ours_is_refused_in_one_line(
    kept: tuple[Path, Made], empty: Database, new: Path, identity: Path, tmp_path: Path
) -> None:
    target, _made = kept
    stranger = tmp_path / "stranger.txt"
    stranger.write_text(str(x25519.Identity.generate()))
    cut = tmp_path / "cut.age"
    cut.write_bytes(target.read_bytes()[:-200])
    bent = bytearray(target.read_bytes())
    bent[len(bent) // 2] ^= 1
    (tmp_path / "bent.age").write_bytes(bent)
    for source, key in (
        (target, stranger),
        (target, None),
        (cut, identity),
        (tmp_path / "bent.age", identity),
        (tmp_path / "absent.age", identity),
        (identity, None),
    ):
        with pytest.raises(OperatorError) as refused:
            bring_back(empty, new, source, key)
        assert "\n" not in str(refused.value)
        if empty.is_sqlite:
            assert not Path(str(empty.url.database)).exists()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../out", tarfile.REGTYPE), ("link", tarfile.SYMTYPE), ("../out", tarfile.LNKTYPE)],
)
def test_what_no_backup_holds_is_written_nowhere(
    tmp_path: Path, new: Path, empty: Database, name: str, kind: bytes
) -> None:
    archive = tmp_path / "night.tar"
    with tarfile.open(archive, "w") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/hostname"
        tar.addfile(member)
    with pytest.raises(OperatorError, match="no backup"):
        bring_back(empty, new, archive, None)
    assert not list(new.glob("**/out"))


def test_another_sealing_key_and_a_bent_trail_are_found(
    kept: tuple[Path, Made], empty: Database, new: Path, identity: Path
) -> None:
    brought = bring_back(empty, new, kept[0], identity)
    ring, empty.keys = empty.keys, Keyring("other", {"other": b"k" * 32})
    with pytest.raises(OperatorError, match="from escrow"):
        check(empty, new, brought.checkpoint)
    empty.keys = ring
    with empty.writer.begin() as raw:
        raw.exec_driver_sql(
            "DROP TRIGGER portal_audit_entry_no_update"
            if empty.is_sqlite
            else "DROP TRIGGER portal_audit_entry_append_only ON portal_audit_entry"
        )
        raw.exec_driver_sql(
            "UPDATE portal_audit_entry SET action = 'x' WHERE action = 'cases.case.open'"
        )
    with pytest.raises(OperatorError, match="not whole"):
        check(empty, new, brought.checkpoint)


def test_it_is_not_made_without_somebody_to_open_it(
    story: Story, db: Database, folder: Path, tmp_path: Path, empty: Database, new: Path
) -> None:
    target = tmp_path / "plain.tar"
    with pytest.raises(OperatorError, match="backup_recipients"):
        backup(db, folder, target, [])
    assert not target.exists()
    backup(db, folder, target, None)
    with pytest.raises(OperatorError, match="exists already"):
        backup(db, folder, target, None)
    assert bring_back(empty, new, target, None).rows > 0
    assert story


def test_it_is_one_moment_while_others_write(
    story: Story, db: Database, folder: Path, tmp_path: Path, empty: Database, new: Path
) -> None:
    """Each act writes a case's note and its trail together: a copy must hold both or neither."""
    import threading

    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with db.write() as session:
                case = session.get_one(Case, story.case_id)
                case.summary = f"{case.summary[:20]}{clock.now().isoformat()}"

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = backup(db, folder, tmp_path / "busy.tar", None)
    finally:
        stop.set()
        writer.join()
    brought = bring_back(empty, new, tmp_path / "busy.tar", None)
    assert brought.rows == made.rows
    check(empty, new, brought.checkpoint)


def test_what_a_kill_left_goes_with_the_next_one_and_two_never_run_at_once(
    story: Story, db: Database, folder: Path, tmp_path: Path
) -> None:
    left = folder / ".backup-killed"
    left.mkdir()
    (left / "portal.db").write_text("a whole database")
    with _room(folder), pytest.raises(OperatorError, match="Another"):
        backup(db, folder, tmp_path / "second.tar", None)
    assert not left.exists()
    assert story


def test_a_polite_end_leaves_nothing_behind(app: Flask, folder: Path) -> None:
    with pytest.raises(SystemExit), _room(folder):
        os.kill(os.getpid(), signal.SIGTERM)
    assert not list(folder.glob(".backup-*"))
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert app


def test_one_that_failed_is_not_taken_for_made(
    story: Story, db: Database, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="absent"):
        backup(db, folder, tmp_path / "absent" / "night.age", TO)
    with db.read() as session:
        made = col(AuditEntry.action) == "retention.backup.make"
        assert session.scalars(sa.select(AuditEntry).where(made)).all() == []
    assert story
