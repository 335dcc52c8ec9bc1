"""Making the demonstration's instance and serving it."""

import json
import secrets
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from portal import events, host
from portal.app import create_app, register_work
from portal.audit import checkpoint
from portal.db import Database, migrations
from portal.db.sealing import load_key_file, make_key_file
from portal.demo.people import ACCOUNTS, PASSWORD, shown_accounts
from portal.demo.world import build
from portal.host import schema
from portal.settings import Mode, Settings, load_settings

HOST = "127.0.0.1"
KEY_FILE = "secret.key"
ACCOUNTS_FILE = "demo-accounts.json"
DONE = "demo-ready"


def run(*, port: int, reset: bool, prepare_only: bool = False) -> int:
    """Make what is missing, then serve on 127.0.0.1; the data of an earlier run are kept."""
    from portal.server import require_free, serve

    if not prepare_only:
        require_free(HOST, port)
    chosen = prepare(port=port, reset=reset)
    if prepare_only:
        return 0
    tell(chosen)
    return serve(chosen)


def prepare(*, port: int = 8000, reset: bool = False) -> Settings:
    """Return the settings of a demonstration whose data are there, making them once."""
    folder = load_settings(mode=Mode.DEMO).data_dir
    if reset and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    chosen = load_settings(
        mode=Mode.DEMO, host=HOST, port=port, secret_key=_secret(folder), https=False
    )
    if (folder / DONE).exists():
        _renew(chosen)
    else:
        _make(chosen)
        _catch_up(chosen)
        (folder / DONE).touch()
    return chosen


def _renew(chosen: Settings) -> None:
    """Bring the tables of an earlier run up to date with the code."""
    db = Database(chosen.url, load_key_file(chosen.key_path))
    host.install(host.load(strict=True))
    schema.upgrade(db)
    db.dispose()


def _secret(folder: Path) -> str:
    path = folder / KEY_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text()


def _make(chosen: Settings) -> None:
    """Build database and data anew; a first try that was cut off leaves nothing behind."""
    for left in chosen.data_dir.glob("portal.db*"):
        left.unlink()
    if not chosen.key_path.exists():
        make_key_file(chosen.key_path)
    db = Database(chosen.url, load_key_file(chosen.key_path))
    migrations.upgrade(db)
    host.install(host.load(strict=True))
    register_work()
    build(db, chosen)
    accounts = [asdict(account) for account in shown_accounts()]
    (chosen.data_dir / ACCOUNTS_FILE).write_text(json.dumps(accounts, ensure_ascii=False))
    db.dispose()


def _catch_up(chosen: Settings) -> None:
    """Do what the data ask of the worker, so that whoever looks first finds it done."""
    app = create_app(chosen)
    db = app.extensions["portal"].db
    with app.app_context():
        events.settle(db)
    checkpoint(db, chosen.data_dir)
    db.dispose()


def tell(chosen: Settings) -> None:
    """Print the address and the accounts."""
    lines = [
        "",
        f"  Articula, demonstration of Tarapoto: http://{chosen.host}:{chosen.port}",
        f"  Password of every account: {PASSWORD}",
        "",
        *(f"    {account.username:<14} {account.title}" for account in ACCOUNTS),
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
