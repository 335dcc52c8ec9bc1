"""Persons to whom a case is closed: barred by the lead's coordinator, and lifted again.

A person is named by the exact user name, as the institution itself writes it; nobody browses the
people of another. A name that no account bears is refused, because a mistyped bar would protect
nobody.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.models import Membership
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.cases.models import BarKind, Case, CaseBar, Level
from portal.cases.services import bar_person
from portal.cases.visibility import open_for
from portal.db import rows
from portal.db.sealing import unseal
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.sharing.inputs import BarPerson
from portal.texts import _l
from portal.users.models import User
from portal.users.queries import find_user

TABLE = "portal_case_bar"


def bar(session: Session, actor: Actor, case_id: UUID, given: BarPerson) -> CaseBar:
    """Bar a person by exact user name: invisible at once, emergency access refused.

    Raises Invalid for an unknown name, Conflict for oneself or who is barred already.
    """
    case = _led(session, actor, case_id)
    user = find_user(session, given.username)
    if user is None or user.disabled_at is not None:
        raise Invalid(Problem("username", _l("No account has exactly this user name.")))
    if user.id == actor.user_id:
        raise Conflict(_l("Abstain from the case instead: you cannot bar yourself."))
    if _current(session, case.id, user.id) is not None:
        raise Conflict(_l("The case is closed to this person already."))
    return bar_person(session, actor, case.id, user_id=user.id, reason=given.reason)


def note_refused(session: Session, actor: Actor, case_id: UUID) -> None:
    """Note that a bar was refused: who tried many names would learn which accounts there are."""
    audit.record(session, actor, "sharing.bar.refused", case_id, case=case_id, outcome="refused")


def lift(session: Session, actor: Actor, case_id: UUID, bar_id: UUID, *, reason: str) -> CaseBar:
    """Lift a bar or accept the end of an abstention, with a reason; it stays written down."""
    case = _led(session, actor, case_id)
    found = session.get(CaseBar, bar_id)
    if found is None or found.case_id != case.id or found.lifted_at is not None:
        raise NotFound
    found.lifted_at, found.lifted_by = clock.now(), actor.user_id
    session.flush()
    audit.record(
        session,
        actor,
        "cases.case.unbar",
        case.id,
        case=case.id,
        user=str(found.user_id),
        reason=reason,
    )
    return found


def _led(session: Session, actor: Actor, case_id: UUID) -> Case:
    case = open_for(session, actor, case_id, Level.LEAD)
    if not actor.has_role(Role.COORDINATOR):
        raise Forbidden(_l("Only the coordinator of the institution in charge can do this."))
    return case


def _current(session: Session, case_id: UUID, user_id: UUID) -> CaseBar | None:
    return session.scalar(
        sa.select(CaseBar).where(
            col(CaseBar.case_id) == case_id,
            col(CaseBar.user_id) == user_id,
            col(CaseBar.lifted_at).is_(None),
        )
    )


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar that holds, as the lead's coordinator sees it."""

    id: UUID
    person: str
    agencies: str
    kind: BarKind
    at: datetime
    reason: str


def list_bars(session: Session, actor: Actor, case: Case) -> list[BarRow]:
    """Return to whom the case is closed, with the reasons: to its lead's coordinator alone."""
    if not actor.has_role(Role.COORDINATOR) or case.lead_agency_id != actor.agency_id:
        return []
    found = rows(
        session,
        sa.select(CaseBar, col(User.name))
        .join(User, col(User.id) == col(CaseBar.user_id))
        .where(col(CaseBar.case_id) == case.id, col(CaseBar.lifted_at).is_(None))
        .order_by(col(CaseBar.at)),
    )
    homes = _agencies_of(session, [bar.user_id for bar, _name in found])
    return [
        BarRow(
            id=each.id,
            person=name,
            agencies=", ".join(homes.get(each.user_id, [])),
            kind=each.kind,
            at=each.at,
            reason=unseal(session, case.id, TABLE, "reason_sealed", each.id, each.reason_sealed),
        )
        for each, name in found
    ]


def _agencies_of(session: Session, user_ids: list[UUID]) -> dict[UUID, list[str]]:
    statement = (
        sa.select(col(Membership.user_id), col(Agency.name))
        .join(Agency, col(Agency.id) == col(Membership.agency_id))
        .where(col(Membership.user_id).in_(user_ids), col(Membership.until).is_(None))
        .distinct()
        .order_by(col(Agency.name))
    )
    found: dict[UUID, list[str]] = {}
    for user_id, name in rows(session, statement):
        found.setdefault(user_id, []).append(name)
    return found
