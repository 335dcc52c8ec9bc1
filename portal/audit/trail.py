"""Writing the trail, and asking it who looked."""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import Actor
from portal.audit.models import AuditEntry, AuditReason
from portal.db.engine import AnyColumns, Database, rows
from portal.db.sealing import seal
from portal.db.types import new_id
from portal.errors import Unavailable

Fact = str | int | Iterable[str]
READS = "reads"


def canonical(facts: dict[str, Any]) -> str:
    """Return facts as UTF-8 JSON with sorted keys, integers and texts only (SECURITY 5.9)."""
    plain = {
        key: value if isinstance(value, str | int) else sorted(str(each) for each in value)
        for key, value in facts.items()
    }
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: UUID | None,
    *,
    case: UUID | None = None,
    reason: str | None = None,
    outcome: str = "done",
    **facts: Fact,
) -> AuditEntry:
    """Write an entry in the transaction of the act.

    `facts` are identifiers and field names, never contents. A reason is encrypted under the case's
    key, or under the subject's, and may be erased without breaking the chain.
    """
    entry = AuditEntry(
        at=clock.now(),
        user_id=actor.user_id,
        agency_id=actor.agency_id,
        action=action,
        subject_id=subject,
        case_id=case,
        outcome=outcome,
        request_id=actor.request_id,
        sign_in_id=actor.sign_in_id,
        facts=canonical(facts | staff_mark(actor)),
    )
    session.add(entry)
    if reason:
        salt = secrets.token_hex(16)
        entry.reason_hash = hashlib.sha256(f"{salt}{reason}".encode()).hexdigest()
        session.flush()
        scope = case or subject or entry.id
        cell = seal(session, scope, "portal_audit_reason", "reason_sealed", entry.id, reason)
        session.add(AuditReason(entry_id=entry.id, scope=scope, salt=salt, reason_sealed=cell))
    session.flush()
    return entry


def staff_mark(actor: Actor) -> dict[str, str]:
    """Return the fact that tells an administrator's look from the agency's own."""
    return {"staff": str(actor.staff_session_id)} if actor.staff_session_id else {}


@dataclass(frozen=True, slots=True)
class Read:
    """A read that is to be recorded before its page is sent."""

    actor: Actor = field(hash=False)
    action: str
    subjects: tuple[UUID, ...]
    case: UUID | None
    facts: tuple[tuple[str, Fact], ...]


def note_read(
    session: Session,
    actor: Actor,
    action: str,
    *subjects: UUID,
    case: UUID | None = None,
    **facts: Fact,
) -> None:
    """Note, where the query runs, what was read; `web` records it before the page is sent.

    The portal's own reading is no person's and is not noted.
    """
    if actor.is_system:
        return
    read = Read(actor, action, subjects, case, tuple(facts.items()))
    noted: dict[Read, None] = session.info.setdefault(READS, {})
    noted[read] = None


def write_reads(db: Database, *sessions: Session) -> None:
    """Record what was read in these sessions, in one short transaction of its own.

    Raises Unavailable where it cannot be recorded: then nothing may be shown.
    """
    reads = [read for session in sessions for read in session.info.pop(READS, {})]
    if not reads:
        return
    try:
        with db.write() as session:
            session.execute(_writing(), [_read_row(read) for read in reads])
    except sa.exc.SQLAlchemyError as error:
        raise Unavailable("The trail cannot be written.") from error


@cache
def _writing() -> sa.Insert:
    """Return the statement that records reads, put together once: each page that reads asks it."""
    return sa.insert(AuditEntry.metadata.tables["portal_audit_entry"])


def _read_row(read: Read) -> dict[str, Any]:
    single = read.subjects[0] if len(read.subjects) == 1 else None
    facts: dict[str, Any] = {**dict(read.facts), **staff_mark(read.actor)}
    if single is None and read.subjects:
        facts["ids"] = [str(subject) for subject in read.subjects]
    return {
        "id": new_id(),
        "at": clock.now(),
        "user_id": read.actor.user_id,
        "agency_id": read.actor.agency_id,
        "action": read.action,
        "subject_id": single,
        "case_id": read.case,
        "outcome": "done",
        "request_id": read.actor.request_id,
        "sign_in_id": read.actor.sign_in_id,
        "facts": canonical(facts),
        "reason_hash": "",
    }


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a case by a person, with the sealed reason where one was given."""

    id: UUID
    at: datetime
    user_id: UUID | None
    agency_id: UUID | None
    action: str
    facts: str
    scope: UUID | None
    reason_sealed: bytes | None


def _looks(case_id: UUID) -> sa.ColumnElement[bool]:
    """Return which entries say that somebody looked at a case: read, opened, printed, taken out."""
    ends = ("%.read", "%.unseal", "%.print", "%.export", "%.history.make", "sharing.emergency.open")
    looked = sa.or_(*[col(AuditEntry.action).like(each) for each in ends])
    return sa.and_(col(AuditEntry.case_id) == case_id, looked)


def who_looked(
    session: Session,
    case_id: UUID,
    *,
    user_id: UUID | None = None,
    agency_id: UUID | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Look]:
    """Return the latest looks at a case before a place in the walk, of one person or agency."""
    statement: AnyColumns = (
        sa.select(
            col(AuditEntry.id),
            col(AuditEntry.at),
            col(AuditEntry.user_id),
            col(AuditEntry.agency_id),
            col(AuditEntry.action),
            col(AuditEntry.facts),
            col(AuditReason.scope),
            col(AuditReason.reason_sealed),
        )
        .join(AuditReason, col(AuditReason.entry_id) == col(AuditEntry.id), isouter=True)
        .where(_looks(case_id))
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        .limit(limit)
    )
    if user_id is not None:
        statement = statement.where(col(AuditEntry.user_id) == user_id)
    if agency_id is not None:
        statement = statement.where(col(AuditEntry.agency_id) == agency_id)
    if before is not None:
        place = sa.tuple_(col(AuditEntry.at), col(AuditEntry.id))
        statement = statement.where(place < sa.tuple_(*before))
    return [Look(*row) for row in rows(session, statement)]


def lookers(session: Session, case_id: UUID) -> list[tuple[UUID | None, UUID | None]]:
    """Return who looked at a case at all: person and agency, each pair once."""
    statement = (
        sa.select(col(AuditEntry.user_id), col(AuditEntry.agency_id))
        .where(_looks(case_id))
        .distinct()
        .limit(200)
    )
    return list(rows(session, statement))


def cases_seen_in(
    session: Session, staff_session_id: UUID, since: datetime, until: datetime
) -> list[UUID]:
    """Return the cases that were opened in a staff session, each once."""
    statement = (
        sa.select(col(AuditEntry.case_id))
        .where(
            col(AuditEntry.at).between(since, until),
            col(AuditEntry.case_id).is_not(None),
            col(AuditEntry.action) == "cases.case.read",
            col(AuditEntry.facts).contains(f'"staff":"{staff_session_id}"'),
        )
        .distinct()
        .limit(200)
    )
    return [case_id for (case_id,) in rows(session, statement) if case_id is not None]
