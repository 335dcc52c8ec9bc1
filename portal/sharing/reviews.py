"""Reviewing emergency access: who was in a case, why, and whether that was justified.

By the lead's coordinator and the privacy officers of both institutions, who read the reason and
nothing of the case.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.cases.events import EmergencyReviewed
from portal.cases.models import Case, CaseGrant, Verdict
from portal.cases.visibility import not_barred
from portal.db import AnyColumns, acting, once, rows
from portal.db.sealing import seal, unseal
from portal.errors import Conflict, NotFound
from portal.host.slots import HomeItem, Tone
from portal.sharing.emergency import TABLE
from portal.sharing.inputs import Review
from portal.texts import _, _l
from portal.users.models import User

Condition = sa.ColumnElement[bool]


def reviewable_grants(actor: Actor) -> Condition:
    """Return which emergency accesses, joined with their case, the actor reviews; never one's own.

    Never a case that the actor is barred from.
    """
    if actor.agency_id is None:
        return sa.false()
    ways: list[Condition] = []
    if actor.has_role(Role.COORDINATOR, Role.PRIVACY_OFFICER):
        ways.append(col(Case.lead_agency_id) == actor.agency_id)
    if actor.has_role(Role.PRIVACY_OFFICER):
        ways.append(col(CaseGrant.agency_id) == actor.agency_id)
    return sa.and_(
        sa.or_(sa.false(), *ways),
        col(CaseGrant.user_id) != actor.user_id,
        not_barred(actor, col(CaseGrant.case_id)),
    )


@dataclass(frozen=True, slots=True)
class GrantRow:
    """An emergency access as its review shows it: person, institution, times; no contents."""

    id: UUID
    case_id: UUID
    case_code: str
    person: str
    agency_id: UUID
    agency: str
    opened_at: datetime
    until: datetime
    ended_at: datetime | None
    review_due_on: date
    reviewed_at: datetime | None
    reviewer: str
    verdict: Verdict | None

    @property
    def runs(self) -> bool:
        """Tell whether it opens the case now."""
        return self.ended_at is None and self.opened_at <= clock.now() < self.until

    @property
    def is_overdue(self) -> bool:
        """Tell whether the days of its review have passed."""
        return self.reviewed_at is None and self.review_due_on < clock.today()


def _grants() -> AnyColumns:
    person, reviewer = aliased(User), aliased(User)
    statement: AnyColumns = (
        sa.select(
            col(CaseGrant.id),
            col(CaseGrant.case_id),
            col(Case.code),
            col(person.name),
            col(CaseGrant.agency_id),
            col(Agency.name),
            col(CaseGrant.opened_at),
            col(CaseGrant.until),
            col(CaseGrant.ended_at),
            col(CaseGrant.review_due_on),
            col(CaseGrant.reviewed_at),
            sa.func.coalesce(col(reviewer.name), ""),
            col(CaseGrant.verdict),
        )
        .join(Case, col(Case.id) == col(CaseGrant.case_id))
        .join(person, col(person.id) == col(CaseGrant.user_id))
        .join(Agency, col(Agency.id) == col(CaseGrant.agency_id))
        .join(reviewer, col(reviewer.id) == col(CaseGrant.reviewed_by), isouter=True)
    )
    return statement


def list_grants(session: Session, case: Case) -> list[GrantRow]:
    """Return the emergency accesses to a case that the caller may read of, the latest first."""
    statement = (
        _grants()
        .where(col(CaseGrant.case_id) == case.id)
        .order_by(col(CaseGrant.opened_at).desc(), col(CaseGrant.id).desc())
        .limit(50)
    )
    return [GrantRow(*row) for row in rows(session, statement)]


def own_grant(session: Session, actor: Actor, case: Case) -> GrantRow | None:
    """Return the running emergency access by which the actor sees a case, if any."""
    statement = (
        _grants()
        .where(
            col(CaseGrant.case_id) == case.id,
            col(CaseGrant.user_id) == actor.user_id,
            col(CaseGrant.agency_id) == actor.agency_id,
            col(CaseGrant.ended_at).is_(None),
            col(CaseGrant.until) > clock.now(),
        )
        .order_by(col(CaseGrant.until).desc())
        .limit(1)
    )
    found = rows(session, statement)
    return GrantRow(*found[0]) if found else None


def get_grant(session: Session, actor: Actor, grant_id: UUID) -> GrantRow:
    """Return an emergency access that the actor reviews; raises NotFound."""
    found = rows(session, _grants().where(col(CaseGrant.id) == grant_id, reviewable_grants(actor)))
    if not found:
        raise NotFound
    return GrantRow(*found[0])


def words_of(session: Session, actor: Actor, row: GrantRow) -> tuple[str, str]:
    """Return why it was asked for and what the review said, to whoever was given the row."""
    audit.note_read(session, actor, "sharing.review.open", row.id, case=row.case_id)
    grant = session.get_one(CaseGrant, row.id)
    words = grant.words_sealed
    return (
        unseal(session, row.case_id, TABLE, "reason_sealed", row.id, grant.reason_sealed),
        unseal(session, row.case_id, TABLE, "words_sealed", row.id, words) if words else "",
    )


def review(session: Session, actor: Actor, grant_id: UUID, given: Review) -> CaseGrant:
    """Settle a review with words; raises Conflict where somebody did meanwhile."""
    row = get_grant(session, actor, grant_id)
    grant = session.get_one(CaseGrant, row.id)
    if grant.reviewed_at is not None:
        raise Conflict(_l("This access was reviewed already."))
    grant.reviewed_at, grant.reviewed_by = clock.now(), actor.user_id
    grant.verdict = given.verdict
    grant.words_sealed = seal(session, row.case_id, TABLE, "words_sealed", grant.id, given.words)
    session.flush()
    audit.record(
        session,
        actor,
        "sharing.emergency.review",
        grant.id,
        case=grant.case_id,
        reason=given.words,
        verdict=given.verdict.value,
    )
    events.record(
        session,
        EmergencyReviewed(
            grant.id, grant.case_id, grant.agency_id, grant.user_id, given.verdict.value
        ),
    )
    return grant


def review_lines(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the reviews that wait for the actor, the first due first."""
    if not actor.has_role(Role.COORDINATOR, Role.PRIVACY_OFFICER):
        return []
    return [_line(GrantRow(*row)) for row in rows(session, _to_review(actor, limit), acting(actor))]


@once
def _to_review(actor: Actor, limit: int) -> AnyColumns:
    return (
        _grants()
        .where(col(CaseGrant.reviewed_at).is_(None), reviewable_grants(actor))
        .order_by(col(CaseGrant.review_due_on), col(CaseGrant.id))
        .limit(limit)
    )


def _line(row: GrantRow) -> HomeItem:
    days: Any = (row.review_due_on - clock.today()).days
    tone = Tone.OVERDUE if days < 0 else Tone.DUE_SOON if days <= 1 else Tone.IN_TIME
    return HomeItem(
        when=row.review_due_on,
        tone=tone,
        title=_("%(code)s · review an emergency access", code=row.case_code),
        note=f"{row.person}, {row.agency}",
        url=f"/emergency/{row.id}",
        action_label=_("Review it"),
    )
