"""Who signs for an agency: entered, ended, and asked by whatever needs a signature."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.inputs import AddSigner
from portal.access.models import Signer, SignerStanding
from portal.access.queries import people_with
from portal.actor import Actor, Role
from portal.errors import Forbidden, Invalid, NotFound, Problem
from portal.texts import _l


def add_signer(session: Session, actor: Actor, given: AddSigner) -> Signer:
    """Enter who signs for the acting agency; raises Invalid where that cannot be."""
    if actor.agency_id is None:
        raise Forbidden(_l("Act for an institution to keep its signers."))
    names = dict(people_with(session, actor.agency_id, *Role))
    if given.user_id is not None and given.user_id not in names:
        raise Invalid(Problem("user_id", _l("Choose somebody of your institution.")))
    if given.user_id is None and not given.name:
        raise Invalid(Problem("name", _l("Choose a person, or write the name.")))
    if given.until is not None and given.until < given.since:
        raise Invalid(Problem("until", _l("The end must be after the beginning.")))
    signer = Signer(
        agency_id=actor.agency_id,
        user_id=given.user_id,
        name=names[given.user_id] if given.user_id else given.name,
        post=given.post,
        standing=given.standing,
        act=given.act,
        resolution=given.resolution,
        resolved_on=given.resolved_on,
        since=given.since,
        until=day_after(given.until),
    )
    session.add(signer)
    session.flush()
    audit.record(
        session,
        actor,
        "access.signer.add",
        signer.id,
        user=str(given.user_id or ""),
        act=given.act.value,
        since=given.since.isoformat(),
    )
    return signer


def day_after(last: date | None) -> date | None:
    """Return the first day without, after a last day as people write it."""
    return date.fromordinal(last.toordinal() + 1) if last else None


def get_signer(session: Session, actor: Actor, signer_id: UUID) -> Signer:
    """Return a signer of the acting agency; raises NotFound."""
    signer = session.get(Signer, signer_id)
    if signer is None or actor.agency_id is None or signer.agency_id != actor.agency_id:
        raise NotFound
    return signer


def end_signer(session: Session, actor: Actor, signer_id: UUID, *, last_day: date) -> Signer:
    """Set the last day on which a person signs; raises Invalid before its first day."""
    signer = get_signer(session, actor, signer_id)
    if last_day < signer.since:
        raise Invalid(Problem("last_day", _l("The end must be after the beginning.")))
    signer.until = day_after(last_day)
    session.flush()
    audit.record(session, actor, "access.signer.end", signer.id, until=last_day.isoformat())
    return signer


def list_signers(session: Session, agency_id: UUID) -> list[Signer]:
    """Return the signers of an agency, those in force first, then the latest."""
    today = clock.today()
    return list(
        session.scalars(
            sa.select(Signer)
            .where(col(Signer.agency_id) == agency_id)
            .order_by(
                sa.and_(col(Signer.until).is_not(None), col(Signer.until) <= today),
                col(Signer.standing) == SignerStanding.ALTERNATE,
                col(Signer.since).desc(),
                col(Signer.id),
            )
            .limit(200)
        )
    )


def release(session: Session, actor: Actor, agency_id: UUID, user_id: UUID) -> None:
    """End today what a person who leaves signs for an agency."""
    today = clock.today()
    for signer in session.scalars(
        sa.select(Signer).where(
            col(Signer.agency_id) == agency_id,
            col(Signer.user_id) == user_id,
            sa.or_(col(Signer.until).is_(None), col(Signer.until) > today),
        )
    ):
        signer.until = max(today, signer.since)
        audit.record(session, actor, "access.signer.end", signer.id, until=today.isoformat())
    session.flush()


def held_by(session: Session, agency_id: UUID, user_id: UUID) -> list[UUID]:
    """Return what a person signs for an agency now or from a later day."""
    return list(
        session.scalars(
            sa.select(col(Signer.id)).where(
                col(Signer.agency_id) == agency_id,
                col(Signer.user_id) == user_id,
                sa.or_(col(Signer.until).is_(None), col(Signer.until) > clock.today()),
            )
        )
    )
