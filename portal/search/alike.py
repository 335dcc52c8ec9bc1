"""Search before create: who is known already, among what one may see, while a form is filled in."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from sqlmodel import Session

from portal.actor import Actor
from portal.people.sounds import name_words
from portal.search.inputs import LookFor
from portal.search.queries import Hit, find
from portal.search.results import Row, rows_of

MOST = 5
MOST_ROWS = 20
NAMES = ("given_names", "first_surname", "second_surname")
LONGEST = 120
# A given name alone is borne by too many; one surname, or two words, say enough.
FEWEST_WORDS = 2


def typed_names(form: Mapping[str, str]) -> list[str]:
    """Return the names and document numbers that stand in the rows `children-0-…` of a form.

    Siblings whose surnames stand once for all of them bear those.
    """
    return list(dict.fromkeys(_typed(form)))


def _typed(form: Mapping[str, str]) -> Iterator[str]:
    for number in range(MOST_ROWS):
        parts = [form.get(f"children-{number}-{name}", "").strip() for name in NAMES]
        if parts[0] and not any(parts[1:]):
            parts[1:] = [form.get(name, "").strip() for name in NAMES[1:]]
        if len(name_words(" ".join(parts))) >= FEWEST_WORDS:
            yield " ".join(part for part in parts if part)[:LONGEST]
        if document := form.get(f"children-{number}-document_number", "").strip():
            yield document[:LONGEST]


def alike_to(session: Session, actor: Actor, names: list[str]) -> list[Row]:
    """Return the few cases and alerts, of those the actor may see, that know such a name."""
    hits = [hit for name in names for hit in find(session, actor, LookFor(text=name)).hits[:MOST]]
    first = [next(same) for _one, same in groupby(sorted(hits, key=_by_record), key=_record)]
    return rows_of(session, actor, sorted(first, key=lambda hit: hit.key)[:MOST])


def _record(hit: Hit) -> str:
    return str(hit.id)


def _by_record(hit: Hit) -> tuple[str, int]:
    return str(hit.id), hit.rank
