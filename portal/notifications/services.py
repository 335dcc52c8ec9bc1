"""Telling people, and noting that they know."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.access.queries import attending
from portal.actor import Actor
from portal.notifications.models import Notice


def tell(
    session: Session,
    users: Iterable[UUID],
    *,
    agency_id: UUID | None,
    origin: str,
    text: str,
    facts: Mapping[str, str] | None = None,
    url: str,
    case_id: UUID | None = None,
) -> None:
    """Tell some people of an agency once; `text` is marked with `msgid` and filled by `facts`.

    `case_id` is what it is about where the text does not say it.
    """
    known = set(session.scalars(sa.select(col(Notice.user_id)).where(col(Notice.origin) == origin)))
    for user_id in set(users) - known:
        session.add(
            Notice(
                user_id=user_id,
                agency_id=agency_id,
                case_id=case_id,
                origin=origin,
                text=text,
                facts=dict(facts or {}),
                url=url,
                at=clock.now(),
            )
        )
    session.flush()


def tell_agency(
    session: Session,
    agency_id: UUID,
    *,
    origin: str,
    text: str,
    facts: Mapping[str, str] | None = None,
    url: str,
    case_id: UUID | None = None,
) -> None:
    """Tell an agency's coordinators and whoever is on duty there."""
    people = attending(session, agency_id)
    tell(
        session,
        people,
        agency_id=agency_id,
        origin=origin,
        text=text,
        facts=facts,
        url=url,
        case_id=case_id,
    )


def mark_read(session: Session, actor: Actor) -> None:
    """Note that the actor knows every notice of the acting agency."""
    session.execute(
        sa.update(Notice)
        .where(
            col(Notice.user_id) == actor.user_id,
            col(Notice.agency_id) == actor.agency_id,
            col(Notice.read_at).is_(None),
        )
        .values(read_at=clock.now())
    )
