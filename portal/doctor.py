"""What is unsafe in an instance, one line each with what to do."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock, host
from portal.access.reviews import count_overdue
from portal.audit.models import AuditEntry, AuditLink
from portal.cases.worklist import differences
from portal.db import Database
from portal.db.files import FileStore
from portal.db.keys import is_unfinished
from portal.db.sealing import load_key_file
from portal.demo.people import ACCOUNTS
from portal.documents.queries import kept_versions as documents_kept
from portal.errors import OperatorError
from portal.events import waiting
from portal.host import schema
from portal.people import index
from portal.settings import ENOUGH_RECIPIENTS, Mode, Settings
from portal.users.models import User

OLDEST_CHECKPOINT = timedelta(hours=1)
OLDEST_BACKUP = timedelta(days=2)
OLDEST_RESTORE = timedelta(days=100)
CLOCK_BACK = timedelta(minutes=5)
MOST_UNLINKED = 100
SHORTEST_SECRET = 32
FEWEST_LETTERS = 10
OPEN_TO_ALL = ("0.0.0.0", "::", "")  # noqa: S104 - addresses that are looked for, not bound.
TRAIL = ("portal_audit_entry", "portal_audit_link", "portal_audit_reason")


def findings(settings: Settings) -> list[str]:
    """Return what an operator should mend; empty where all is well."""
    found = of_settings(settings)
    host.install(host.load())
    try:
        db = Database(settings.url, load_key_file(settings.key_path))
        schema.require_head(db)
    except OperatorError as error:
        return [*found, str(error.message)]
    return [
        *found,
        *of_files(settings),
        *_of_database(db),
        *of_documents(db, settings),
        *_of_modules(),
    ]


def of_settings(settings: Settings) -> list[str]:
    found = []
    if settings.mode is not Mode.PRODUCTION:
        found.append(f"Mode is {settings.mode.value}: set PORTAL_MODE=production for real people.")
    if len(settings.secret_key) < SHORTEST_SECRET:
        found.append("The secret key is short: set PORTAL_SECRET_KEY to 32 random characters.")
    elif len(set(settings.secret_key)) < FEWEST_LETTERS:
        found.append("The secret key repeats itself: set PORTAL_SECRET_KEY to random characters.")
    if not settings.https:
        found.append("https is off: cookies travel in the clear.")
    if not settings.requires_second_factor:
        found.append("No second factor is required: a password alone opens an account.")
    if settings.weak_hash:
        found.append("weak_hash is on: passwords are hashed for tests only.")
    if len(settings.backup_recipients) < ENOUGH_RECIPIENTS:
        found.append(
            "Fewer than two people can open a backup: name two keepers in backup_recipients."
        )
    return found + _of_network(settings)


def _of_network(settings: Settings) -> list[str]:
    """Tell what would let a stranger choose the name or the address under which one is known."""
    found = []
    if any(name in ("*", "") or name.startswith(".") for name in settings.trusted_hosts):
        found.append("trusted_hosts admits any name: list each name of the portal.")
    elif settings.mode is Mode.PRODUCTION and all(
        name in ("localhost", "127.0.0.1", "[::1]") for name in settings.trusted_hosts
    ):
        found.append("trusted_hosts knows this machine only: list the names of the portal.")
    if settings.host in OPEN_TO_ALL and settings.trusted_proxies:
        found.append(
            "Anybody reaches the portal beside the proxy and may claim any address: "
            "listen on 127.0.0.1 or set trusted_proxies = 0."
        )
    if settings.mode is Mode.PRODUCTION and settings.https and not settings.trusted_proxies:
        found.append(
            "No proxy is trusted: every visitor has its address and is slowed down together. "
            "Set trusted_proxies to how many stand before the portal."
        )
    return found


def of_files(settings: Settings) -> list[str]:
    found = [
        f"Others may read {path}: chmod {mode}."
        for path, mode in (
            (settings.key_path, "600"),
            (settings.data_dir / "keys" / "checkpoint.key", "600"),
            (settings.data_dir, "700"),
            (settings.files_path, "700"),
        )
        if path.exists() and _is_open(path)
    ]
    checkpoints = settings.data_dir / "checkpoints.jsonl"
    if not checkpoints.exists():
        found.append("There is no checkpoint of the trail: run 'portal audit checkpoint'.")
    else:
        written = datetime.fromtimestamp(checkpoints.stat().st_mtime, UTC)
        if clock.now() - written > OLDEST_CHECKPOINT:
            found.append("The last checkpoint is over an hour old: is 'portal worker' running?")
    return found


def of_documents(db: Database, settings: Settings) -> list[str]:
    """Tell whether the files of documents are all there, and whether one can be put there."""
    folder = settings.files_path
    with db.read() as session:
        kept = documents_kept(session)
    present = {name for name, _written in FileStore(folder).names()}
    found = []
    if missing := len(kept - present):
        found.append(
            f"{missing} files of documents are missing in {folder}: bring them back from a backup."
        )
    if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
        found.append(f"No document can be filed: {folder} does not let the portal write.")
    return found


def _is_open(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _of_database(db: Database) -> list[str]:
    with db.read() as session:
        found = [*_of_durability(db, session), *_of_trail(session), *of_clock(session)]
        if is_unfinished(session, db.keys):
            found.append("A rotation of the sealing key is not finished: run 'portal keys rotate'.")
        if count := differences(session):
            found.append(f"{count} rows of the worklist differ from the rule.")
        if count := index.differences(session):
            found.append(f"{count} names differ from their index: run 'portal reindex'.")
        if overdue := count_overdue(session):
            found.append(f"{overdue} reviews of privileges are overdue: look at /admin/reviews.")
        if parked := waiting(session)["parked"]:
            found.append(f"{parked} tasks failed for good: look at the health page.")
        names = [account.username for account in ACCOUNTS]
        shown = session.scalar(
            sa.select(sa.func.count())
            .select_from(User)
            .where(col(User.username).in_(names), col(User.disabled_at).is_(None))
        )
        if (shown or 0) == len(names):
            found.append("The accounts of the demonstration are here; their password is public.")
        return found


def _of_durability(db: Database, session: Session) -> list[str]:
    """Tell whether what is acknowledged survives a power cut, and who may change the trail."""
    if db.is_sqlite:
        level = session.execute(sa.text("PRAGMA synchronous")).scalar_one()
        return [] if level == 2 else ["The database does not synchronise fully."]
    found = [
        f"PostgreSQL runs with {name} off: what was saved may be lost."
        for name in ("fsync", "full_page_writes", "synchronous_commit")
        if session.execute(sa.text(f"SHOW {name}")).scalar_one() == "off"
    ]
    may = "SELECT has_table_privilege(current_user, :table, 'UPDATE, DELETE, TRUNCATE')"
    if any(session.execute(sa.text(may), {"table": table}).scalar_one() for table in TRAIL):
        found.append(
            "The database role of the pages may change the trail: "
            "give it SELECT and INSERT there only (docs/operations.md)."
        )
    return found


def _of_trail(session: Session) -> list[str]:
    found = []
    unlinked = session.scalar(
        sa.select(sa.func.count())
        .select_from(AuditEntry)
        .where(col(AuditEntry.id).not_in(sa.select(col(AuditLink.entry_id))))
    )
    if (unlinked or 0) > MOST_UNLINKED:
        found.append(f"{unlinked} entries of the trail are not linked: run 'portal worker'.")
    made = _last(session, "retention.backup.make")
    if made is None or clock.now() - made > OLDEST_BACKUP:
        found.append("No backup was made in the last two days: run 'portal backup FILE' daily.")
    proved = _last(session, "retention.backup.restore")
    if proved is None or clock.now() - proved > OLDEST_RESTORE:
        found.append("No restore was tried in the last hundred days: a backup is one when it is.")
    return found


def _last(session: Session, action: str) -> datetime | None:
    """Return when something was last done, by the trail."""
    return session.scalar(
        sa.select(col(AuditEntry.at))
        .where(col(AuditEntry.action) == action)
        .order_by(col(AuditEntry.at).desc())
        .limit(1)
    )


def of_clock(session: Session) -> list[str]:
    """Tell whether the clock stands before what the trail has already seen."""
    last = session.scalar(sa.select(sa.func.max(col(AuditEntry.at))))
    if last is None or last - clock.now() <= CLOCK_BACK:
        return []
    known = f"{last:%Y-%m-%d %H:%M}"
    return [f"The clock was put back: the trail knows {known} UTC already. Set it by NTP."]


def _of_modules() -> list[str]:
    return [
        f"The module {slug} is quarantined. {each.reason}"
        for slug, each in host.current().quarantined.items()
    ]
