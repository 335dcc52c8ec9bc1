"""What an account saw in a time: from the trail to the children, in one walk."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.alerts.models import Alert, AlertChild
from portal.audit.models import AuditEntry
from portal.cases.models import Case, CaseChild
from portal.commitments.models import Commitment
from portal.db import rows
from portal.referrals.models import Referral

STEP = 1000
IDS = '"ids":'
OPENED = (".read", ".unseal", ".make", ".fetch")


@dataclass(frozen=True, slots=True)
class Glance:
    """How something was seen: when first and last, how often, opened or in a list, unsealed."""

    first_at: datetime
    last_at: datetime
    times: int = 1
    was_opened: bool = False
    was_unsealed: bool = False

    def joined(self, other: "Glance") -> "Glance":
        """Return both as one."""
        return Glance(
            min(self.first_at, other.first_at),
            max(self.last_at, other.last_at),
            self.times + other.times,
            self.was_opened or other.was_opened,
            self.was_unsealed or other.was_unsealed,
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """A case, or an alert that is no case yet, as an account saw it."""

    case_id: UUID | None
    alert_id: UUID | None
    agency_id: UUID
    children: int
    glance: Glance


def seen_by(
    session: Session, user_id: UUID, since: datetime, until: datetime
) -> tuple[int, list[Seen]]:
    """Return how many entries of the trail an account left in a time, and what it saw by them.

    A list counts for each case that stood in it: what was shown may have been kept.
    """
    count, glances = _walk(session, user_id, since, until)
    cases, alerts = _resolve(session, glances)
    return count, [*_cases(session, cases), *_alerts(session, alerts)]


def _walk(
    session: Session, user_id: UUID, since: datetime, until: datetime
) -> tuple[int, dict[UUID, Glance]]:
    statement = (
        sa.select(
            col(AuditEntry.at),
            col(AuditEntry.action),
            col(AuditEntry.subject_id),
            col(AuditEntry.case_id),
            col(AuditEntry.facts),
        )
        .where(col(AuditEntry.at).between(since, until), col(AuditEntry.user_id) == user_id)
        .execution_options(yield_per=STEP)
    )
    count, found = 0, dict[UUID, Glance]()
    for at, action, subject_id, case_id, facts in session.execute(statement):
        count += 1
        opened, unsealed = action.endswith(OPENED), action.endswith(".unseal")
        for each in _named(subject_id, case_id, facts):
            known = found.get(each)
            if known is None:
                found[each] = Glance(at, at, 1, opened, unsealed)
            elif (opened and not known.was_opened) or unsealed:
                found[each] = known.joined(Glance(at, at, 1, opened, unsealed))
            else:
                found[each] = replace(known, last_at=max(at, known.last_at), times=known.times + 1)
    return count, found


def _named(subject_id: UUID | None, case_id: UUID | None, facts: str) -> set[UUID]:
    if case_id is not None:
        return {case_id}
    named = {subject_id} if subject_id is not None else set()
    if IDS in facts:
        named |= {UUID(each) for each in json.loads(facts)["ids"]}
    return named


def _resolve(
    session: Session, glances: dict[UUID, Glance]
) -> tuple[dict[UUID, Glance], dict[UUID, Glance]]:
    """Return the cases and the alerts without a case that the identifiers stand for."""
    cases, alerts = dict[UUID, Glance](), dict[UUID, Glance]()
    for part in _parts(glances):
        for case_id in session.scalars(sa.select(col(Case.id)).where(col(Case.id).in_(part))):
            _join(cases, case_id, glances[case_id])
        for table in (Referral, Commitment):
            pairs = sa.select(col(table.id), col(table.case_id)).where(col(table.id).in_(part))
            for own, of_case in rows(session, pairs):
                if of_case is not None:
                    _join(cases, of_case, glances[own])
        alert = sa.select(col(Alert.id), col(Alert.case_id)).where(col(Alert.id).in_(part))
        for own, of_case in rows(session, alert):
            _join(cases if of_case else alerts, of_case or own, glances[own])
    return cases, alerts


def _parts(ids: Collection[UUID]) -> Iterator[tuple[UUID, ...]]:
    walk = iter(ids)
    while part := tuple(islice(walk, STEP)):
        yield part


def _join(found: dict[UUID, Glance], key: UUID, glance: Glance) -> None:
    found[key] = found[key].joined(glance) if key in found else glance


def _cases(session: Session, glances: dict[UUID, Glance]) -> list[Seen]:
    found = []
    for part in _parts(glances):
        statement = (
            sa.select(col(Case.id), col(Case.lead_agency_id), sa.func.count(col(CaseChild.id)))
            .join(CaseChild, col(CaseChild.case_id) == col(Case.id), isouter=True)
            .where(col(Case.id).in_(part))
            .group_by(col(Case.id), col(Case.lead_agency_id))
        )
        found += [
            Seen(case_id, None, agency_id, count, glances[case_id])
            for case_id, agency_id, count in rows(session, statement)
        ]
    return found


def _alerts(session: Session, glances: dict[UUID, Glance]) -> list[Seen]:
    found = []
    for part in _parts(glances):
        statement = (
            sa.select(col(Alert.id), col(Alert.authority_id), sa.func.count(col(AlertChild.id)))
            .join(AlertChild, col(AlertChild.alert_id) == col(Alert.id), isouter=True)
            .where(col(Alert.id).in_(part))
            .group_by(col(Alert.id), col(Alert.authority_id))
        )
        found += [
            Seen(None, alert_id, agency_id, count, glances[alert_id])
            for alert_id, agency_id, count in rows(session, statement)
        ]
    return found
