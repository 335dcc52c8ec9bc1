"""Erasing one record: the same way for the plan, for the act, and once more after a restore.

Everything about a record goes in one transaction, so that a kill in its middle leaves nothing half.
"""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, system_actor
from portal.agencies.models import Agency
from portal.alerts.models import Alert
from portal.cases.models import Case
from portal.db import Database, WritingSession
from portal.db.sealing import destroy
from portal.personal import Ending, Erased, ErasurePlan
from portal.retention import records, rooms, siblings, tombstones
from portal.retention.models import (
    Erasure,
    ErasureItem,
    ErasureStatus,
    Ground,
    ItemStatus,
    RecordKind,
    Tombstone,
)
from portal.retention.records import Record
from portal.retention.tombstones import Stone
from portal.texts import msgid
from portal.users.models import User

Counts = dict[str, list[int]]

# Where each kind of record stands, and what people call it.
NAMED: dict[RecordKind, tuple[Any, Any]] = {
    RecordKind.CASE: (Case, col(Case.code)),
    RecordKind.ALERT: (Alert, col(Alert.code)),
    RecordKind.ACCOUNT: (User, col(User.username)),
}

HELD = msgid("A legal hold keeps it")
NOT_DUE = msgid("Its term has not passed, or it is open again")


def plan(session: WritingSession, record: Record, erasure_id: UUID) -> Counts:
    """Return what erasing a record would do: rows erased and rows held, by table.

    It is done and taken back, so that the plan is what will happen and not a second rule of it.
    """
    savepoint = session.begin_nested()
    counts = _erase(session, record, erasure_id, "")
    savepoint.rollback()
    session.expire_all()
    return counts


def _erase(session: WritingSession, record: Record, erasure_id: UUID, reason: str) -> Counts:
    if record.kind is RecordKind.ACCOUNT:
        parts, scopes = rooms.erase_user(session, record.id), [record.id]
    elif record.shared is not None:
        parts, scopes = _erase_sibling(session, *record.shared, erasure_id, reason)
    else:
        parts, scopes = _erase_children(session, record, erasure_id, reason)
    keys = destroy(session, {*scopes, *(scope for part in parts for scope in part.scopes)})
    return _counted([*parts, Erased(table="portal_scope_key", erased=keys)])


def _erase_children(
    session: WritingSession, record: Record, erasure_id: UUID, reason: str
) -> tuple[list[Erased], list[UUID]]:
    """Empty a case or an alert and its children; return also whose keys go with it."""
    is_case = record.kind is RecordKind.CASE
    alerts = records.alerts_of_cases(session, [record.id]) if is_case else {record.id: record.code}
    ending = Ending(
        id=erasure_id,
        case_ids=frozenset([record.id] if is_case else []),
        alert_ids=frozenset(alerts),
        codes=frozenset([record.code, *alerts.values()]),
    )
    people = sorted(records.people_of(session, [record])[record.id])
    ends = [*ending.case_ids, *ending.alert_ids]
    stays = {person: records.other_records(session, person, ends) for person in people}
    parts = rooms.erase_records(session, ending)
    for person in people:
        cases, others = stays[person]
        given = ErasurePlan(
            id=erasure_id,
            person_id=person,
            reason=reason,
            held_case_ids=cases,
            held_alert_ids=others,
        )
        parts += rooms.erase_person(session, person, given)
    gone = [person for person in people if not any(stays[person])]
    return parts, [*ends, *gone]


def _erase_sibling(
    session: WritingSession, case_id: UUID, person_id: UUID, erasure_id: UUID, reason: str
) -> tuple[list[Erased], list[UUID]]:
    """Empty one child's part in a case that stays for the other children; see `siblings`."""
    alerts = records.alerts_of_cases(session, [case_id])
    cases, others = records.other_records(session, person_id, [case_id, *alerts])
    plan = ErasurePlan(
        id=erasure_id,
        person_id=person_id,
        reason=reason,
        held_case_ids=cases | {case_id},
        held_alert_ids=others | alerts.keys(),
        shared_case_ids=frozenset([case_id]),
        shared_alert_ids=frozenset(alerts),
    )
    parts = rooms.erase_person(session, person_id, plan)
    return parts, [] if cases or others else [person_id]


def _counted(parts: Iterable[Erased]) -> Counts:
    counts: Counts = defaultdict(lambda: [0, 0])
    for part in parts:
        counts[part.table][0] += part.erased
        counts[part.table][1] += part.held
    return {table: both for table, both in sorted(counts.items()) if any(both)}


def carry_out(session: WritingSession, item_id: UUID, folder: Path) -> None:
    """Erase one record of an approved erasure; what has come to hold it since keeps it.

    The tombstone stands in the folder's file before the caller commits.
    """
    item = session.get_one(ErasureItem, item_id)
    erasure = session.get_one(Erasure, item.erasure_id)
    if item.status is not ItemStatus.PLANNED or erasure.status is not ErasureStatus.APPROVED:
        return
    record, why = _may_go(session, item, erasure.ground)
    item.ended_at = clock.now()
    if record is None:
        item.status, item.why = ItemStatus.KEPT, why
        return
    stone = _stone(record, item, erasure)
    item.done = _erase(session, record, erasure.id, erasure.ground.value)
    item.status = ItemStatus.ERASED
    session.add(_row(stone))
    _record(session, "retention.record.erase", stone, item.done)
    tombstones.append(folder, [stone])


