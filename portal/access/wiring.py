"""What the roster has people hold: the shifts to come."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access import holdings
from portal.access.holdings import Passing
from portal.access.models import DutyShift
from portal.access.roster import give_shift
from portal.actor import Actor, Role
from portal.db import rows
from portal.texts import _l, day_text


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
        said[shift_id] = (
            f"{day_text(begin.date())} {begin:%H:%M} – {day_text(end.date())} {end:%H:%M}"
        )
    return said


def _give(session: Session, actor: Actor, passing: Passing, shift_id: UUID) -> None:
    shift = session.get_one(DutyShift, shift_id)
    give_shift(session, shift, passing.to_id)
    audit.record(session, actor, "access.roster.give", shift.id, user=str(passing.to_id))


def register() -> None:
    """Let shifts pass on with a post."""
    holdings.register(
        "shifts",
        _l("Duty shifts"),
        _shifts_of,
        _give,
        describe=_named,
        takers={Role.DUTY_OFFICER},
        holds=_holds,
    )
