"""The records that retention speaks of: which have ended, whose they are, what holds them.

Nothing here reads a name or a story: codes, user names, days and identifiers only.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import AgencyKind
from portal.agencies.models import Agency
from portal.alerts.models import WAITING, Alert, AlertChild, AlertStatus
from portal.cases.models import Case, CaseChild, CaseStatus
from portal.db import rows
from portal.followups.models import FollowUp
from portal.people.models import Person
from portal.retention import accounts, rules, siblings
from portal.retention.models import LegalHold, RecordKind, RetentionRule, Tombstone
from portal.retention.rules import Birth, Due

# How many of the records that ended first are looked at for a page.
MOST = 500


@dataclass(frozen=True, slots=True)
class Record:
    """A record that ended: a case with its alerts, an alert of its own, an account; since when.

    `code` is what people call it: an account's is its user name. Before `not_before` it stays,
    whatever the ground. Of a child's part in a case of several, `shared` is case and child.
    """

    kind: RecordKind
    id: UUID
    code: str
    agency_id: UUID
    agency_kind: AgencyKind
    agency_name: str
    ended_on: date
    not_before: date | None = None
    shared: tuple[UUID, UUID] | None = None


@dataclass(frozen=True, slots=True)
class DueRecord:
    """A record, from when it may be erased (None: no rule says so), and whether a hold stands."""

    record: Record
    due: Due | None
    is_held: bool

    @property
    def may_go(self) -> bool:
        """Tell whether its term has passed and nothing holds it."""
        return self.due is not None and self.due.on <= clock.today() and not self.is_held


def _cases() -> sa.Select[UUID, str, UUID, AgencyKind, str, object]:
    """Return the cases that ended: closed, and no child of theirs is visited after a return."""
    visited = sa.exists().where(
        col(FollowUp.case_id) == col(Case.id), col(FollowUp.ended_at).is_(None)
    )
    return (
        sa.select(
            col(Case.id),
            col(Case.code),
            col(Agency.id),
            col(Agency.kind),
            col(Agency.name),
            col(Case.closed_at),
        )
        .join(Agency, col(Agency.id) == col(Case.lead_agency_id))
        .where(
            col(Case.status) == CaseStatus.CLOSED,
            col(Case.closed_at).is_not(None),
            ~visited,
            ~sa.exists().where(col(Tombstone.record_id) == col(Case.id)),
        )
        .order_by(col(Case.closed_at), col(Case.id))
    )


def _alerts() -> sa.Select[UUID, str, UUID, AgencyKind, str, object]:
    """Return the alerts that ended without a case; the authority that ended them answers."""
    return (
        sa.select(
            col(Alert.id),
            col(Alert.code),
            col(Agency.id),
            col(Agency.kind),
            col(Agency.name),
            col(Alert.ended_at),
        )
        .join(Agency, col(Agency.id) == col(Alert.authority_id))
        .where(
            col(Alert.case_id).is_(None),
            col(Alert.status).not_in([*WAITING, AlertStatus.DRAFT]),
            col(Alert.ended_at).is_not(None),
            col(Alert.erased_at).is_(None),
        )
        .order_by(col(Alert.ended_at), col(Alert.id))
    )


def list_ended(
    session: Session,
    *,
    agency_id: UUID | None = None,
    ids: Collection[UUID] | None = None,
) -> list[Record]:
    """Return the records that ended, the first to end first: all, an agency's, or by identifier.

    One child's part in a case of several is found by its identifier only.
    """
    found: list[Record] = []
    for kind, statement, table in (
        (RecordKind.CASE, _cases(), Case),
        (RecordKind.ALERT, _alerts(), Alert),
    ):
        if agency_id is not None:
            statement = statement.where(col(Agency.id) == agency_id)
        if ids is not None:
            statement = statement.where(col(table.id).in_(ids))
        for own, name, owner, owner_kind, owner_name, at in rows(session, statement.limit(MOST)):
            day = clock.local(at).date()  # type: ignore[arg-type]
            found.append(Record(kind, own, name, owner, owner_kind, owner_name, day))
    left = accounts.list_left(session, agency_id=agency_id, ids=ids, limit=MOST)
    for own, name, owner, owner_kind, owner_name, left_at in left:
        day = clock.local(left_at).date()  # type: ignore[arg-type]
        until = rules.plus_years(day, accounts.ANSWERABLE_YEARS)
        found.append(
            Record(RecordKind.ACCOUNT, own, name, owner, owner_kind, owner_name, day, until)
        )
    for part in siblings.list_parts(session, agency_id=agency_id, ids=ids or []):
        day = clock.local(part.closed_at).date()
        found.append(of_sibling(part, day))
    return sorted(found, key=lambda record: (record.ended_on, record.code))


def of_sibling(part: siblings.Part, day: date) -> Record:
    """Return one child's part in a case of several as a record that ended on a day."""
    return Record(
        RecordKind.CHILD,
        part.id,
        part.code,
        part.agency_id,
        part.agency_kind,
        part.agency_name,
        day,
        shared=(part.case_id, part.person_id),
    )


