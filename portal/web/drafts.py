"""Drafts: what was typed and not sent, kept on the server under the person's own key."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db.sealing import seal, unseal
from portal.errors import NotFound
from portal.web.models import Draft
from portal.web.request import actor, session

OWN_FIELDS = frozenset({"_key", "_agency", "_version", "_add"})
SECRETS = frozenset({"password", "new_password", "code", "secret", "pin", "credential"})
MOST_CHARACTERS = 60_000


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft as a form takes it up again."""

    content: dict[str, list[str]]
    saved_at: datetime


def _mine(user_id: UUID, agency_id: UUID | None, path: str) -> sa.ColumnElement[bool]:
    agency = col(Draft.agency_id)
    return sa.and_(
        col(Draft.user_id) == user_id,
        agency.is_(None) if agency_id is None else agency == agency_id,
        col(Draft.path) == path[:200],
    )


def find_draft(path: str) -> Saved | None:
    """Return what the actor typed into the form at this address, or None."""
    who = actor()
    if who.user_id is None:
        return None
    draft = session().scalar(sa.select(Draft).where(_mine(who.user_id, who.agency_id, path)))
    if draft is None:
        return None
    try:
        text = unseal(
            session(), who.user_id, "portal_draft", "content_sealed", draft.id, draft.content_sealed
        )
    except NotFound:
        return None
    return Saved(json.loads(text), draft.saved_at)


def worth_keeping(data: MultiDict[str, str]) -> dict[str, list[str]]:
    """Return what a draft keeps of a form: nothing where nothing was typed, or far too much."""
    content = {name: values for name, values in data.lists() if name not in OWN_FIELDS | SECRETS}
    is_typed = any(value for values in content.values() for value in values)
    return content if is_typed and len(json.dumps(content)) <= MOST_CHARACTERS else {}


def save_draft(
    writer: Session,
    user_id: UUID,
    agency_id: UUID | None,
    path: str,
    data: MultiDict[str, str],
) -> None:
    """Keep what stands in a form; passwords and the form's own marks are left out."""
    content = worth_keeping(data)
    text = json.dumps(content)
    if not content:
        return
    draft = writer.scalar(sa.select(Draft).where(_mine(user_id, agency_id, path)))
    if draft is None:
        draft = Draft(
            user_id=user_id,
            agency_id=agency_id,
            path=path[:200],
            content_sealed=b"",
            saved_at=clock.now(),
        )
    draft.content_sealed = seal(writer, user_id, "portal_draft", "content_sealed", draft.id, text)
    draft.saved_at = clock.now()
    writer.add(draft)
    writer.flush()


def discard_draft(writer: Session, path: str) -> None:
    """Forget the actor's draft of a form, sent or given up."""
    who = actor()
    if who.user_id is not None:
        writer.execute(sa.delete(Draft).where(_mine(who.user_id, who.agency_id, path)))
