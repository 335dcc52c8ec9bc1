"""The six-monthly review of privileges (DS 016-2024-JUS art. 46).

A review opens by itself and lists each role of each person with its last use. The administrator
says of each whether it stays, and another person, the privacy officer, confirms; only then does
what ends end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.leaving import start_leaving
from portal.access.models import AccessReview, AccessReviewLine, Membership, ReviewDecision
from portal.access.queries import is_held, of_agency, people_with
from portal.access.services import end_on_instance, governs
from portal.actor import Actor, Role, system_actor
from portal.agencies.models import Agency
from portal.db import AnyColumns, rows
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _, _l
from portal.users.models import SignIn, User

DAYS_OF_MONTH = 30.4


def open_due(session: Session, *, months: int, days: int) -> int:
    """Open the review of each agency (and of the instance) whose last one is some months old.

    The first comes that long after the agency's first role. Returns how many were opened.
    """
    oldest = clock.now() - timedelta(days=round(months * DAYS_OF_MONTH))
    held = sa.select(col(Membership.agency_id), sa.func.min(col(Membership.since)))
    began = dict(rows(session, held.where(is_held()).group_by(col(Membership.agency_id))))
    last = dict(
        rows(
            session,
            sa.select(
                col(AccessReview.agency_id), sa.func.max(col(AccessReview.opened_at))
            ).group_by(col(AccessReview.agency_id)),
        )
    )
    waiting = set(
        session.scalars(
            sa.select(col(AccessReview.agency_id)).where(col(AccessReview.closed_at).is_(None))
        )
    )
    due = [
        agency_id
        for agency_id, since in began.items()
        if agency_id not in waiting and (last.get(agency_id) or since) <= oldest
    ]
    for agency_id in due:
        open_review(session, system_actor(agency_id), agency_id, days=days)
    return len(due)


def open_review(
    session: Session, actor: Actor, agency_id: UUID | None, *, days: int
) -> AccessReview:
    """Open a review of an agency (None: of the instance), to be done within some days."""
    review = AccessReview(
        agency_id=agency_id,
        opened_at=clock.now(),
        due_on=clock.today() + timedelta(days=days),
    )
    session.add(review)
    session.flush()
    used = sa.select(sa.func.max(col(SignIn.seen_at))).where(
        col(SignIn.user_id) == col(Membership.user_id),
        col(SignIn.agency_id).is_(None)
        if agency_id is None
        else col(SignIn.agency_id) == agency_id,
    )
    statement = sa.select(col(Membership.id), used.scalar_subquery()).where(
        of_agency(agency_id), is_held()
    )
    session.add_all(
        AccessReviewLine(review_id=review.id, membership_id=membership_id, used_at=seen)
        for membership_id, seen in rows(session, statement)
    )
    session.flush()
    audit.record(session, actor, "access.review.open", review.id, agency=str(agency_id or ""))
    return review


def may_confirm(session: Session, actor: Actor, review: AccessReview) -> bool:
    """Tell whether the actor is the second person: the privacy officer, or the instance's auditor.

    Where an agency has no privacy officer, the platform confirms.
    """
    if actor.user_id is None or actor.user_id == review.decided_by:
        return False
    if review.agency_id is None:
        return actor.agency_id is None and actor.has_role(Role.AUDITOR, Role.PLATFORM_ADMIN)
    if actor.agency_id == review.agency_id and actor.has_role(Role.PRIVACY_OFFICER):
        return True
    has_officer = bool(people_with(session, review.agency_id, Role.PRIVACY_OFFICER))
    return not has_officer and actor.has_role(Role.PLATFORM_ADMIN)


def get_review(session: Session, actor: Actor, review_id: UUID) -> AccessReview:
    """Return a review that the actor decides, confirms or oversees; raises NotFound."""
    review = session.get(AccessReview, review_id)
    if review is None:
        raise NotFound
    own = actor.agency_id == review.agency_id and actor.has_role(
        Role.PRIVACY_OFFICER, Role.AGENCY_ADMIN, Role.AUDITOR
    )
    if not own and not governs(session, actor, review.agency_id):
        raise NotFound
    return review


@dataclass(frozen=True, slots=True)
class Line:
    """A role of a person in a review, with its last use."""

    id: UUID
    membership_id: UUID
    user_id: UUID
    name: str
    username: str
    role: Role
    since: datetime
    used_at: datetime | None
    decision: ReviewDecision | None
    until: datetime | None

    def is_unused(self, days: int) -> bool:
        """Tell whether nobody has signed in with it for some days."""
        return self.used_at is None or self.used_at < clock.now() - timedelta(days=days)

    @property
    def has_ended(self) -> bool:
        """Tell whether the role ended meanwhile."""
        return self.until is not None and self.until <= clock.now()


def list_lines(session: Session, review: AccessReview) -> list[Line]:
    """Return the lines of a review by person; one statement."""
    statement: AnyColumns = (
        sa.select(
            col(AccessReviewLine.id),
            col(Membership.id),
            col(User.id),
            col(User.name),
            col(User.username),
            col(Membership.role),
            col(Membership.since),
            col(AccessReviewLine.used_at),
            col(AccessReviewLine.decision),
            col(Membership.until),
        )
        .join(Membership, col(Membership.id) == col(AccessReviewLine.membership_id))
        .join(User, col(User.id) == col(Membership.user_id))
        .where(col(AccessReviewLine.review_id) == review.id)
        .order_by(col(User.name), col(Membership.role), col(AccessReviewLine.id))
    )
    return [Line(*row) for row in rows(session, statement)]


def decide(
    session: Session,
    actor: Actor,
    review_id: UUID,
    decisions: Mapping[UUID, ReviewDecision],
) -> AccessReview:
    """Say of each role whether it stays; it waits then for the second person.

    Raises Conflict for a closed review, Invalid naming each line that nobody decided.
    """
    review = get_review(session, actor, review_id)
    if not governs(session, actor, review.agency_id):
        raise Forbidden(_l("The administrator decides, another person confirms."))
    if review.closed_at is not None:
        raise Conflict(_l("This review is closed."))
    lines = list_lines(session, review)
    missing = [line for line in lines if line.id not in decisions and not line.has_ended]
    if missing:
        raise Invalid(
            *(
                Problem(f"line-{line.id}", _l("Decide on %(name)s.", name=line.name))
                for line in missing
            )
        )
    for line in lines:
        row = session.get_one(AccessReviewLine, line.id)
        row.decision = decisions.get(line.id, ReviewDecision.END)
    review.decided_by, review.decided_at = actor.user_id, clock.now()
    session.flush()
    audit.record(session, actor, "access.review.decide", review.id)
    return review


def send_back(session: Session, actor: Actor, review_id: UUID, *, reason: str) -> AccessReview:
    """Give a decided review back to the administrator, with a reason; by the second person."""
    review = to_confirm(session, actor, review_id)
    review.decided_by = review.decided_at = None
    session.flush()
    audit.record(session, actor, "access.review.send_back", review.id, reason=reason)
    return review


def to_confirm(session: Session, actor: Actor, review_id: UUID) -> AccessReview:
    """Return a decided review that the actor confirms or sends back; its form asks this first."""
    review = get_review(session, actor, review_id)
    if not may_confirm(session, actor, review):
        raise Forbidden(_l("Another person than who decided confirms: the privacy officer."))
    if review.closed_at is not None or review.decided_at is None:
        raise Conflict(_l("Nothing waits for a confirmation here. Look at it again."))
    return review


def confirm(session: Session, actor: Actor, review_id: UUID) -> AccessReview:
    """Confirm every line and end what ends; what has to be handed over opens a hand-over.

    Raises Forbidden for who decided, Conflict, and Invalid where an end leaves an agency without
    an administrator.
    """
    review = to_confirm(session, actor, review_id)
    ending: dict[UUID, set[Role]] = {}
    for line in list_lines(session, review):
        if line.decision is ReviewDecision.END and not line.has_ended:
            ending.setdefault(line.user_id, set()).add(line.role)
            if review.agency_id is None:
                end_on_instance(session, system_actor(), line.membership_id, at=clock.now())
    if review.agency_id is not None:
        for user_id, roles in ending.items():
            start_leaving(session, actor, user_id=user_id, agency_id=review.agency_id, roles=roles)
    review.closed_by, review.closed_at = actor.user_id, clock.now()
    session.flush()
    audit.record(session, actor, "access.review.confirm", review.id, count=len(ending))
    return review


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review in a list: whose, when, how it stands."""

    id: UUID
    agency_id: UUID | None
    agency: str
    opened_at: datetime
    due_on: date
    decided_at: datetime | None
    closed_at: datetime | None

    @property
    def is_overdue(self) -> bool:
        """Tell whether its day has passed while it is open: computed, never stored."""
        return self.closed_at is None and self.due_on < clock.today()


