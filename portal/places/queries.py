"""Finding and naming places."""

from collections.abc import Iterable
from functools import cache, lru_cache

import flask_babel

from portal.errors import NotFound
from portal.places.catalogue import (
    DEPARTMENT,
    DISTRICT,
    LEVELS,
    PROVINCE,
    Place,
    by_reniec,
    fold,
    names_of,
    places,
    searchable,
)
from portal.texts import LOCALES, _, _l


def get_place(code: str) -> Place:
    """Return the department, province or district of an INEI code; raises NotFound."""
    place = places().get(code)
    if place is None:
        raise NotFound(_l("There is no place with the UBIGEO %(code)s.", code=code))
    return place


def get_district(code: str) -> Place:
    """Return the district of a six-digit INEI code; raises NotFound."""
    place = get_place(code)
    if not place.is_district:
        raise NotFound(_l("There is no place with the UBIGEO %(code)s.", code=code))
    return place


def find_by_reniec(code: str) -> Place | None:
    """Return the place that RENIEC numbers so; never mix such a code with the INEI ones."""
    return by_reniec().get(code)


def name_of(code: str | None) -> str:
    """Return "Lamas" for a code; for an unknown or missing one, words that say so."""
    place = places().get(code or "")
    return place.name if place else _("place not known")


def full_name_of(code: str | None) -> str:
    """Return "Lamas, Lamas, San Martín": district, province, department, as far as they go."""
    place = places().get(code or "")
    return ", ".join(names_of(place)) if place else _("place not known")


def levels() -> dict[int, str]:
    """Return how a place of each level is said, around its `%(name)s`, in the reader's language."""
    return {
        DEPARTMENT: _("Department of %(name)s"),
        PROVINCE: _("Province of %(name)s"),
        DISTRICT: _("District of %(name)s"),
    }


def levels_said() -> list[tuple[str, int]]:
    """Return what stands before the name of a place of each level, folded, in every language.

    A level is understood whichever language the page is in: people paste what they know.
    """
    said = []
    for language in LOCALES:
        with flask_babel.force_locale(language):
            said += [(fold(words % {"name": ""}), level) for level, words in levels().items()]
    return said


def level_name_of(code: str) -> str:
    """Return "Province of Lamas, San Martín": where homonyms of another level may be meant."""
    known = code in places()
    return levels()[len(code)] % {"name": full_name_of(code)} if known else full_name_of(code)


@cache
def list_provinces(department: str | None = None) -> tuple[Place, ...]:
    """Return the provinces of a department, or of the country, in the order of the codes."""
    return tuple(
        place
        for place in places().values()
        if len(place.code) == PROVINCE and department in (None, place.department)
    )


def districts_of(within: str | None = None) -> list[Place]:
    """Return the districts of a province or department, or of the country, by name."""
    return list(_in_order(within or ""))


@lru_cache(maxsize=64)
def _in_order(within: str) -> tuple[Place, ...]:
    """Return the districts inside a code, sorted once: pages of forms ask each time."""
    inside = [each for each in searchable() if each[2].code.startswith(within)]
    inside.sort(key=lambda each: (each[2].province, each[0]))
    return tuple(place for _name, _full, place in inside)


def choices(within: str | None = None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the districts for a select, grouped by province: (group, [(code, name), …]).

    A group is named "Lamas" inside one department, "Lamas, San Martín" otherwise.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for place in districts_of(within):
        groups.setdefault(place.province, []).append((place.code, place.name))
    alone = within is not None and len(within) >= DEPARTMENT
    naming = name_of if alone else full_name_of
    return [(naming(province), options) for province, options in groups.items()]


def find_districts(text: str, within: str | None = None, *, limit: int = 20) -> list[Place]:
    """Return districts whose names fit what was typed, best first; accents do not matter.

    Words may come in any order and name the province or department too ("santa rosa el dorado");
    digits are the beginning of an INEI code. `within` is a province or department that limits the
    search.
    """
    return _find(searchable(), text, within or "")[:limit]


def find_places(text: str, *of: int, limit: int = 20) -> list[Place]:
    """Return places of all levels, or of those that `of` names, as `find_districts` does."""
    return _find(searchable(*(of or LEVELS)), text, "")[:limit]


def _find(among: Iterable[tuple[str, str, Place]], text: str, within: str) -> list[Place]:
    wanted = fold(text)
    if not wanted:
        return []
    found = [
        (_rank(wanted, name), place.code, place)
        for name, full, place in among
        if place.code.startswith(within) and _fits(wanted, full, place.code)
    ]
    return [place for _rank_, _code, place in sorted(found, key=lambda each: each[:2])]


def _fits(wanted: str, full: str, code: str) -> bool:
    if wanted.isdigit():
        return code.startswith(wanted)
    words = full.split()
    return all(any(word.startswith(part) for word in words) for part in wanted.split())


def _rank(wanted: str, name: str) -> int:
    """Order the whole name before its beginning, that before a name found by other words."""
    if name == wanted:
        return 0
    if wanted.startswith(f"{name} "):
        return 1
    return 2 if name.startswith(wanted) else 3


def suggestions(within: str) -> list[str]:
    """Return the full names of districts for a field that is typed in and proposes them.

    A field read as `portal.places.inputs.District` takes any of them, and any other district's.
    """
    return [full_name_of(place.code) for place in districts_of(within)]


def suggested_territories(within: str) -> list[str]:
    """Return a department or province, and what lies in it, each said with its level.

    A field read as `portal.places.inputs.Territory` takes any of them, and any other place's.
    """
    inside = [place.code for _name, _full, place in searchable(*LEVELS)]
    return [level_name_of(code) for code in inside if code.startswith(within)]
