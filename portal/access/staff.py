"""Staff sessions: an administrator who must look, for a reason, at one agency, reading only.

No role of the person acts meanwhile; sealed pieces, who told it and whereabouts stay closed. It
lasts an hour at most, fifteen minutes without a request, and the agency is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access.events import StaffSessionOpened
from portal.access.models import StaffSession
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.db import new_id, rows
from portal.db.sealing import seal, unseal
from portal.errors import Forbidden, NotFound
from portal.texts import _l
from portal.users.models import User

LASTS = timedelta(minutes=60)
IDLE = timedelta(minutes=15)
TOUCH_EVERY = timedelta(minutes=1)
TABLE = "portal_staff_session"
OPENERS = (Role.AGENCY_ADMIN, Role.PLATFORM_ADMIN)
# All that a staff session opens.
READS = frozenset({"cases.case.read"})


def _runs() -> sa.ColumnElement[bool]:
    now = clock.now()
    return sa.and_(
        col(StaffSession.opened_at) <= now,
        col(StaffSession.until) > now,
        col(StaffSession.seen_at) > now - IDLE,
        col(StaffSession.ended_at).is_(None),
    )


def looking(session: Session, actor: Actor) -> Actor:
    """Return the actor as a running staff session of the sign-in makes it, or as it is."""
    if not actor.has_role(*OPENERS):
        return actor
    statement = (
        sa.select(
            col(StaffSession.id),
            col(StaffSession.until),
            col(Agency.id),
            col(Agency.name),
            col(Agency.kind),
        )
        .join(Agency, col(Agency.id) == col(StaffSession.agency_id))
        .where(
            col(StaffSession.sign_in_id) == actor.sign_in_id,
            col(StaffSession.user_id) == actor.user_id,
            _runs(),
        )
    )
    found = rows(session, statement)
    if not found:
        return actor
    staff_id, until, agency_id, name, kind = found[0]
    if not _may_look_at(actor, agency_id):
        return actor
    return replace(
        actor,
        agency_id=agency_id,
        agency_kind=kind,
        agency_name=name,
        roles=frozenset(),
        on_duty=False,
        permissions=READS,
        modules=frozenset(),
        staff_session_id=staff_id,
        staff_until=until,
    )


def _may_look_at(actor: Actor, agency_id: UUID) -> bool:
    """Tell whether it is the person's to look: the platform's at any agency, else at the own."""
    return actor.has_role(Role.PLATFORM_ADMIN) or actor.agency_id == agency_id


def touch(session: Session, staff_session_id: UUID) -> None:
    """Note that a staff session is in use; written at most once a minute."""
    now = clock.now()
    session.execute(
        sa.update(StaffSession)
        .where(
            col(StaffSession.id) == staff_session_id,
            col(StaffSession.seen_at) < now - TOUCH_EVERY,
        )
        .values(seen_at=now)
    )


def open_staff_session(
    session: Session, actor: Actor, *, agency_id: UUID, reason: str
) -> StaffSession:
    """Open a staff session for this sign-in; its agency is told by the event.

    Raises Forbidden for an agency that is not the person's to look at.
    """
    if actor.user_id is None or actor.sign_in_id is None or not actor.has_role(*OPENERS):
        raise Forbidden(_l("Only an administrator opens a staff session."))
    if session.get(Agency, agency_id) is None:
        raise NotFound
    if not _may_look_at(actor, agency_id):
        raise Forbidden(_l("You administer another institution."))
    now, own = clock.now(), new_id()
    row = StaffSession(
        id=own,
        user_id=actor.user_id,
        sign_in_id=actor.sign_in_id,
        agency_id=agency_id,
        reason_sealed=seal(session, agency_id, TABLE, "reason_sealed", own, reason),
        opened_at=now,
        until=now + LASTS,
        seen_at=now,
    )
    session.execute(
        sa.update(StaffSession)
        .where(
            col(StaffSession.sign_in_id) == actor.sign_in_id, col(StaffSession.ended_at).is_(None)
        )
        .values(ended_at=now)
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "access.staff.open", own, reason=reason, agency=str(agency_id))
    audit.link_entries(session, recent=True)
    events.record(session, StaffSessionOpened(own, agency_id, actor.user_id))
    return row


def end_staff_session(session: Session, actor: Actor) -> None:
    """End the actor's own staff session; the administrator's roles act again."""
    if actor.staff_session_id is None:
        raise NotFound
    row = session.get_one(StaffSession, actor.staff_session_id)
    row.ended_at = clock.now()
    session.flush()
    audit.record(session, actor, "access.staff.end", row.id)


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A staff session as the agency that was looked at reads of it."""

    id: UUID
    person: str
    opened_at: datetime
    until: datetime
    ended_at: datetime | None
    reason: str
    case_ids: Sequence[UUID]


def get_staff_session(session: Session, actor: Actor, staff_session_id: UUID) -> StaffRow:
    """Return who looked at the acting agency, why, and which cases; to those who were told."""
    row = session.get(StaffSession, staff_session_id)
    told = actor.has_role(Role.COORDINATOR, Role.PRIVACY_OFFICER)
    if row is None or not told or row.agency_id != actor.agency_id:
        raise NotFound
    person = session.scalar(sa.select(col(User.name)).where(col(User.id) == row.user_id)) or ""
    reason = unseal(session, row.agency_id, TABLE, "reason_sealed", row.id, row.reason_sealed)
    audit.note_read(session, actor, "access.staff.read", row.id)
    seen = audit.cases_seen_in(session, row.id, row.opened_at, row.until)
    return StaffRow(row.id, person, row.opened_at, row.until, row.ended_at, reason, seen)
