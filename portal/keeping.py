"""The commands that keep an instance: `portal keys …`, `portal backup`, `portal restore`."""

import argparse
import json
from pathlib import Path
from typing import Any

from portal.cli import add, complain, database, group, say, settings, vars_of


def add_commands(commands: Any) -> None:
    """Add the commands and their options."""
    keys = group(commands, "keys", "sealing keys")
    add(keys, "make", run_make_keys, "make the master key of sealed cells")
    rotate = add(keys, "rotate", run_rotate, "make a new master key current, while the portal runs")
    rotate.add_argument("--json", action="store_true")
    escrow = add(keys, "escrow", run_escrow, "encrypt the master key for those who keep it")
    escrow.add_argument("--to", action="append", default=[], help="age public key; may be repeated")
    escrow.add_argument("--out", default="escrow", help="folder of the envelopes")
    escrow.add_argument("--check", default="", help="an envelope to compare with the key instead")
    escrow.add_argument("--identity", default="", help="file of the age identity that opens it")
    escrow.add_argument("--json", action="store_true")

    keep = add(commands, "backup", run_backup, "write an encrypted backup, while the portal runs")
    keep.add_argument("file")
    keep.add_argument("--to", action="append", default=[], help="age public key; may be repeated")
    keep.add_argument("--plain", action="store_true", help="leave it in the clear, for tests only")
    keep.add_argument("--json", action="store_true")

    bring = add(commands, "restore", run_restore, "bring a backup into an empty place and prove it")
    bring.add_argument("file")
    bring.add_argument("--identity", default="", help="file of an age identity that opens it")
    bring.add_argument("--json", action="store_true")


def run_make_keys(_given: argparse.Namespace) -> int:
    """Make the master key."""
    from portal.db.sealing import make_key_file

    path = settings().key_path
    make_key_file(path)
    say(f"Sealing key made: {path}. Keep a copy elsewhere.")
    return 0


def run_rotate(given: argparse.Namespace) -> int:
    """Rotate the master key."""
    from portal.db.keys import rotate

    chosen = settings()
    done = rotate(database(chosen), chosen.key_path)
    if given.json:
        say(json.dumps(vars_of(done)))
        return 0
    say(f"The sealing key {done.current} is current; {done.wrapped} keys were wrapped under it.")
    if done.removed:
        gone = ", ".join(done.removed)
        say(f"Removed: {gone}. Backups made before open with it only: keep its escrow with them.")
    say("Run 'portal keys escrow' now: the copies that are elsewhere are of the old key.")
    return 0


def run_escrow(given: argparse.Namespace) -> int:
    """Write the master key into envelopes, or compare one with it."""
    from portal.db import keys
    from portal.errors import OperatorError

    chosen = settings()
    present = keys.check_value(chosen.key_path.read_text())
    if given.check:
        if not given.identity:
            raise OperatorError("Give the file of the age identity that opens it: --identity FILE.")
        text = keys.open_envelope(Path(given.check), Path(given.identity))
        is_same = keys.check_value(text) == present
        if given.json:
            say(json.dumps({"same": is_same, "check": present}))
        elif is_same:
            say(f"The envelope holds the present key: {present}.")
        else:
            complain(f"The envelope holds another key than the present one ({present}).")
        return 0 if is_same else 1
    recipients = given.to or chosen.backup_recipients
    made = keys.escrow(chosen.key_path, recipients, Path(given.out))
    if given.json:
        files = [str(each.path) for each in made]
        say(json.dumps({"check": present, "files": files}))
        return 0
    for each in made:
        say(f"{each.path} opens with the private key of {each.recipient}.")
    say(f"Check value: {present}. Print each envelope, and keep them apart and off this server.")
    return 0


def run_backup(given: argparse.Namespace) -> int:
    """Write a backup."""
    from portal.db.files import FileStore
    from portal.retention.backup import backup
    from portal.settings import ENOUGH_RECIPIENTS

    chosen = settings()
    recipients = None if given.plain else given.to or chosen.backup_recipients
    files = FileStore(chosen.files_path)
    made = backup(database(chosen), chosen.data_dir, Path(given.file), recipients, files)
    if given.json:
        say(json.dumps(vars_of(made)))
        return 0
    say(
        f"{made.file}: {made.rows} rows, {made.files} files, {made.trail} entries of the trail, "
        f"{made.tombstones} tombstones, {made.size} bytes."
    )
    if given.plain:
        say("It is in the clear: whoever has it reads all that is not sealed.")
    elif made.recipients < ENOUGH_RECIPIENTS:
        say("One person alone can open it: name a second recipient.")
    return 0


def run_restore(given: argparse.Namespace) -> int:
    """Bring a backup back, prove it, and erase again what was erased since."""
    from portal.app import create_app
    from portal.db import Database
    from portal.db.files import FileStore
    from portal.db.sealing import load_key_file
    from portal.host import schema
    from portal.retention import backup

    chosen = settings()
    empty = Database(chosen.url, load_key_file(chosen.key_path))
    identity = Path(given.identity) if given.identity else None
    files = FileStore(chosen.files_path)
    brought = backup.bring_back(empty, chosen.data_dir, Path(given.file), identity, files)
    empty.dispose()
    app = create_app(chosen)
    db = app.extensions["portal"].db
    schema.upgrade(db)
    with app.app_context():
        found = backup.check(db, chosen.data_dir, brought.checkpoint, files)
    if given.json:
        say(json.dumps({"made_at": brought.made_at, "rows": brought.rows, **vars_of(found)}))
        return 0
    say(f"The backup of {brought.made_at} is back: {brought.rows} rows.")
    say(f"The trail is whole: {found.trail} entries.")
    say(f"Sealed cells open: {found.keys} keys and {found.reasons} reasons were tried.")
    say(f"Documents are whole: {found.files} files were opened and compared with their hash.")
    say(f"Erased again: {found.erased_again} records that were erased after the backup was made.")
    return 0
