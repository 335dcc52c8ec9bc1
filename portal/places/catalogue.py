"""Every place of the country in memory, read once from the file written at set-up."""

import json
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.errors import OperatorError

DATA = Path(__file__).parent / "data" / "places.json"

DEPARTMENT, PROVINCE, DISTRICT = LEVELS = 2, 4, 6
# San Martín, whose places the forms propose.
HOME = "22"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A department, province or district, told apart by the length of its INEI code: 2, 4 or 6.

    `reniec` is the same place's code at RENIEC where known. Coordinates are those of the capital,
    in degrees, for San Martín only.
    """

    code: str
    name: str
    reniec: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def is_district(self) -> bool:
        """Tell whether this is a district."""
        return len(self.code) == DISTRICT

    @property
    def province(self) -> str:
        """Return the code of the province; a department's own code where there is none."""
        return self.code[:PROVINCE]

    @property
    def department(self) -> str:
        """Return the code of the department."""
        return self.code[:DEPARTMENT]


def fold(text: str) -> str:
    """Return a text for comparing: small letters, no accents, single blanks; ñ becomes n."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(sign if sign.isalnum() else " " for sign in plain if sign.isascii())
    return " ".join(letters.split())


@cache
def places() -> dict[str, Place]:
    """Return all places by INEI code; raises OperatorError where set-up did not run."""
    if not DATA.is_file():
        raise OperatorError("The table of places is missing: run 'make setup'.")
    rows = json.loads(DATA.read_text(encoding="utf-8"))
    return {row["code"]: Place(**row) for row in rows}


@cache
def by_reniec() -> dict[str, Place]:
    """Return the places whose RENIEC code is known, by that code."""
    return {place.reniec: place for place in places().values() if place.reniec}


@cache
def searchable(*levels: int) -> tuple[tuple[str, str, Place], ...]:
    """Return (folded name, folded name with province and department, place) for each district.

    Of other `levels` where they are named, the wider ones first.
    """
    found = [place for place in places().values() if len(place.code) in (levels or (DISTRICT,))]
    found.sort(key=lambda place: (len(place.code), place.code))
    return tuple((fold(place.name), fold(" ".join(names_of(place))), place) for place in found)


@cache
def named(*levels: int) -> dict[str, list[Place]]:
    """Return the same places by each folded name they bear: the short one and the full one."""
    found: dict[str, list[Place]] = {}
    for name, full, place in searchable(*levels):
        for each in {name, full}:
            found.setdefault(each, []).append(place)
    return found


def names_of(place: Place) -> list[str]:
    """Return a place's name and those of its province and department, as far as they go."""
    return [places()[place.code[:length]].name for length in range(len(place.code), 0, -2)]
