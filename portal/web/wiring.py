"""The periodic work of forms: what was typed and never sent is forgotten after its days."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock, events
from portal.access import holdings
from portal.actor import Actor
from portal.cases.models import Case
from portal.cases.transitions import objector
from portal.host.slots import Objection, Transition
from portal.texts import _, _l
from portal.users.services import end_lapsed
from portal.web.models import Draft, FormKey
from portal.web.request import settings

EVERY = timedelta(hours=1)
LAPSE_EVERY = timedelta(minutes=1)
KEYS_KEPT = timedelta(days=2)


def _forget(session: Session) -> None:
    """Delete drafts past the instance's days, and marks of forms that nobody sends again."""
    now = clock.now()
    oldest = now - timedelta(days=settings().draft_days)
    session.execute(sa.delete(Draft).where(col(Draft.saved_at) < oldest))
    session.execute(sa.delete(FormKey).where(col(FormKey.at) < now - KEYS_KEPT))


def _drafts_of(session: Session, agency_id: UUID, user_id: UUID) -> list[UUID]:
    """Return the drafts of a person for an agency: nobody takes over what is personal."""
    return list(
        session.scalars(
            sa.select(col(Draft.id)).where(
                col(Draft.user_id) == user_id, col(Draft.agency_id) == agency_id
            )
        )
    )


def _lapse(session: Session) -> None:
    """End the sign-ins that idled or grew too old."""
    chosen = settings()
    end_lapsed(
        session,
        idle=timedelta(minutes=chosen.idle_minutes),
        absolute=timedelta(hours=chosen.absolute_hours),
    )


def _object(session: Session, actor: Actor, case_id: UUID, transition: str) -> list[Objection]:
    """Object while the actor typed something on the case and did not send it.

    A closed case would no longer take it. The form that closes is no such thing.
    """
    if transition != Transition.CLOSE or actor.user_id is None:
        return []
    page = f"/cases/{session.get_one(Case, case_id).code}/"
    paths = session.scalars(
        sa.select(col(Draft.path))
        .where(
            col(Draft.user_id) == actor.user_id,
            col(Draft.agency_id) == actor.agency_id,
            col(Draft.path).startswith(page, autoescape=True),
            col(Draft.path) != f"{page}close",
        )
        .order_by(col(Draft.saved_at))
    )
    text = _("You typed something that was not sent: send it or discard it")
    return [Objection(text=text, where=path) for path in paths]


def register() -> None:
    """Look for what may be forgotten or lapsed; count drafts where a post is handed over."""
    fate = _l("Nobody else can read them; they are deleted after some days.")
    holdings.register("drafts", _l("Personal drafts"), _drafts_of, None, fate=fate)
    events.periodic("web.forget", EVERY, _forget)
    events.periodic("web.lapse", LAPSE_EVERY, _lapse)
    objector("web", _object)
