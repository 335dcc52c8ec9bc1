"""Words for why something was found, and for what can be chosen."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portal.people.finding import Like
from portal.people.models import NamePart
from portal.people.rules import Named
from portal.people.sounds import BEGINS, NICKNAME, SAME, fold_name
from portal.search.inputs import State
from portal.texts import _, _l, day_text

if TYPE_CHECKING:
    from portal.search.queries import Why

STATE = {
    State.OPEN: _l("Open cases"),
    State.CLOSED: _l("Closed cases"),
    State.WAITING: _l("Alerts that wait"),
}


def reason(why: "Why", person: Named | None) -> Iterator[str]:
    """Yield in words why something was found; `person` is whose name it was."""
    if why.kind == "code":
        yield _("It has this code.")
    elif why.kind == "document":
        yield _("Document number of one of its children.")
    elif why.kind == "written" and why.on:
        yield _("In an act of %(day)s: “%(text)s”", day=day_text(why.on), text=why.text)
    elif why.kind == "written":
        yield _("In what is told: “%(text)s”", text=why.text)
    elif why.likeness and person:
        yield from (_likeness(like, person) for like in why.likeness.likes)


def _likeness(like: Like, person: Named) -> str:
    word = _as_written(like, person)
    is_given = like.part is NamePart.GIVEN
    if like.cost == NICKNAME:
        return _("%(name)s is also called %(typed)s.", name=word, typed=like.typed.capitalize())
    if like.cost in (SAME, BEGINS):
        return _("Name: %(name)s.", name=word) if is_given else _("Surname: %(name)s.", name=word)
    typed = like.typed.capitalize()
    if is_given:
        return _("Similar name: %(name)s ≈ %(typed)s.", name=word, typed=typed)
    return _("Similar surname: %(name)s ≈ %(typed)s.", name=word, typed=typed)


def _as_written(like: Like, person: Named) -> str:
    """Return the word of the name as it was written, with its marks and capitals."""
    part = {
        NamePart.GIVEN: person.given_names,
        NamePart.FIRST: person.first_surname,
        NamePart.SECOND: person.second_surname,
    }[like.part]
    found = (each for each in part.split() if like.word in fold_name(each).split())
    return next(found, like.word.capitalize())