def _may_go(
    session: WritingSession, item: ErasureItem, ground: Ground
) -> tuple[Record | None, str]:
    found = records.with_terms(session, records.list_ended(session, ids=[item.record_id]))
    if not found:
        return None, NOT_DUE
    if found[0].is_held:
        return None, HELD
    if ground is Ground.RULE and not found[0].may_go:
        return None, NOT_DUE
    return found[0].record, ""


def _stone(record: Record, item: ErasureItem, erasure: Erasure) -> Stone:
    salt = secrets.token_hex(16)
    return Stone(
        record=record.kind.value,
        record_id=str(record.id),
        salt=salt,
        code_hash=hash_code(salt, record.code),
        agency_id=str(record.agency_id),
        ground=erasure.ground.value,
        rule_id=str(item.rule_id or ""),
        erasure_id=str(erasure.id),
        proposed_by=str(erasure.proposed_by or ""),
        decided_by=str(erasure.decided_by or ""),
        at=clock.now().isoformat(),
    )


def hash_code(salt: str, code: str) -> str:
    """Return what is kept of a code that people used, however its letters' case is typed."""
    return hashlib.sha256(f"{salt}:{code.upper()}".encode()).hexdigest()


def _row(stone: Stone) -> Tombstone:
    return Tombstone(
        record=RecordKind(stone.record),
        record_id=UUID(stone.record_id),
        salt=stone.salt,
        code_hash=stone.code_hash,
        agency_id=UUID(stone.agency_id),
        ground=Ground(stone.ground),
        rule_id=UUID(stone.rule_id) if stone.rule_id else None,
        erasure_id=UUID(stone.erasure_id),
        proposed_by=UUID(stone.proposed_by) if stone.proposed_by else None,
        decided_by=UUID(stone.decided_by) if stone.decided_by else None,
        erased_at=datetime.fromisoformat(stone.at),
    )


def _kept(row: Tombstone) -> Stone:
    return Stone(
        record=row.record.value,
        record_id=str(row.record_id),
        salt=row.salt,
        code_hash=row.code_hash,
        agency_id=str(row.agency_id),
        ground=row.ground.value,
        rule_id=str(row.rule_id or ""),
        erasure_id=str(row.erasure_id),
        proposed_by=str(row.proposed_by or ""),
        decided_by=str(row.decided_by or ""),
        at=row.erased_at.isoformat(),
    )


def _record(session: WritingSession, action: str, stone: Stone, done: Counts) -> None:
    own = UUID(stone.record_id)
    audit.record(
        session,
        system_actor(UUID(stone.agency_id)),
        action,
        own,
        case=own if stone.record == RecordKind.CASE else None,
        ground=stone.ground,
        rule=stone.rule_id,
        erasure=stone.erasure_id,
        proposed=stone.proposed_by,
        decided=stone.decided_by,
        rows=sum(erased for erased, _held in done.values()),
    )


def erase_again(db: Database, folder: Path) -> int:
    """Erase whatever the file says was erased and the database still holds; return how many.

    After a restore, and at every start: each record in a transaction of its own. The file learns
    what only the database knows, as where another machine erased it.
    """
    stones = tombstones.read(folder)
    with db.read() as session:
        rows = session.scalars(sa.select(Tombstone).order_by(col(Tombstone.erased_at))).all()
    known = {str(row.record_id) for row in rows}
    missing = [stone for stone in stones if stone.record_id not in known]
    written = {stone.record_id for stone in stones}
    unwritten = [_kept(row) for row in rows if str(row.record_id) not in written]
    if unwritten:
        tombstones.append(folder, unwritten)
    for stone in missing:
        with db.write() as session:
            record = _find(session, stone)
            done = _erase(session, record, UUID(stone.erasure_id), stone.ground) if record else {}
            session.add(_row(stone))
            _record(session, "retention.record.erase_again", stone, done)
    return len(missing)


def _find(session: WritingSession, stone: Stone) -> Record | None:
    """Return the record of a tombstone in whatever state it is, None where it is not there."""
    own, kind = UUID(stone.record_id), RecordKind(stone.record)
    if kind is RecordKind.CHILD:
        parts = siblings.list_parts(session, agency_id=None, ids=[own], is_closed=False)
        return records.of_sibling(parts[0], clock.today()) if parts else None
    table, name = NAMED[kind]
    code = session.scalar(sa.select(name).where(col(table.id) == own))
    agency = session.get(Agency, UUID(stone.agency_id))
    if code is None or agency is None:
        return None
    return Record(kind, own, code, agency.id, agency.kind, agency.name, clock.today())


def answer_for(session: Session, actor: Actor, code: str) -> Tombstone | None:
    """Return the tombstone of a code that a paper bears, of the actor's agency or of all."""
    statement = sa.select(Tombstone)
    if actor.agency_id is not None:
        statement = statement.where(col(Tombstone.agency_id) == actor.agency_id)
    stones = session.scalars(statement)
    return next((row for row in stones if row.code_hash == hash_code(row.salt, code)), None)
