"""What this context has people hold, shifts and signatures, and its periodic reviews."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access import holdings, reviews, signers
from portal.access.holdings import Passing
from portal.access.models import DutyShift
from portal.access.roster import give_shift
from portal.actor import Actor, Role
from portal.db import rows
from portal.texts import _l, moment_text

EVERY = timedelta(hours=6)


def _shifts_of(session: Session, agency_id: UUID, user_id: UUID) -> list[UUID]:
    return list(
        session.scalars(
            sa.select(col(DutyShift.id))
            .where(
                col(DutyShift.agency_id) == agency_id,
                col(DutyShift.user_id) == user_id,
                col(DutyShift.ends_at) > clock.now(),
            )
            .order_by(col(DutyShift.starts_at))
        )
    )


def _holds(user_id: Any, agency_id: UUID) -> sa.ColumnElement[bool]:
    """Return the condition that a person has a shift to come or running in an agency."""
    return sa.exists().where(
        col(DutyShift.agency_id) == agency_id,
        col(DutyShift.user_id) == user_id,
        col(DutyShift.ends_at) > clock.now(),
    )


def _named(session: Session, actor: Actor, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Name shifts by their hours, to whoever keeps or reads that agency's roster."""
    found = rows(
        session,
        sa.select(col(DutyShift.id), col(DutyShift.starts_at), col(DutyShift.ends_at)).where(
            col(DutyShift.id).in_(ids)
        ),
    )
    said = {}
    for shift_id, starts_at, ends_at in found:
        begin, end = clock.local(starts_at), clock.local(ends_at)
        said[shift_id] = f"{moment_text(begin)} – {moment_text(end)}"
    return said


def _give(session: Session, actor: Actor, passing: Passing, shift_id: UUID) -> None:
    shift = session.get_one(DutyShift, shift_id)
    give_shift(session, shift, passing.to_id)
    audit.record(session, actor, "access.roster.give", shift.id, user=str(passing.to_id))


def _open_reviews(session: Session) -> None:
    settings = current_app.extensions["portal"].settings
    reviews.open_due(session, months=settings.review_months, days=settings.review_days)


def register() -> None:
    """Let shifts pass on with a post, end signatures with it, and open reviews when due."""
    holdings.register(
        "shifts",
        _l("Duty shifts"),
        _shifts_of,
        _give,
        describe=_named,
        takers={Role.DUTY_OFFICER},
        holds=_holds,
    )
    holdings.register(
        "signatures",
        _l("Signing for the institution"),
        signers.held_by,
        None,
        release=signers.release,
        fate=_l("It ends with the post; who signs next needs a resolution."),
    )
    events.periodic("access.reviews", EVERY, _open_reviews)
