"""Places of Peru by INEI UBIGEO: departments, provinces and districts, known without a database.

They change with a law every few years, so they come with a release: read once from a file that
`build` writes at set-up, and asked without a query. INEI and RENIEC number the same places
differently (San Martín is 22 and 21, and 22 is Tacna at RENIEC): INEI is the key everywhere here.
"""

from portal.places.catalogue import Place, fold
from portal.places.queries import (
    choices,
    districts_of,
    find_by_reniec,
    find_districts,
    full_name_of,
    get_district,
    get_place,
    level_name_of,
    list_provinces,
    name_of,
    suggested_territories,
    suggestions,
)

__all__ = [
    "Place",
    "choices",
    "districts_of",
    "find_by_reniec",
    "find_districts",
    "fold",
    "full_name_of",
    "get_district",
    "get_place",
    "level_name_of",
    "list_provinces",
    "name_of",
    "suggested_territories",
    "suggestions",
]
