"""Routes write the same addresses as those of the library."""

from typing import Any

import pytest
from werkzeug.routing import Map, Rule

from portal.web.routing import Route

PATHS = ("/cases/<code>", "/cases/<code>/entries/<int:route>", "/pages/<int:number>")


def write(kind: type[Rule], name: str, values: dict[str, Any]) -> str:
    routes = [kind(path, endpoint=path) for path in PATHS]
    routes.append(kind("/pages/", endpoint=PATHS[2], defaults={"number": 1}))
    return Map(routes).bind("portal").build(name, values)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        (PATHS[0], {"code": "SM 26ñ"}, "/cases/SM%2026%C3%B1"),
        (PATHS[0], {"code": "A", "order": "day"}, "/cases/A?order=day"),
        (PATHS[1], {"code": "A", "route": 3, "self": 1}, "/cases/A/entries/3?self=1"),
        (PATHS[2], {"number": 1}, "/pages/"),
        (PATHS[2], {"number": 2}, "/pages/2"),
    ],
)
def test_an_address_is_the_librarys(name: str, values: dict[str, Any], expected: str) -> None:
    assert write(Route, name, values) == write(Rule, name, values) == expected
