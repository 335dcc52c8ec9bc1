"""The watch over the trail: what was read since the last look, and what of it is unusual.

It follows the links of the trail, which are made once and in order, so that no entry is missed
however late its transaction ended; a look costs what is new and one hour before it.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.models import DutyShift, Membership
from portal.access.queries import people_with
from portal.actor import Role, system_actor
from portal.audit.models import AuditEntry, AuditLink
from portal.cases.models import Case, CaseAssignment, CaseBar, CaseChild
from portal.db import rows
from portal.db.sealing import unseal
from portal.documents.models import Document
from portal.documents.pieces import frozen
from portal.notifications.services import tell
from portal.people.models import Person
from portal.people.queries import other_documents
from portal.privacy.models import (
    AlertKind,
    Declaration,
    ReadingAlert,
    ReadingAlertCase,
    ReadingMark,
)
from portal.privacy.rules import (
    HOUR,
    Burst,
    Declared,
    Named,
    Opened,
    bursts,
    new_reference,
    relation,
)
from portal.texts import msgid

CHUNK = 5000
FIRST_LOOK = timedelta(days=1)
OPENING = "cases.case.read"
DOCUMENT = "documents.document.read"
TAKING = frozenset({"copies.history.make", "copies.history.fetch", "copies.copy.form"})
# By which somebody reaches a case: its file, a document of it, what is taken out of it.
REACHING = frozenset({OPENING, DOCUMENT, "copies.copy.read", *TAKING})
DAY = timedelta(days=1)
EMERGENCY = "sharing.emergency.open"
STAFF = '"staff":'
MARK = "readings"

READER_TOLD = {
    AlertKind.MANY: msgid(
        "The trail shows that you opened the files, documents or copies of %(count)s cases within "
        "an hour. If your work asked for it, there is nothing to do."
    ),
    AlertKind.NEVER_ASSIGNED: msgid(
        "The trail shows that you opened a case that was not assigned to you. If your work asked "
        "for it, there is nothing to do."
    ),
    AlertKind.KIN: msgid(
        "The trail shows that you opened the case of somebody who may be close to you. If so, "
        "abstain from it; if not, there is nothing to do."
    ),
    AlertKind.OWN: msgid(
        "The trail shows that you opened a case that bears your own document number. You may ask "
        "for your data as anybody may."
    ),
    AlertKind.COPIES: msgid(
        "The trail shows that you took histories or copies of %(count)s cases out of the portal "
        "within a day. If your work asked for it, there is nothing to do."
    ),
}
OFFICER_TOLD = msgid("Unusual reading %(reference)s: to be looked into")
ADMIN_TOLD = msgid(
    "Unusual reading %(reference)s: your institution has no privacy officer. Name one."
)


def watch(session: Session, *, most_an_hour: int, most_copies: int = 5) -> int:
    """Look at what was read since the last look; returns how many unusual readings are new.

    Each is told at once to the privacy officers of the reader's institution and of the lead, and to
    the reader.
    """
    reached, takers = _reached_since(session)
    new = [
        _note(session, AlertKind.COPIES, taken, str(clock.local(taken.until).date()))
        for taken in _taken_out(session, takers, most=most_copies)
    ]
    if not reached:
        return sum(new)
    new += [
        _note(session, AlertKind.MANY, burst, str(clock.local(burst.until).date()))
        for burst in bursts(_with_the_hour_before(session, reached), most=most_an_hour)
    ]
    fresh = [each for each in reached if each.is_file]
    if not fresh:
        return sum(new)
    for each in _never_assigned(session, fresh):
        day = clock.local(each.at).date()
        new.append(_note(session, AlertKind.NEVER_ASSIGNED, _alone(each), f"{each.case_id}:{day}"))
    for each, kind in _of_kin(session, fresh):
        new.append(_note(session, kind, _alone(each), str(each.case_id)))
    return sum(new)


def _reached_since(session: Session) -> tuple[list[Opened], set[UUID]]:
    """Return the cases that people reached since the mark, who took any out; move the mark."""
    mark = session.get(ReadingMark, MARK)
    if mark is None:
        mark = ReadingMark(name=MARK, seq=_a_day_back(session))
        session.add(mark)
    found = rows(
        session,
        sa.select(
            col(AuditLink.seq),
            col(AuditEntry.action),
            col(AuditEntry.at),
            col(AuditEntry.user_id),
            col(AuditEntry.agency_id),
            col(AuditEntry.case_id),
            col(AuditEntry.facts),
        )
        .join(AuditEntry, col(AuditEntry.id) == col(AuditLink.entry_id))
        .where(col(AuditLink.seq) > mark.seq)
        .order_by(col(AuditLink.seq))
        .limit(CHUNK),
    )
    if found:
        mark.seq = found[-1][0]
        session.flush()
    opened = [
        Opened(at, user_id, agency_id, case_id, is_staff=STAFF in facts, is_file=action == OPENING)
        for _seq, action, at, user_id, agency_id, case_id, facts in found
        if action in REACHING and user_id and agency_id and case_id
    ]
    return opened, {row[3] for row in found if row[1] in TAKING | {DOCUMENT} and row[3]}


def _taken_out(session: Session, takers: Collection[UUID], *, most: int) -> list[Burst]:
    """Return who took more cases out within the last 24 hours than is usual, each case once.

    By a history, or by a copy for the court that was formed or opened again.
    """
    if not takers:
        return []
    formed = sa.select(col(Document.id)).where(col(Document.piece).in_(frozen()))
    statement = (
        sa.select(
            col(AuditEntry.user_id),
            col(AuditEntry.agency_id),
            col(AuditEntry.at),
            col(AuditEntry.case_id),
        )
        .where(
            sa.or_(
                col(AuditEntry.action).in_(TAKING),
                sa.and_(col(AuditEntry.action) == DOCUMENT, col(AuditEntry.subject_id).in_(formed)),
            ),
            col(AuditEntry.user_id).in_(takers),
            col(AuditEntry.at) > clock.now() - DAY,
        )
        .order_by(col(AuditEntry.at))
    )
    taken: dict[tuple[UUID, UUID], list[tuple[datetime, UUID]]] = defaultdict(list)
    for user_id, agency_id, at, case_id in rows(session, statement):
        if user_id and agency_id and case_id:
            taken[user_id, agency_id].append((at, case_id))
    found = [
        Burst(*who, each[0][0], each[-1][0], frozenset(case_id for _at, case_id in each))
        for who, each in taken.items()
    ]
    return [each for each in found if len(each.case_ids) > most]


def _a_day_back(session: Session) -> int:
    """Return the link before the first of the last day: where the first look begins."""
    first = session.scalar(
        sa.select(col(AuditLink.seq))
        .join(AuditEntry, col(AuditEntry.id) == col(AuditLink.entry_id))
        .where(col(AuditEntry.at) >= clock.now() - FIRST_LOOK)
        .order_by(col(AuditEntry.at), col(AuditEntry.id))
        .limit(1)
    )
    return (first or 1) - 1


def _with_the_hour_before(session: Session, fresh: Sequence[Opened]) -> list[Opened]:
    """Return what these readers reached from an hour before the first of it."""
    statement = sa.select(
        col(AuditEntry.at),
        col(AuditEntry.user_id),
        col(AuditEntry.agency_id),
        col(AuditEntry.case_id),
    ).where(
        col(AuditEntry.at).between(
            min(each.at for each in fresh) - HOUR, max(each.at for each in fresh)
        ),
        col(AuditEntry.action).in_(REACHING),
        col(AuditEntry.user_id).in_({each.user_id for each in fresh}),
    )
    return [
        Opened(at, user_id, agency_id, case_id)
        for at, user_id, agency_id, case_id in rows(session, statement)
        if user_id and agency_id and case_id
    ]


def _never_assigned(session: Session, fresh: Sequence[Opened]) -> list[Opened]:
    """Return what nothing gave the reader: no assignment ever, and no role that needs none.

    A coordinator opens the institution's cases by office and a duty officer the live ones during
    the shift (SECURITY 5.1); neither is unusual by itself. Emergency access and staff sessions have
    a reason, a message and a review of their own.
    """
    users = {each.user_id for each in fresh}
    assigned = set(
        rows(
            session,
            sa.select(col(CaseAssignment.user_id), col(CaseAssignment.case_id)).where(
                col(CaseAssignment.user_id).in_(users),
                col(CaseAssignment.case_id).in_({each.case_id for each in fresh}),
            ),
        )
    )
    offices = rows(
        session,
        sa.select(
            col(Membership.user_id),
            col(Membership.agency_id),
            col(Membership.since),
            col(Membership.until),
        ).where(col(Membership.user_id).in_(users), col(Membership.role) == Role.COORDINATOR),
    )
    shifts = rows(
        session,
        sa.select(
            col(DutyShift.user_id),
            col(DutyShift.agency_id),
            col(DutyShift.starts_at),
            col(DutyShift.ends_at),
        ).where(
            col(DutyShift.user_id).in_(users),
            col(DutyShift.ends_at) > min(each.at for each in fresh),
        ),
    )
    held = [*offices, *shifts]
    urgent = _in_emergency(session, fresh)
    return [
        each
        for each in fresh
        if (each.user_id, each.case_id) not in assigned
        and not each.is_staff
        and not _held_then(held, each)
        and not any(each.at - HOUR <= at <= each.at for at in urgent[each.user_id, each.case_id])
    ]


def _in_emergency(
    session: Session, fresh: Sequence[Opened]
) -> dict[tuple[UUID | None, UUID | None], list[datetime]]:
    """Return when these readers opened which cases by emergency access, up to an hour before."""
    statement = sa.select(
        col(AuditEntry.user_id), col(AuditEntry.case_id), col(AuditEntry.at)
    ).where(
        col(AuditEntry.at).between(
            min(each.at for each in fresh) - HOUR, max(each.at for each in fresh)
        ),
        col(AuditEntry.action) == EMERGENCY,
    )
    found: dict[tuple[UUID | None, UUID | None], list[datetime]] = defaultdict(list)
    for user_id, case_id, at in rows(session, statement):
        found[user_id, case_id].append(at)
    return found


def _held_then(
    held: Collection[tuple[UUID, UUID | None, datetime, datetime | None]], each: Opened
) -> bool:
    return any(
        (user, agency) == (each.user_id, each.agency_id)
        and since <= each.at
        and (until is None or each.at < until)
        for user, agency, since, until in held
    )


def _of_kin(session: Session, fresh: Sequence[Opened]) -> list[tuple[Opened, AlertKind]]:
    """Return what was opened of the reader's own or of kin: as declared, or as a bar shows."""
    users = {each.user_id for each in fresh}
    declared = {
        each.user_id: declared_by(session, each)
        for each in session.scalars(
            sa.select(Declaration).where(col(Declaration.user_id).in_(users))
        ).all()
    }
    barred = set(
        rows(
            session,
            sa.select(col(CaseBar.user_id), col(CaseChild.person_id))
            .join(CaseChild, col(CaseChild.case_id) == col(CaseBar.case_id))
            .where(col(CaseBar.user_id).in_(users)),
        )
    )
    if not declared and not barred:
        return []
    children = _children(session, {each.case_id for each in fresh})
    found = []
    for each in fresh:
        known = declared.get(each.user_id, Declared())
        kinds = [
            AlertKind.KIN if (each.user_id, person_id) in barred else relation(known, child)
            for person_id, child in children.get(each.case_id, ())
        ]
        kind = next((kind for kind in kinds if kind is not None), None)
        if kind is not None:
            found.append((each, kind))
    return found


