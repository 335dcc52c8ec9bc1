"""Reading rules, holds and erasures: all for the platform, its own for each institution."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, Role
from portal.agencies.labels import KIND
from portal.agencies.queries import names_of
from portal.alerts.models import Alert
from portal.cases.models import Case
from portal.db import rows
from portal.db.sealing import load_keys, opened
from portal.errors import NotFound
from portal.events.work import LATELY, LongWork
from portal.retention import records, siblings
from portal.retention.models import (
    Erasure,
    ErasureItem,
    ErasureStatus,
    ItemStatus,
    LegalHold,
    RetentionRule,
)
from portal.texts import _, _n
from portal.users.models import User

MOST = 100


def is_officer(actor: Actor, agency_id: UUID) -> bool:
    """Tell whether the actor is the privacy officer of an agency and acts for it."""
    return actor.has_role(Role.PRIVACY_OFFICER) and actor.agency_id == agency_id


def _own(actor: Actor, agency_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition under which what is an agency's is shown to the actor."""
    if actor.is_system or actor.has_role(Role.PLATFORM_ADMIN):
        return sa.true()
    if not actor.has_role(Role.PRIVACY_OFFICER):
        return sa.false()
    return sa.and_(agency_id == actor.agency_id)


def scope_of(actor: Actor) -> UUID | None:
    """Return the agency whose records the actor sees, None for all of them."""
    return None if actor.is_system or actor.has_role(Role.PLATFORM_ADMIN) else actor.agency_id


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as the page lists it: the row, for whom in words, and who entered it."""

    rule: RetentionRule
    whose: str
    entered_by: str


def list_rules(session: Session) -> list[RuleRow]:
    """Return the rules in force and those that were withdrawn, the former first."""
    found = session.scalars(
        sa.select(RetentionRule).order_by(
            col(RetentionRule.withdrawn_at).is_not(None), col(RetentionRule.record), "years"
        )
    ).all()
    names = names_of(session, {rule.agency_id for rule in found if rule.agency_id})
    users = _names(session, {rule.entered_by for rule in found})
    return [RuleRow(rule, _whose(rule, names), users.get(rule.entered_by, "")) for rule in found]


def _whose(rule: RetentionRule, names: dict[UUID, str]) -> str:
    if rule.agency_id:
        return names[rule.agency_id]
    return str(KIND[rule.agency_kind]) if rule.agency_kind else _("Every institution")


def get_rule(session: Session, rule_id: UUID) -> RetentionRule:
    """Return a rule; raises NotFound."""
    rule = session.get(RetentionRule, rule_id)
    if rule is None:
        raise NotFound
    return rule


def _names(session: Session, ids: set[UUID | None]) -> dict[UUID | None, str]:
    known = [each for each in ids if each is not None]
    statement = sa.select(col(User.id), col(User.name)).where(col(User.id).in_(known))
    return {**dict(rows(session, statement))}


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold as the page lists it: on what, ordered by which document, why, by whom, until when."""

    id: UUID
    what: str
    agency: str
    document: str
    reason: str
    until: date | None
    placed_by: str
    placed_at: datetime


def list_holds(session: Session, actor: Actor) -> list[HoldRow]:
    """Return the holds that stand, the newest first."""
    found = session.scalars(
        sa.select(LegalHold)
        .where(records.standing(), _own(actor, col(LegalHold.agency_id)))
        .order_by(col(LegalHold.placed_at).desc())
        .limit(MOST)
    ).all()
    names = names_of(session, {hold.agency_id for hold in found})
    users = _names(session, {hold.placed_by for hold in found})
    codes = _codes(
        session, actor, {hold.case_id or hold.alert_id or hold.user_id for hold in found}
    )
    keys = load_keys(session, [scope_of_hold(hold) for hold in found])
    listed = [
        HoldRow(
            hold.id,
            codes.get(hold.case_id or hold.alert_id or hold.user_id)
            or _("Every record of a child"),
            names[hold.agency_id],
            hold.document,
            reason_of(session, hold),
            hold.until,
            users.get(hold.placed_by, ""),
            hold.placed_at,
        )
        for hold in found
    ]
    del keys
    return listed


def scope_of_hold(hold: LegalHold) -> UUID:
    """Return under whose key the reasons of a hold are sealed: what it keeps."""
    return hold.case_id or hold.alert_id or hold.person_id or hold.user_id or hold.id


def _codes(session: Session, actor: Actor, ids: set[UUID | None]) -> dict[UUID | None, str]:
    """Return the codes of records, and note that they were read."""
    known = [each for each in ids if each is not None]
    found: dict[UUID | None, str] = {}
    for key, code in (
        (col(Case.id), col(Case.code)),
        (col(Alert.id), col(Alert.code)),
        (col(User.id), col(User.username)),
    ):
        found.update(dict(rows(session, sa.select(key, code).where(key.in_(known)))))
    found.update(siblings.codes_of(session, known).items())
    note_records(session, actor, [each for each in found if each is not None])
    return found


def note_records(session: Session, actor: Actor, ids: Sequence[UUID]) -> None:
    """Note that the codes of records were read: no page shows one unrecorded."""
    if ids:
        audit.note_read(session, actor, "retention.record.list", *ids)


