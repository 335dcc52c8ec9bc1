"""Reading the trail as its auditor does: who, when, what kind, and how the chain stands."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.audit.chain import checkpoints_path, head
from portal.audit.labels import words_of
from portal.audit.models import AuditEntry
from portal.db.engine import rows

PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One entry without what it is about: the auditor sees no case, not even its identifier."""

    id: UUID
    at: datetime
    user_id: UUID | None
    agency_id: UUID | None
    action: str
    outcome: str

    @property
    def what(self) -> str:
        """Return what the act is called."""
        return words_of(self.action)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; None or empty asks for all.

    `action` is how an act's code begins; `actions` are those that its words name as well.
    """

    user_id: UUID | None = None
    agency_id: UUID | None = None
    action: str = ""
    actions: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


def list_entries(
    session: Session, wanted: Wanted, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Return entries, newest first, from before a place in that order."""
    entry = AuditEntry
    statement = sa.select(
        col(entry.id),
        col(entry.at),
        col(entry.user_id),
        col(entry.agency_id),
        col(entry.action),
        col(entry.outcome),
    ).order_by(col(entry.at).desc(), col(entry.id).desc())
    if wanted.user_id is not None:
        statement = statement.where(col(entry.user_id) == wanted.user_id)
    if wanted.agency_id is not None:
        statement = statement.where(col(entry.agency_id) == wanted.agency_id)
    if wanted.action:
        begins = col(entry.action).startswith(wanted.action, autoescape=True)
        statement = statement.where(sa.or_(begins, col(entry.action).in_(wanted.actions)))
    if wanted.since is not None:
        statement = statement.where(col(entry.at) >= wanted.since, col(entry.at) < wanted.until)
    if before is not None:
        at, own = before
        earlier = sa.or_(col(entry.at) < at, sa.and_(col(entry.at) == at, col(entry.id) < own))
        statement = statement.where(earlier)
    return [Row(*row) for row in rows(session, statement.limit(limit))]


@dataclass(frozen=True, slots=True)
class State:
    """How the chain stands: its size and head, and its last checkpoint as an acta prints it."""

    size: int
    head: str
    checkpoint: str
    signed_at: datetime | None


def state(session: Session, data_dir: Path) -> State:
    """Return the size and head of the chain, and what was signed last."""
    size, top = head(session)
    path = checkpoints_path(data_dir)
    lines = path.read_text().strip().splitlines() if path.exists() else []
    if not lines:
        return State(size, top[:16], "", None)
    last = json.loads(lines[-1])
    printed = f"{last['size']} · {last['head'][:16]}"
    return State(size, top[:16], printed, datetime.fromisoformat(last["at"]))
