"""Places in an order: they come back from an address as they were, and nothing else does."""

import base64
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from portal.db.paging import decode, encode

KEY = (7, "Ñ", date(2026, 11, 24), datetime(2026, 11, 24, 9, 30, tzinfo=UTC), UUID(int=5))
KINDS = (int, str, date, datetime, UUID)


def test_a_place_comes_back_as_it_was() -> None:
    assert decode(encode(KEY), KINDS) == KEY


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        (int, "9" * 19),
        (int, "9" * 5000),
        (str, "a\x00b"),
        (str, "a\ud800b"),
        (date, "2026-02-30"),
        (datetime, "2026-11-24T09:30"),
        (datetime, "9999-12-31T23:59:00-05:00"),
        (datetime, 5),
        (UUID, 5),
        (UUID, []),
    ],
)
def test_what_is_no_place_names_none(kind: type, part: Any) -> None:
    text = base64.urlsafe_b64encode(json.dumps([part]).encode()).decode()
    assert decode(text, (kind,)) is None


@pytest.mark.parametrize("text", ["", "á", "{}", "[" * 3000 + "]" * 3000, "null", "1"])
def test_nonsense_names_no_place(text: str) -> None:
    assert decode(text, (str,)) is None
    assert decode(base64.urlsafe_b64encode(text.encode()).decode(), (str,)) is None
