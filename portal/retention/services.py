"""Rules entered, records held back, erasures proposed by one person and approved by another."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.db import WritingSession
from portal.db.sealing import seal
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.retention import erasing, records
from portal.retention.inputs import EnterRule, PlaceHold, ProposeErasure
from portal.retention.models import (
    Erasure,
    ErasureItem,
    ErasureStatus,
    Ground,
    LegalHold,
    RecordKind,
    RetentionRule,
)
from portal.retention.queries import get_hold, get_rule, is_officer, scope_of, scope_of_hold
from portal.retention.records import DueRecord
from portal.texts import _l, day_text

JOB = "retention.erase"


def enter_rule(session: Session, actor: Actor, given: EnterRule) -> RetentionRule:
    """Enter for how long a kind of record is kept; the trail keeps by whom."""
    rule = RetentionRule(
        record=given.record,
        agency_kind=None if given.agency_id else given.agency_kind,
        agency_id=given.agency_id,
        counted_from=given.counted_from,
        years=given.years,
        norm=given.norm,
        norm_on=given.norm_on,
        doubt=given.doubt,
        entered_by=actor.user_id,
        entered_at=clock.now(),
    )
    session.add(rule)
    session.flush()
    audit.record(
        session,
        actor,
        "retention.rule.enter",
        rule.id,
        record=rule.record.value,
        years=rule.years,
        counted_from=rule.counted_from.value,
    )
    return rule


def withdraw_rule(session: Session, actor: Actor, rule_id: UUID, *, reason: str) -> RetentionRule:
    """Let a rule no longer hold; raises Conflict where it was withdrawn already."""
    rule = to_withdraw(session, rule_id)
    rule.withdrawn_at, rule.withdrawn_by = clock.now(), actor.user_id
    session.flush()
    audit.record(session, actor, "retention.rule.withdraw", rule.id, reason=reason)
    return rule


def to_withdraw(session: Session, rule_id: UUID) -> RetentionRule:
    """Return a rule that holds; the form of its end asks this first."""
    rule = get_rule(session, rule_id)
    if rule.withdrawn_at is not None:
        raise Conflict(_l("This rule was withdrawn already."))
    return rule


def place_hold(session: Session, actor: Actor, given: PlaceHold) -> list[LegalHold]:
    """Keep a record from being erased, and where asked every record of its children.

    Raises Invalid on the code where the actor's institution has no such record: one that is not
    there and one of another institution look the same.
    """
    found = records.find_any(session, given.code, agency_id=scope_of(actor))
    if found is None:
        raise Invalid(Problem("code", _l("Your institution has no record with this code.")))
    holds = [_hold(session, actor, given, found.agency_id, found.id, found.kind)]
    if given.with_children:
        people = sorted(records.people_of(session, [found])[found.id])
        holds += [_hold(session, actor, given, found.agency_id, each, None) for each in people]
    return holds


def _hold(
    session: Session,
    actor: Actor,
    given: PlaceHold,
    agency_id: UUID,
    subject: UUID,
    kind: RecordKind | None,
) -> LegalHold:
    """Write a hold on a case, alert or account, or on a child where there is no kind of record."""
    hold = LegalHold(
        case_id=subject if kind is RecordKind.CASE else None,
        alert_id=subject if kind is RecordKind.ALERT else None,
        user_id=subject if kind is RecordKind.ACCOUNT else None,
        person_id=subject if kind is None else None,
        agency_id=agency_id,
        document=given.document,
        reason_sealed=b"",
        until=given.until,
        placed_by=actor.user_id,
        placed_at=clock.now(),
    )
    hold.reason_sealed = seal(
        session, subject, "portal_legal_hold", "reason_sealed", hold.id, given.reason
    )
    session.add(hold)
    session.flush()
    own = str(hold.id)
    audit.record(session, actor, "retention.hold.place", subject, case=hold.case_id, hold=own)
    return hold


def to_lift(session: Session, actor: Actor, hold_id: UUID) -> LegalHold:
    """Return a hold that stands; the form of its end asks this first."""
    hold = get_hold(session, actor, hold_id)
    if hold.lifted_at is not None:
        raise Conflict(_l("This hold was lifted already."))
    return hold


def lift_hold(session: Session, actor: Actor, hold_id: UUID, *, reason: str) -> LegalHold:
    """End a hold, with the reason; raises Conflict where it was lifted already."""
    hold = to_lift(session, actor, hold_id)
    scope = scope_of_hold(hold)
    hold.lifted_at, hold.lifted_by = clock.now(), actor.user_id
    hold.lift_reason_sealed = seal(
        session, scope, "portal_legal_hold", "lift_reason_sealed", hold.id, reason
    )
    session.flush()
    audit.record(session, actor, "retention.hold.lift", scope, case=hold.case_id, hold=str(hold.id))
    return hold


def propose(session: WritingSession, actor: Actor, given: ProposeErasure) -> Erasure:
    """Propose to erase records of one institution; the plan is made and kept with each.

    Raises NotFound where one is not there for the actor, Invalid where one may not go: its term
    runs, a hold keeps it, another proposal has it already.
    """
    found = records.with_terms(
        session, records.list_ended(session, agency_id=scope_of(actor), ids=given.record_ids)
    )
    if len(found) < len(set(given.record_ids)):
        raise NotFound
    _check(session, found, given.ground)
    agency_id = found[0].record.agency_id
    erasure = Erasure(
        agency_id=agency_id,
        ground=given.ground,
        document=given.document,
        reason_sealed=b"",
        by_officer=is_officer(actor, agency_id),
        proposed_by=actor.user_id,
        proposed_at=clock.now(),
    )
    erasure.reason_sealed = seal(
        session, erasure.id, "portal_erasure", "reason_sealed", erasure.id, given.reason
    )
    session.add(erasure)
    session.flush()
    for each in found:
        session.add(_item(session, erasure, each))
    session.flush()
    audit.record(
        session,
        actor,
        "retention.erasure.propose",
        erasure.id,
        ground=given.ground.value,
        ids=[str(each.record.id) for each in found],
    )
    return erasure


def _item(session: WritingSession, erasure: Erasure, each: DueRecord) -> ErasureItem:
    return ErasureItem(
        erasure_id=erasure.id,
        record=each.record.kind,
        record_id=each.record.id,
        rule_id=each.due.rule.id if each.due and erasure.ground is Ground.RULE else None,
        due_on=each.due.on if each.due else None,
        planned=erasing.plan(session, each.record, erasure.id),
    )


def _check(session: Session, found: list[DueRecord], ground: Ground) -> None:
    if len({each.record.agency_id for each in found}) > 1:
        message = _l("Choose records of one institution: each answers for its own.")
        raise Invalid(Problem("record_ids", message))
    waiting = set(
        session.scalars(
            sa.select(col(ErasureItem.record_id))
            .join(Erasure, col(Erasure.id) == col(ErasureItem.erasure_id))
            .where(
                col(Erasure.status) == ErasureStatus.PROPOSED,
                col(ErasureItem.record_id).in_([each.record.id for each in found]),
            )
        )
    )
    problems = [
        Problem("record_ids", message)
        for each in found
        if (message := _against(each, ground, waiting)) is not None
    ]
    if problems:
        raise Invalid(*problems)


def _against(each: DueRecord, ground: Ground, waiting: set[UUID]) -> Any:
    """Return what speaks against erasing a record, None where nothing does."""
    code = each.record.code
    if each.is_held:
        return _l("%(code)s: a legal hold keeps it.", code=code)
    if each.record.not_before and each.record.not_before > clock.today():
        return _l(
            "%(code)s: who looked must be answerable until %(day)s.",
            code=code,
            day=day_text(each.record.not_before),
        )
    if each.record.id in waiting:
        return _l("%(code)s: another proposal waits for its second person.", code=code)
    if ground is Ground.RULE and not each.may_go:
        return _l("%(code)s: its term has not passed, or no rule sets one.", code=code)
    return None


def decide(
    session: Session, actor: Actor, erasure: Erasure, to: ErasureStatus, *, reason: str
) -> Erasure:
    """Approve, refuse or withdraw an erasure that waits for it; raises as `must_decide`."""
    must_decide(actor, erasure, to)
    erasure.decide(to, by=actor.user_id, at=clock.now())
    session.flush()
    audit.record(session, actor, f"retention.erasure.{to.value}", erasure.id, reason=reason)
    if to is ErasureStatus.APPROVED:
        items = sa.select(col(ErasureItem.id)).where(col(ErasureItem.erasure_id) == erasure.id)
        for item_id in session.scalars(items).all():
            events.add_job(session, JOB, {"item": str(item_id)})
    return erasure


def may_approve(actor: Actor, erasure: Erasure) -> bool:
    """Tell whether the institution's privacy officer would be among the two who erase."""
    return erasure.by_officer or is_officer(actor, erasure.agency_id)


def must_decide(actor: Actor, erasure: Erasure, to: ErasureStatus) -> None:
    """Raise where the actor does not decide so. Two people erase, never one (ASVS 5.0, 2.3.5).

    Of the two at least one is the privacy officer of the institution whose records they are: who
    keeps the platform cannot erase without the institution. Only who proposed it withdraws it, and
    anybody else who may decide refuses it.
    """
    is_own = erasure.proposed_by == actor.user_id
    if to is ErasureStatus.WITHDRAWN and not is_own:
        raise Forbidden(_l("Only who proposed it can withdraw it. You can refuse it."))
    if to is ErasureStatus.APPROVED:
        if is_own:
            raise Forbidden(_l("You proposed it: another person must approve it."))
        if not may_approve(actor, erasure):
            raise Forbidden(_l("The institution's Oficial de Datos Personales must approve this."))
    erasure.must_wait()
