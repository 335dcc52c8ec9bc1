"""The digest of the day: each person's own, and to coordinators what others let pass.

Made once a day, on business days of the institution, from seven in the morning. It counts and names
nothing: what waits stands on the person's page.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app, has_app_context
from sqlmodel import Session, col

from portal import clock, events
from portal.access.events import DayGathered
from portal.access.models import Membership
from portal.access.queries import acting_choices, actor_of, is_held
from portal.actor import CASE_ROLES, Role
from portal.agencies.models import Agency
from portal.cases.load import count_let_pass
from portal.db import beside, rows
from portal.deadlines.queries import calendar_for
from portal.events.models import Task
from portal.home.queries import pending
from portal.host.slots import Tone
from portal.users.models import User
from portal.users.queries import SignedIn

JOB = "home.digest"
FROM = time(7)


def plan_day(session: Session) -> int:
    """Ask for the digest of everybody who works today, once a day; returns for how many."""
    now = clock.local(clock.now())
    midnight = datetime.combine(now.date(), time(0), clock.LIMA)
    planned = sa.exists().where(col(Task.name) == JOB, col(Task.created_at) >= midnight)
    if now.time() < FROM or session.scalar(sa.select(planned)):
        return 0
    today = now.date()
    agencies = session.scalars(sa.select(Agency)).all()
    works = {each.id for each in agencies if calendar_for(session, each).is_business(today)}
    people = rows(
        session,
        sa.select(col(Membership.agency_id), col(Membership.user_id))
        .join(User, col(User.id) == col(Membership.user_id))
        .where(col(Membership.role).in_(CASE_ROLES), is_held(), col(User.disabled_at).is_(None))
        .distinct(),
    )
    planned_for = [(agency_id, user_id) for agency_id, user_id in people if agency_id in works]
    for agency_id, user_id in planned_for:
        payload = {"agency": str(agency_id), "user": str(user_id), "day": today.isoformat()}
        events.add_job(session, JOB, payload)
    return len(planned_for)


def gather(session: Session, payload: Mapping[str, Any]) -> None:
    """Count what waits for one person in one institution, and let it be told if anything does.

    What takes time is read beside, so that nobody who writes waits for it.
    """
    if not has_app_context():
        return
    with beside(session) as reading:
        gathered = _count(reading, payload)
    if gathered is not None:
        events.record(session, gathered)


def _count(session: Session, payload: Mapping[str, Any]) -> DayGathered | None:
    agency_id, user_id = UUID(payload["agency"]), UUID(payload["user"])
    user = session.get_one(User, user_id)
    if agency_id not in dict(acting_choices(session, user_id)):
        return None
    signed_in = SignedIn(
        user_id, user_id, agency_id, user.name, user.locale, clock.now(), needs_touch=False
    )
    permissions = current_app.extensions["portal"].permissions
    actor = actor_of(session, signed_in, permissions, request_id="")
    found = pending(session, actor)
    tones = [line.tone for line in found.rest]
    passed = count_let_pass(session, actor) if actor.has_role(Role.COORDINATOR) else 0
    if not found.count and not passed:
        return None
    return DayGathered(
        user_id=user_id,
        agency_id=agency_id,
        day=date.fromisoformat(payload["day"]),
        protection=len(found.protection),
        late=tones.count(Tone.OVERDUE),
        soon=tones.count(Tone.DUE_SOON),
        total=found.count,
        let_pass=passed,
    )
