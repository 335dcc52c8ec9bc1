"""Searches that are made, kept under a name, and forgotten."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.db.sealing import fingerprint, opened, seal, unseal
from portal.errors import Forbidden, Invalid, NotFound, Problem
from portal.people.sounds import fold_name
from portal.search.inputs import LookFor
from portal.search.models import Search
from portal.texts import _l

TABLE = "portal_search"
KEPT = timedelta(days=1)
MOST_SAVED = 30


def make_search(session: Session, actor: Actor, wanted: LookFor) -> Search:
    """Write what is looked for under the person's own key, and in the trail its mark alone.

    The mark (SECURITY 5.9) is the same for the same text and cannot be read back.
    """
    if actor.user_id is None or actor.agency_id is None:
        raise Forbidden(_l("Act for an institution to search."))
    if wanted.is_empty:
        asked_for = _l("Write a name, a code or a document number, or choose a detail.")
        raise Invalid(Problem("text", asked_for))
    search = Search(
        user_id=actor.user_id, agency_id=actor.agency_id, wanted_sealed=b"", made_at=clock.now()
    )
    asked = wanted.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(asked)
    search.wanted_sealed = seal(session, search.user_id, TABLE, "wanted_sealed", search.id, text)
    session.add(search)
    session.flush()
    told = json.dumps(asked | {"text": fold_name(wanted.text)}, sort_keys=True)
    mark = fingerprint(session, search.user_id, told)
    audit.record(session, actor, "search.search.run", search.id, mark=mark, fields=sorted(asked))
    return search


def note_alike(session: Session, actor: Actor, names: Sequence[str]) -> None:
    """Write in the trail that a form looked for the names typed into it, by their mark alone."""
    if actor.user_id is not None:
        mark = fingerprint(session, actor.user_id, fold_name(" ".join(names)))
        audit.record(session, actor, "search.search.alike", None, mark=mark)


def get_search(session: Session, actor: Actor, search_id: UUID) -> Search:
    """Return one's own search for the acting agency; raises NotFound for anybody else's."""
    search = session.scalar(sa.select(Search).where(_own(actor), col(Search.id) == search_id))
    if search is None:
        raise NotFound
    return search


def _own(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.and_(col(Search.user_id) == actor.user_id, col(Search.agency_id) == actor.agency_id)


def wanted_of(session: Session, search: Search) -> LookFor:
    """Return what a search looks for; raises NotFound where its key was destroyed."""
    cell = search.wanted_sealed
    text = unseal(session, search.user_id, TABLE, "wanted_sealed", search.id, cell)
    return LookFor.model_validate(json.loads(text))


def save_search(session: Session, actor: Actor, search_id: UUID, *, name: str) -> Search:
    """Keep a search under a name; the oldest of very many goes."""
    search = get_search(session, actor, search_id)
    own, column = search.user_id, "name_sealed"
    search.name_sealed = seal(session, own, TABLE, column, search.id, name)
    search.saved_at = clock.now()
    session.flush()
    audit.record(session, actor, "search.search.save", search.id)
    surplus = session.scalars(
        sa.select(Search)
        .where(_own(actor), col(Search.saved_at).is_not(None))
        .order_by(col(Search.saved_at).desc())
        .offset(MOST_SAVED)
    )
    for each in surplus.all():
        session.delete(each)
    session.flush()
    return search


def forget_search(session: Session, actor: Actor, search_id: UUID) -> None:
    """Delete one's own search."""
    search = get_search(session, actor, search_id)
    audit.record(session, actor, "search.search.forget", search.id)
    session.delete(search)
    session.flush()


def forget_old(session: Session) -> None:
    """Forget the searches of yesterday that nobody kept."""
    session.execute(
        sa.delete(Search).where(
            col(Search.saved_at).is_(None), col(Search.made_at) < clock.now() - KEPT
        )
    )


@dataclass(frozen=True, slots=True)
class Saved:
    """A search that was kept, by its name."""

    id: UUID
    name: str
    saved_at: datetime


def list_saved(session: Session, actor: Actor) -> list[Saved]:
    """Return one's own saved searches for the acting agency, the latest first."""
    found = session.scalars(
        sa.select(Search)
        .where(_own(actor), col(Search.saved_at).is_not(None))
        .order_by(col(Search.saved_at).desc())
        .limit(MOST_SAVED)
    )
    return [
        Saved(each.id, name_of(session, each), each.saved_at) for each in found if each.saved_at
    ]


def name_of(session: Session, search: Search) -> str:
    """Return the name of a saved search."""
    cell = search.name_sealed
    return opened(session, search.user_id, TABLE, "name_sealed", search.id, cell)
