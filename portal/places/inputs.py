"""A place as a form sends it: chosen from a list, or typed as people write it."""

from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from portal.inputs import refusal
from portal.places.catalogue import LEVELS, Place, fold, named, places
from portal.places.queries import (
    find_districts,
    find_places,
    full_name_of,
    level_name_of,
    levels_said,
)
from portal.texts import _l

MOST_SUGGESTIONS = 5


def read_district(value: object) -> object:
    """Return the INEI code of what was sent: a code, "Lamas, Lamas, San Martín", or a sole name.

    A name that several districts bear is refused with their full names, so that nobody is sent to
    a homonym; an unknown one with the nearest. RENIEC codes are not read: the same six digits name
    another place there.
    """
    if not isinstance(value, str):
        return value
    typed = value.strip()
    place = places().get(typed)
    if place is not None and place.is_district:
        return typed
    exact = named().get(fold(typed), [])
    if len(exact) == 1:
        return exact[0].code
    raise _refused(typed, exact or find_districts(typed, limit=MOST_SUGGESTIONS))


def _refused(typed: str, near: list[Place]) -> PydanticCustomError:
    if not near:
        message = _l("There is no district “%(typed)s”.", typed=typed[:80])
    else:
        names = "; ".join(full_name_of(place.code) for place in near[:MOST_SUGGESTIONS])
        message = _l("Say which district is meant: %(names)s.", names=names)
    return refusal(message)


def read_province(value: object) -> object:
    """Return the four-digit INEI code of a province; anything else is refused."""
    if isinstance(value, str) and len(value.strip()) == 4 and value.strip() in places():
        return value.strip()
    raise refusal(_l("Choose a province from the list."))


def read_territory(value: object) -> object:
    """Return the INEI code of a department, province or district, typed as `read_district` takes.

    Homonyms of all levels are refused unless the level stands before the name ("Province of
    Lamas"), since a department, its province and a district there are often called the same.
    """
    if not isinstance(value, str):
        return value
    typed = value.strip()
    if typed in places():
        return typed
    wanted, of = _without_level(fold(typed))
    exact = named(*of).get(wanted, [])
    if len(exact) == 1:
        return exact[0].code
    near = (exact or find_places(wanted, *of, limit=MOST_SUGGESTIONS))[:MOST_SUGGESTIONS]
    if not near:
        raise refusal(_l("There is no place “%(typed)s”.", typed=typed[:80]))
    names = "; ".join(level_name_of(place.code) for place in near)
    raise refusal(_l("Say which place is meant: %(names)s.", names=names))


def _without_level(typed: str) -> tuple[str, tuple[int, ...]]:
    """Return a folded name without the level said before it, and the levels that may be meant.

    The level may be said in either language.
    """
    for before, level in levels_said():
        if typed.startswith(f"{before} "):
            return typed.removeprefix(before).strip(), (level,)
    return typed, LEVELS


District = Annotated[str, BeforeValidator(read_district)]
Province = Annotated[str, BeforeValidator(read_province)]
Territory = Annotated[str, BeforeValidator(read_territory)]