def list_reviews(session: Session, actor: Actor, *, limit: int = 100) -> list[ReviewRow]:
    """Return the reviews that the actor may see, open ones first; the platform sees all."""
    statement = (
        sa.select(
            col(AccessReview.id),
            col(AccessReview.agency_id),
            sa.func.coalesce(col(Agency.name), _("Platform")),
            col(AccessReview.opened_at),
            col(AccessReview.due_on),
            col(AccessReview.decided_at),
            col(AccessReview.closed_at),
        )
        .join(Agency, col(Agency.id) == col(AccessReview.agency_id), isouter=True)
        .order_by(
            col(AccessReview.closed_at).is_not(None),
            col(AccessReview.due_on).desc(),
            col(AccessReview.id),
        )
        .limit(limit)
    )
    if not actor.has_role(Role.PLATFORM_ADMIN):
        own = col(AccessReview.agency_id)
        statement = statement.where(
            own.is_(None) if actor.agency_id is None else own == actor.agency_id
        )
    return [ReviewRow(*row) for row in rows(session, statement)]


def count_overdue(session: Session) -> int:
    """Return how many reviews are open past their day."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(AccessReview)
            .where(col(AccessReview.closed_at).is_(None), col(AccessReview.due_on) < clock.today())
        )
        or 0
    )
