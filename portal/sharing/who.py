"""Who sees a case and why: its people, who looked, and what each reader may be told of that."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit
from portal.access.models import StaffSession
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.agencies.queries import names_of
from portal.audit.labels import words_of
from portal.cases.models import Case, CaseAssignment
from portal.cases.visibility import access_to
from portal.db import rows
from portal.db.sealing import opened
from portal.texts import _
from portal.users.models import User


@dataclass(frozen=True, slots=True)
class AssignedRow:
    """A person of the acting agency who works on a case, since when."""

    user_id: UUID
    name: str
    since: datetime


def list_own_people(session: Session, actor: Actor, case: Case) -> list[AssignedRow]:
    """Return the people of the acting agency who are assigned to a case, by name."""
    statement = (
        sa.select(col(User.id), col(User.name), col(CaseAssignment.since))
        .join(CaseAssignment, col(CaseAssignment.user_id) == col(User.id))
        .where(
            col(CaseAssignment.case_id) == case.id,
            col(CaseAssignment.agency_id) == actor.agency_id,
            col(CaseAssignment.until).is_(None),
        )
        .order_by(col(User.name))
    )
    return [AssignedRow(*row) for row in rows(session, statement)]


def count_people(session: Session, actor: Actor, case: Case) -> dict[UUID, int]:
    """Return how many people of each institution are assigned: to the lead, no names."""
    if not access_to(session, actor, case).leads:
        return {}
    statement = sa.select(col(CaseAssignment.agency_id)).where(
        col(CaseAssignment.case_id) == case.id, col(CaseAssignment.until).is_(None)
    )
    return dict(Counter(session.scalars(statement)))


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look at a case: when, who, for which institution, what, and why where that was said."""

    id: UUID
    at: datetime
    user_id: UUID | None
    person: str
    agency: str
    what: str
    reason: str
    is_staff: bool


def list_looks(
    session: Session,
    actor: Actor,
    case: Case,
    *,
    user_id: UUID | None = None,
    agency_id: UUID | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[LookRow]:
    """Return who read a case, the newest first; only its lead is told, its coordinator the reasons.

    Ask for one more than shown to know whether older ones exist.
    """
    if not access_to(session, actor, case).leads:
        return []
    looks = audit.who_looked(
        session, case.id, user_id=user_id, agency_id=agency_id, before=before, limit=limit
    )
    names = dict(
        rows(
            session,
            sa.select(col(User.id), col(User.name)).where(
                col(User.id).in_({look.user_id for look in looks if look.user_id})
            ),
        )
    )
    agencies = names_of(session, {look.agency_id for look in looks if look.agency_id})
    tells_why = actor.has_role(Role.COORDINATOR)
    staff = _staff_reasons(session, looks) if tells_why else {}
    return [
        LookRow(
            id=look.id,
            at=look.at,
            user_id=look.user_id,
            person=names.get(look.user_id, "") if look.user_id else _("the portal"),
            agency=agencies.get(look.agency_id, "") if look.agency_id else "",
            what=words_of(look.action),
            reason=(_reason(session, look) or staff.get(_staff(look), "")) if tells_why else "",
            is_staff=bool(_staff(look)),
        )
        for look in looks
    ]


def _reason(session: Session, look: audit.Look) -> str:
    if look.scope is None:
        return ""
    return opened(
        session, look.scope, "portal_audit_reason", "reason_sealed", look.id, look.reason_sealed
    )


def _staff(look: audit.Look) -> str:
    return str(json.loads(look.facts).get("staff", ""))


def _staff_reasons(session: Session, looks: Sequence[audit.Look]) -> dict[str, str]:
    """Return why administrators looked, by staff session."""
    ids = {UUID(mark) for look in looks if (mark := _staff(look))}
    found = session.scalars(sa.select(StaffSession).where(col(StaffSession.id).in_(ids))).all()
    return {
        str(each.id): opened(
            session,
            each.agency_id,
            "portal_staff_session",
            "reason_sealed",
            each.id,
            each.reason_sealed,
        )
        for each in found
    }


@dataclass(frozen=True, slots=True)
class Lookers:
    """Who looked at a case at all, to choose from."""

    people: list[tuple[str, str]]
    agencies: list[tuple[str, str]]


def list_lookers(session: Session, actor: Actor, case: Case) -> Lookers:
    """Return the people and institutions that looked at a case, for its lead."""
    if not access_to(session, actor, case).leads:
        return Lookers([], [])
    pairs = audit.lookers(session, case.id)
    people: Any = (
        sa.select(col(User.id), col(User.name))
        .where(col(User.id).in_({user_id for user_id, _agency in pairs if user_id}))
        .order_by(col(User.name))
    )
    agencies: Any = (
        sa.select(col(Agency.id), col(Agency.name))
        .where(col(Agency.id).in_({agency_id for _user, agency_id in pairs if agency_id}))
        .order_by(col(Agency.name))
    )
    return Lookers(
        [(str(key), name) for key, name in rows(session, people)],
        [(str(key), name) for key, name in rows(session, agencies)],
    )