def declared_by(session: Session, row: Declaration) -> Declared:
    """Return what a person declared."""
    text = unseal(
        session,
        row.user_id,
        "portal_privacy_declaration",
        "declared_sealed",
        row.user_id,
        row.declared_sealed,
    )
    plain = json.loads(text)
    return Declared(**{**plain, "kin": tuple(plain["kin"])})


def _children(session: Session, case_ids: Collection[UUID]) -> dict[UUID, list[tuple[UUID, Named]]]:
    statement = (
        sa.select(
            col(CaseChild.case_id),
            col(Person.id),
            col(Person.first_surname),
            col(Person.second_surname),
            col(Person.document_number),
            col(Case.district),
        )
        .join(Person, col(Person.id) == col(CaseChild.person_id))
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .where(col(CaseChild.case_id).in_(case_ids))
    )
    found: dict[UUID, list[tuple[UUID, Named]]] = {}
    known = rows(session, statement)
    beside = other_documents(session, {row[1] for row in known})
    for case_id, person_id, first, second, document, district in known:
        numbers = [document, *(each.number for each in beside[person_id])]
        found.setdefault(case_id, []).extend(
            (person_id, Named(first, second, number, district)) for number in numbers
        )
    return found


def _alone(each: Opened) -> Burst:
    return Burst(each.user_id, each.agency_id, each.at, each.at, frozenset({each.case_id}))


