"""What the notices hold of a person who works here."""

import json
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.notifications.models import Notice
from portal.personal import Ending, Erased, PersonExport, readable
from portal.texts import _, _l
from portal.users.models import User


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return the notices of a person; they carry codes only."""
    found = session.scalars(
        sa.select(Notice).where(col(Notice.user_id) == user_id).order_by(col(Notice.at))
    )
    rows = [
        readable(
            (_("When"), notice.at),
            (_("Notice"), _(notice.text, **notice.facts)),
            (_("Read at"), notice.read_at),
        )
        for notice in found
    ]
    return [PersonExport(table="portal_notice", title=_l("Notices"), rows=rows)]


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Delete the notices that are about a case, carry a code, or lead to a page, of what ends."""
    names = [*ending.codes, *map(str, ending.alert_ids)]
    facts = sa.cast(col(Notice.facts), sa.Text)
    told = [
        where.contains(name, autoescape=True)
        for name in names
        for where in (facts, col(Notice.url))
    ]
    about = col(Notice.case_id).in_(ending.case_ids)
    deleted = session.execute(sa.delete(Notice).where(sa.or_(about, *told)))
    return [Erased(table="portal_notice", erased=deleted.rowcount)]  # type: ignore[attr-defined]


def erase_user(session: Session, user_id: UUID) -> Sequence[Erased]:
    """Delete the notices to a person, and those to others that carry the person's name."""
    name = session.scalar(sa.select(col(User.name)).where(col(User.id) == user_id)) or ""
    about = sa.cast(col(Notice.facts), sa.Text).contains(json.dumps(name), autoescape=True)
    mine = sa.or_(col(Notice.user_id) == user_id, about)
    deleted = session.execute(sa.delete(Notice).where(mine))
    return [Erased(table="portal_notice", erased=deleted.rowcount)]  # type: ignore[attr-defined]
