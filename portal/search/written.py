"""Words in what one may read: summaries, acts of the circles one reads, what alerts tell.

What is sealed stands nowhere in the clear and is not looked through. Of an institution with very
many cases the most pressing are: the list that each works from, up to a bound.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import Actor
from portal.alerts.models import Alert
from portal.alerts.queries import visible_alerts
from portal.cases.models import Case, Circle, Entry
from portal.cases.queries import readable_cases, visible_entries
from portal.search.reach import nearby
from portal.search.rules import excerpt, pattern, written_words

MOST_TEXTS = 2000


@dataclass(frozen=True, slots=True)
class Written:
    """A text in which the words stand: of which record, the part around them, of which day."""

    kind: str
    id: UUID
    text: str
    on: date | None


def written(session: Session, actor: Actor, text: str) -> Iterator[Written]:
    """Yield what was written with these words, in one statement; each must begin a word of it."""
    words = written_words(text)
    if not words:
        return
    for kind, one, told, at in session.execute(_statement(actor, words)):
        if shown := excerpt(told, words):
            on = clock.local(at).date() if kind == "entry" else None
            yield Written("alert" if kind == "alert" else "case", one, shown, on)


def _statement(actor: Actor, words: Sequence[str]) -> Any:
    near = nearby(actor)
    summaries = sa.select(
        sa.literal("case"), col(Case.id), col(Case.summary), col(Case.opened_at)
    ).where(col(Case.id).in_(near), readable_cases(actor), *_stand(col(Case.summary), words))
    entries = sa.select(
        sa.literal("entry"), col(Entry.case_id), col(Entry.text), col(Entry.happened_at)
    ).where(
        col(Entry.case_id).in_(near),
        col(Entry.circle) != Circle.SEALED,
        col(Entry.struck_at).is_(None),
        visible_entries(actor),
        *_stand(col(Entry.text), words),
    )
    alerts = sa.select(
        sa.literal("alert"), col(Alert.id), col(Alert.what_happens), col(Alert.created_at)
    ).where(visible_alerts(actor), *_stand(col(Alert.what_happens), words))
    parts = [part.limit(MOST_TEXTS).subquery() for part in (summaries, entries, alerts)]
    return sa.union_all(*[sa.select(part) for part in parts])


def _stand(column: Any, words: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    return [sa.func.lower(column).like(pattern(word)) for word in words]
