"""What is unsafe in an instance, one line each with what to do."""

import stat
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from portal import host
from portal.audit.models import AuditEntry, AuditLink
from portal.cases.worklist import differences
from portal.db import Database
from portal.db.sealing import load_key_file
from portal.errors import OperatorError
from portal.events import waiting
from portal.host import schema
from portal.settings import Mode, Settings

OLDEST_CHECKPOINT = timedelta(hours=1)
MOST_UNLINKED = 100


def findings(settings: Settings) -> list[str]:
    """Return what an operator should mend; empty where all is well."""
    found = _of_settings(settings)
    host.install(host.load())
    try:
        db = Database(settings.url, load_key_file(settings.key_path))
        schema.require_head(db)
    except OperatorError as error:
        return [*found, str(error.message)]
    return [*found, *_of_files(settings), *_of_database(db), *_of_modules()]


def _of_settings(settings: Settings) -> list[str]:
    found = []
    if settings.mode is not Mode.PRODUCTION:
        found.append(f"Mode is {settings.mode.value}: set PORTAL_MODE=production for real people.")
    if len(settings.secret_key) < 32:
        found.append("The secret key is short: set PORTAL_SECRET_KEY to 32 random characters.")
    if not settings.https:
        found.append("https is off: cookies travel in the clear.")
    if settings.weak_hash:
        found.append("weak_hash is on: passwords are hashed for tests only.")
    return found


def _of_files(settings: Settings) -> list[str]:
    found = []
    mode = stat.S_IMODE(settings.key_path.stat().st_mode)
    if mode & 0o077:
        found.append(f"Others may read {settings.key_path}: chmod 600.")
    checkpoints = settings.data_dir / "checkpoints.jsonl"
    if not checkpoints.exists():
        found.append("There is no checkpoint of the trail: run 'portal audit checkpoint'.")
    else:
        written = datetime.fromtimestamp(checkpoints.stat().st_mtime, UTC)
        if datetime.now(UTC) - written > OLDEST_CHECKPOINT:
            found.append("The last checkpoint is over an hour old: is 'portal worker' running?")
    return found


def _of_database(db: Database) -> list[str]:
    found = []
    with db.read() as session:
        if db.is_sqlite:
            level = session.execute(sa.text("PRAGMA synchronous")).scalar_one()
            if level != 2:
                found.append("The database does not synchronise fully.")
        unlinked = session.scalar(
            sa.select(sa.func.count())
            .select_from(AuditEntry)
            .where(col(AuditEntry.id).not_in(sa.select(col(AuditLink.entry_id))))
        )
        if (unlinked or 0) > MOST_UNLINKED:
            found.append(f"{unlinked} entries of the trail are not linked: run 'portal worker'.")
        if count := differences(session):
            found.append(f"{count} rows of the worklist differ from the rule.")
        if parked := waiting(session)["parked"]:
            found.append(f"{parked} tasks failed for good: look at the health page.")
    return found


def _of_modules() -> list[str]:
    return [
        f"The module {slug} is quarantined. {each.reason}"
        for slug, each in host.current().quarantined.items()
    ]
