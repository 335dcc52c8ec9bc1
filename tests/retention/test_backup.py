"""Backups open with a key that is elsewhere; a restore proves itself and erases again."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from pyrage import x25519

from portal import audit, clock
from portal.actor import Role
from portal.cases.models import Case
from portal.db import Database
from portal.db.sealing import Keyring
from portal.errors import OperatorError
from portal.people.models import Person
from portal.retention import tombstones
from portal.retention.backup import Made, backup, bring_back, check
from portal.retention.erasing import hash_code
from portal.retention.models import Tombstone
from tests.factories.agencies import make_actor
from tests.retention.conftest import NAMES, PERSONAL, Story
from tests.retention.test_erasing import approved, dump, work

pytestmark = pytest.mark.slow

KEEPERS = [x25519.Identity.generate() for _each in range(2)]
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
def empty(tmp_path: Path, keys: Keyring) -> Iterator[Database]:
    """Return where a database may be restored: nothing is there yet."""
    (tmp_path / "new").mkdir()
    made = Database(f"sqlite:///{tmp_path / 'new' / 'portal.db'}", keys)
    yield made
    made.dispose()


def test_what_comes_back_is_what_was_kept(
    story: Story, kept: tuple[Path, Made], empty: Database, identity: Path, db: Database
) -> None:
    target, made = kept
    assert (made.recipients, made.tombstones) == (2, 0)
    assert target.stat().st_mode & 0o077 == 0
    content = target.read_bytes()
    assert content.startswith(b"age-encryption.org")
    assert not [said for said in PERSONAL if said.encode() in content]
    new = Path(str(empty.url.database)).parent
    brought = bring_back(empty, new, target, identity)
    found = check(empty, new, brought.checkpoint)
    assert brought.rows == made.rows
    assert (found.erased_again, found.keys, found.reasons) == (0, 3, 2)
    with empty.read() as session:
        assert session.get_one(Case, story.case_id).code == story.code
    assert (new / "checkpoints.jsonl").exists()
    assert not list(new.glob(".backup-*"))
    assert not (new / "keys").exists()


def test_a_restored_backup_erases_again(
    story: Story,
    kept: tuple[Path, Made],
    empty: Database,
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
    new = Path(str(empty.url.database)).parent
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
    new = Path(str(empty.url.database)).parent
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
    kept: tuple[Path, Made], empty: Database, identity: Path, tmp_path: Path
) -> None:
    target, _made = kept
    new = Path(str(empty.url.database)).parent
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
        assert not Path(str(empty.url.database)).exists()


def test_another_sealing_key_and_a_bent_trail_are_found(
    kept: tuple[Path, Made], empty: Database, identity: Path
) -> None:
    new = Path(str(empty.url.database)).parent
    brought = bring_back(empty, new, kept[0], identity)
    ring, empty.keys = empty.keys, Keyring("other", {"other": b"k" * 32})
    with pytest.raises(OperatorError, match="from escrow"):
        check(empty, new, brought.checkpoint)
    empty.keys = ring
    empty.dispose()
    with closing(sqlite3.connect(str(empty.url.database))) as raw, raw:
        raw.execute("DROP TRIGGER portal_audit_entry_no_update")
        raw.execute("UPDATE portal_audit_entry SET action = 'x' WHERE action = 'cases.case.open'")
    with pytest.raises(OperatorError, match="not whole"):
        check(empty, new, brought.checkpoint)


def test_it_is_not_made_without_somebody_to_open_it(
    story: Story, db: Database, folder: Path, tmp_path: Path, empty: Database
) -> None:
    target = tmp_path / "plain.tar"
    with pytest.raises(OperatorError, match="backup_recipients"):
        backup(db, folder, target, [])
    assert not target.exists()
    backup(db, folder, target, None)
    with pytest.raises(OperatorError, match="exists already"):
        backup(db, folder, target, None)
    new = Path(str(empty.url.database)).parent
    assert bring_back(empty, new, target, None).rows > 0
    assert story


def test_it_is_one_moment_while_others_write(
    story: Story, db: Database, folder: Path, tmp_path: Path, empty: Database
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
    new = Path(str(empty.url.database)).parent
    brought = bring_back(empty, new, tmp_path / "busy.tar", None)
    assert brought.rows == made.rows
    check(empty, new, brought.checkpoint)
