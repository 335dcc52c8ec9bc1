"""Seats at councils pass on with a post; referrals that nobody answers come before a council."""

from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access import holdings
from portal.access.holdings import Passing
from portal.actor import Actor
from portal.cases.transitions import objector
from portal.councils.models import (
    BEFORE,
    GOING_ON,
    AgendaItem,
    Council,
    ItemStatus,
    Meeting,
    Seat,
    SeatPerson,
)
from portal.councils.silent import hear_of_silence, hear_of_word
from portal.db import rows
from portal.host.slots import Objection, Transition
from portal.referrals.events import (
    ReferralAccepted,
    ReferralAnswered,
    ReferralReturned,
    ReferralSilent,
    ReferralWithdrawn,
)
from portal.texts import _, _l
from portal.users.queries import get_user


def _seats_of(session: Session, agency_id: UUID, user_id: UUID) -> list[UUID]:
    """Return where a person sits for an agency, as titular or alternate."""
    return list(
        session.scalars(
            sa.select(col(SeatPerson.id))
            .join(Seat, col(Seat.id) == col(SeatPerson.seat_id))
            .where(
                col(Seat.agency_id) == agency_id,
                sa.or_(col(Seat.until).is_(None), col(Seat.until) > clock.today()),
                col(SeatPerson.user_id) == user_id,
                col(SeatPerson.until).is_(None),
            )
        )
    )


def _councils(session: Session, _actor: Actor, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return the names of the councils, which are public."""
    return dict(
        rows(
            session,
            sa.select(col(SeatPerson.id), col(Council.name))
            .join(Seat, col(Seat.id) == col(SeatPerson.seat_id))
            .join(Council, col(Council.id) == col(Seat.council_id))
            .where(col(SeatPerson.id).in_(ids)),
        )
    )


def _give(session: Session, actor: Actor, passing: Passing, person_id: UUID) -> None:
    """Name the new owner to the seat in the same standing, and end the other's sitting."""
    before = session.get_one(SeatPerson, person_id)
    before.until = clock.today()
    after = SeatPerson(
        seat_id=before.seat_id,
        user_id=passing.to_id,
        name=get_user(session, passing.to_id).name,
        standing=before.standing,
        since=clock.today(),
    )
    session.add(after)
    session.flush()
    seat = str(before.seat_id)
    audit.record(session, actor, "councils.seat.unname", before.id, seat=seat)
    audit.record(session, actor, "councils.seat.name", after.id, seat=seat)


def _object(session: Session, _actor: Actor, case_id: UUID, transition: str) -> list[Objection]:
    """Object while a session that was not held has the case before it: its council is named."""
    if transition != Transition.CLOSE:
        return []
    names = session.scalars(
        sa.select(col(Council.name))
        .join(Meeting, col(Meeting.council_id) == col(Council.id))
        .join(AgendaItem, col(AgendaItem.meeting_id) == col(Meeting.id))
        .where(
            col(AgendaItem.case_id) == case_id,
            col(AgendaItem.status) == ItemStatus.PENDING,
            col(Meeting.status).in_(BEFORE | GOING_ON),
        )
        .distinct()
        .order_by(col(Council.name))
    )
    text = _("It is on the agenda of a session: wait for it, or ask the secretary to take it off")
    return [Objection(text=text, where=name) for name in names]


def register() -> None:
    """Let seats pass on with a post; hear of referrals that nobody answers, and of their end."""
    holdings.register("seats", _l("Seats at councils"), _seats_of, _give, describe=_councils)
    events.subscribe(ReferralSilent, hear_of_silence, name="councils.ReferralSilent")
    events.subscribe(ReferralAccepted, hear_of_word, name="councils.ReferralAccepted")
    events.subscribe(ReferralAnswered, hear_of_word, name="councils.ReferralAnswered")
    events.subscribe(ReferralReturned, hear_of_word, name="councils.ReferralReturned")
    events.subscribe(ReferralWithdrawn, hear_of_word, name="councils.ReferralWithdrawn")
    objector("councils", _object)