def reason_of(session: Session, hold: LegalHold) -> str:
    """Return why a hold stands, kept encrypted under what it keeps."""
    cell = hold.reason_sealed
    return opened(session, scope_of_hold(hold), "portal_legal_hold", "reason_sealed", hold.id, cell)


def get_hold(session: Session, actor: Actor, hold_id: UUID) -> LegalHold:
    """Return a hold of the actor's records; raises NotFound."""
    hold = session.scalar(
        sa.select(LegalHold).where(
            col(LegalHold.id) == hold_id, _own(actor, col(LegalHold.agency_id))
        )
    )
    if hold is None:
        raise NotFound
    return hold


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """An erasure as the page lists it, with how many of its records are through."""

    erasure: Erasure
    agency: str
    proposed_by: str
    decided_by: str
    total: int
    ended: int

    @property
    def is_running(self) -> bool:
        """Tell whether records still wait to be erased."""
        return self.erasure.status == "approved" and self.ended < self.total


def list_erasures(session: Session, actor: Actor) -> list[ErasureRow]:
    """Return the erasures, the newest first."""
    return _listed(session, sa.select(Erasure).where(_own(actor, col(Erasure.agency_id))))


def long_work(session: Session, actor: Actor, limit: int) -> list[LongWork]:
    """Return the approved erasures of the actor's records that run, or were decided lately."""
    planned = sa.func.count().filter(col(ErasureItem.status) == ItemStatus.PLANNED)
    statement = (
        sa.select(col(Erasure.id), col(Erasure.decided_at), sa.func.count(), planned)
        .join(ErasureItem, col(ErasureItem.erasure_id) == col(Erasure.id))
        .where(_own(actor, col(Erasure.agency_id)), col(Erasure.status) == ErasureStatus.APPROVED)
        .group_by(col(Erasure.id), col(Erasure.decided_at))
        .having(sa.or_(planned > 0, col(Erasure.decided_at) > clock.now() - LATELY))
        .order_by((planned > 0).desc(), col(Erasure.decided_at).desc())
        .limit(limit)
    )
    return [
        LongWork(
            title=_n("Erasure of %(num)s record", "Erasure of %(num)s records", total),
            url=f"/admin/retention/erasures/{erasure_id}",
            state=_("%(ended)s of %(total)s done", ended=total - waiting, total=total),
            asked_at=decided_at or clock.now(),
            is_running=waiting > 0,
            percent=(total - waiting) * 100 // total,
        )
        for erasure_id, decided_at, total, waiting in rows(session, statement)
    ]


def get_erasure(session: Session, actor: Actor, erasure_id: UUID) -> ErasureRow:
    """Return an erasure and note the read; raises NotFound."""
    own = _own(actor, col(Erasure.agency_id))
    found = _listed(session, sa.select(Erasure).where(col(Erasure.id) == erasure_id, own))
    if not found:
        raise NotFound
    audit.note_read(session, actor, "retention.erasure.read", erasure_id)
    return found[0]


def _listed(session: Session, statement: sa.Select[Erasure]) -> list[ErasureRow]:
    ordered = statement.order_by(col(Erasure.proposed_at).desc()).limit(MOST)
    found = session.scalars(ordered).all()
    names = names_of(session, {erasure.agency_id for erasure in found})
    users = _names(session, {each for row in found for each in (row.proposed_by, row.decided_by)})
    ended = sa.func.count().filter(col(ErasureItem.status) != ItemStatus.PLANNED)
    counts = {
        own: (total, done)
        for own, total, done in rows(
            session,
            sa.select(col(ErasureItem.erasure_id), sa.func.count(), ended)
            .where(col(ErasureItem.erasure_id).in_([erasure.id for erasure in found]))
            .group_by(col(ErasureItem.erasure_id)),
        )
    }
    return [
        ErasureRow(
            erasure,
            names[erasure.agency_id],
            users.get(erasure.proposed_by, ""),
            users.get(erasure.decided_by, ""),
            *counts[erasure.id],
        )
        for erasure in found
    ]


def list_items(session: Session, actor: Actor, erasure_id: UUID) -> list[tuple[ErasureItem, str]]:
    """Return the records of an erasure with their codes; an erased one has none that is known."""
    found = session.scalars(
        sa.select(ErasureItem)
        .where(col(ErasureItem.erasure_id) == erasure_id)
        .order_by(col(ErasureItem.due_on), col(ErasureItem.id))
    ).all()
    codes = _codes(session, actor, {item.record_id for item in found})
    return [
        (item, "" if item.status is ItemStatus.ERASED else codes.get(item.record_id, ""))
        for item in found
    ]


def totals_of(items: list[tuple[ErasureItem, str]]) -> dict[str, list[int]]:
    """Return the counts of all records of an erasure: what is planned, or done where it is."""
    totals: dict[str, list[int]] = {}
    for item, _code in items:
        for table, (erased, held) in (item.done or item.planned).items():
            both = totals.setdefault(table, [0, 0])
            both[0] += erased
            both[1] += held
    return dict(sorted(totals.items()))


def why_of(session: Session, erasure: Erasure) -> str:
    """Return the reason that the first person gave."""
    cell = erasure.reason_sealed
    return opened(session, erasure.id, "portal_erasure", "reason_sealed", erasure.id, cell)
