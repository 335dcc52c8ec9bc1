"""What the forms hold of a person who works here: what was typed and not sent."""

import json
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.db.sealing import opened
from portal.personal import Ending, Erased, PersonExport, readable
from portal.texts import _, _l
from portal.web.models import Draft, FormKey


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return a person's drafts. They may speak of a child, so they are reserved."""
    drafts = session.scalars(
        sa.select(Draft).where(col(Draft.user_id) == user_id).order_by(col(Draft.saved_at))
    )
    rows = [
        readable(
            (_("Form"), draft.path),
            (_("Saved at"), draft.saved_at),
            (_("Text"), _typed(session, draft)),
        )
        for draft in drafts
    ]
    return [PersonExport(table="portal_draft", title=_l("Drafts"), rows=rows, is_reserved=True)]


def _typed(session: Session, draft: Draft) -> str:
    text = opened(
        session, draft.user_id, "portal_draft", "content_sealed", draft.id, draft.content_sealed
    )
    try:
        content = json.loads(text)
    except ValueError:
        return text
    return "; ".join(value for values in content.values() for value in values if value)


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Delete what was typed on the pages of what ends and not sent, and where forms led."""
    names = [*ending.codes, *map(str, ending.alert_ids)]
    if not names:
        return []
    erased = []
    for table, place in ((Draft, col(Draft.path)), (FormKey, col(FormKey.location))):
        told = sa.or_(*(place.contains(name, autoescape=True) for name in names))
        deleted = session.execute(sa.delete(table).where(told))
        count = deleted.rowcount  # type: ignore[attr-defined]
        erased.append(Erased(table=str(table.__tablename__), erased=count))
    return erased


def erase_user(session: Session, user_id: UUID) -> Sequence[Erased]:
    """Delete what a person typed and did not send, and where the person's forms led."""
    erased = []
    for table, whose in ((Draft, col(Draft.user_id)), (FormKey, col(FormKey.user_id))):
        deleted = session.execute(sa.delete(table).where(whose == user_id))
        count = deleted.rowcount  # type: ignore[attr-defined]
        erased.append(Erased(table=str(table.__tablename__), erased=count))
    return erased