def _note(session: Session, kind: AlertKind, found: Burst, what: str) -> bool:
    """Write an unusual reading and tell of it; one that is known grows and is not told again.

    Says whether it is new.
    """
    origin = f"{kind.value}:{found.user_id}:{found.agency_id}:{what}"
    alert = session.scalar(sa.select(ReadingAlert).where(col(ReadingAlert.origin) == origin))
    is_new = alert is None
    if alert is None:
        alert = ReadingAlert(
            reference=new_reference("L"),
            origin=origin,
            kind=kind,
            user_id=found.user_id,
            agency_id=found.agency_id,
            since=found.since,
            until=found.until,
            made_at=clock.now(),
        )
        session.add(alert)
        session.flush()
        audit.record(
            session,
            system_actor(found.agency_id),
            "privacy.alert.raise",
            alert.id,
            user=str(found.user_id),
            kind=kind.value,
        )
    known = _cases_of(session, alert.id)
    for case_id in found.case_ids - known:
        session.add(ReadingAlertCase(alert_id=alert.id, case_id=case_id))
    alert.count = len(found.case_ids | known)
    alert.since = min(found.since, alert.since)
    alert.until = max(found.until, alert.until)
    session.flush()
    _tell(session, alert)
    return is_new


def _cases_of(session: Session, alert_id: UUID) -> set[UUID]:
    return set(
        session.scalars(
            sa.select(col(ReadingAlertCase.case_id)).where(
                col(ReadingAlertCase.alert_id) == alert_id
            )
        )
    )


def _tell(session: Session, alert: ReadingAlert) -> None:
    tell(
        session,
        [alert.user_id],
        agency_id=alert.agency_id,
        origin=f"privacy:{alert.id}:reader",
        text=READER_TOLD[alert.kind],
        facts={"count": str(alert.count)},
        url=f"/privacy/readings/{alert.id}",
    )
    leads = session.scalars(
        sa.select(col(Case.lead_agency_id))
        .join(ReadingAlertCase, col(ReadingAlertCase.case_id) == col(Case.id))
        .where(col(ReadingAlertCase.alert_id) == alert.id)
        .distinct()
    ).all()
    for agency_id in {alert.agency_id, *leads}:
        officers = people_with(session, agency_id, Role.PRIVACY_OFFICER)
        people = officers or people_with(session, agency_id, Role.AGENCY_ADMIN)
        tell(
            session,
            [user_id for user_id, _name in people],
            agency_id=agency_id,
            origin=f"privacy:{alert.id}:{agency_id}",
            text=OFFICER_TOLD if officers else ADMIN_TOLD,
            facts={"reference": alert.reference},
            url=f"/privacy/alerts/{alert.id}" if officers else "/notices",
        )