def find_any(session: Session, code: str, *, agency_id: UUID | None) -> Record | None:
    """Return a case or an alert by its code, or an account by its name, of one agency or of all."""
    for kind, table, owner in (
        (RecordKind.CASE, Case, col(Case.lead_agency_id)),
        (RecordKind.ALERT, Alert, col(Alert.authority_id)),
    ):
        statement = (
            sa.select(col(table.id), col(Agency.id), col(Agency.kind), col(Agency.name))
            .join(Agency, col(Agency.id) == owner)
            .where(col(table.code) == code)
        )
        if agency_id is not None:
            statement = statement.where(owner == agency_id)
        for own, whose, agency_kind, name in rows(session, statement):
            return Record(kind, own, code, whose, agency_kind, name, clock.today())
    found = accounts.find_account(session, code)
    if found is None or agency_id not in (None, found[1]):
        return None
    agency = session.get_one(Agency, found[1])
    own = found[0]
    return Record(RecordKind.ACCOUNT, own, code, agency.id, agency.kind, agency.name, clock.today())


def with_terms(session: Session, records: Iterable[Record]) -> list[DueRecord]:
    """Return records with the day from which each may be erased, and whether a hold stands."""
    listed = list(records)
    known = session.scalars(
        sa.select(RetentionRule).where(col(RetentionRule.withdrawn_at).is_(None))
    ).all()
    people = people_of(session, listed)
    births = _births(session, {person for each in people.values() for person in each})
    held = held_among(session, listed, people)
    return [
        DueRecord(
            record,
            rules.due(
                rules.applying(known, record.kind, record.agency_id, record.agency_kind),
                record.ended_on,
                [births[person] for person in people[record.id]],
            ),
            record.id in held,
        )
        for record in listed
    ]


def people_of(session: Session, records: Iterable[Record]) -> dict[UUID, set[UUID]]:
    """Return the children of each record; a case's are also those of its alerts."""
    listed = list(records)
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for each in listed:
        if each.shared:
            found[each.id].add(each.shared[1])
    cases = [each.id for each in listed if each.kind is RecordKind.CASE]
    alerts = [each.id for each in listed if each.kind is RecordKind.ALERT]
    for record_id, person_id in (
        *rows(
            session,
            sa.select(col(CaseChild.case_id), col(CaseChild.person_id)).where(
                col(CaseChild.case_id).in_(cases)
            ),
        ),
        *rows(
            session,
            sa.select(col(Alert.case_id), col(AlertChild.person_id))
            .join(AlertChild, col(AlertChild.alert_id) == col(Alert.id))
            .where(col(Alert.case_id).in_(cases)),
        ),
        *rows(
            session,
            sa.select(col(AlertChild.alert_id), col(AlertChild.person_id)).where(
                col(AlertChild.alert_id).in_(alerts)
            ),
        ),
    ):
        if record_id is not None:
            found[record_id].add(person_id)
    return {each.id: found[each.id] for each in listed}


def _births(session: Session, people: Collection[UUID]) -> dict[UUID, Birth]:
    statement = sa.select(
        col(Person.id), col(Person.born_on), col(Person.estimated_age), col(Person.estimated_on)
    ).where(col(Person.id).in_(people))
    return {own: Birth(born, age, on) for own, born, age, on in rows(session, statement)}


def standing() -> sa.ColumnElement[bool]:
    """Return the condition of holds that hold today."""
    until = col(LegalHold.until)
    return sa.and_(
        col(LegalHold.lifted_at).is_(None), sa.or_(until.is_(None), until >= clock.today())
    )


def held_among(
    session: Session, records: Iterable[Record], people: dict[UUID, set[UUID]]
) -> set[UUID]:
    """Return those records that a hold keeps, on the record itself or on a child of it."""
    listed = list(records)
    ids = [each.shared[0] if each.shared else each.id for each in listed]
    everyone = {person for each in people.values() for person in each}
    found = rows(
        session,
        sa.select(
            col(LegalHold.case_id),
            col(LegalHold.alert_id),
            col(LegalHold.user_id),
            col(LegalHold.person_id),
        ).where(
            standing(),
            sa.or_(
                col(LegalHold.case_id).in_(ids),
                col(LegalHold.alert_id).in_(ids),
                col(LegalHold.user_id).in_(ids),
                col(LegalHold.person_id).in_(everyone),
            ),
        ),
    )
    named = {each for row in found for each in row if each is not None}
    return {
        each.id
        for each, own in zip(listed, ids, strict=True)
        if own in named or people[each.id] & named
    }


def alerts_of_cases(session: Session, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the codes of the alerts that became these cases, or were joined to them."""
    statement = sa.select(col(Alert.id), col(Alert.code)).where(col(Alert.case_id).in_(case_ids))
    return dict(rows(session, statement))


def other_records(
    session: Session, person_id: UUID, ending: Collection[UUID]
) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Return the cases and the alerts of a person that stay: neither ending nor erased before."""
    gone = sa.select(col(Tombstone.record_id))
    cases = session.scalars(
        sa.select(col(CaseChild.case_id)).where(
            col(CaseChild.person_id) == person_id,
            col(CaseChild.case_id).not_in(ending),
            col(CaseChild.case_id).not_in(gone),
        )
    )
    alerts = session.scalars(
        sa.select(col(Alert.id))
        .join(AlertChild, col(AlertChild.alert_id) == col(Alert.id))
        .where(
            col(AlertChild.person_id) == person_id,
            col(Alert.id).not_in(ending),
            col(Alert.erased_at).is_(None),
        )
    )
    return frozenset(cases), frozenset(alerts)
