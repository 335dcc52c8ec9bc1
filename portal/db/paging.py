"""Keyset paging: a place in an order, written into an address."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

# The largest whole number that both databases keep.
MOST = 2**63 - 1


def encode(key: Sequence[Any]) -> str:
    """Return a place in an order as a short text for an address."""
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in key]).encode()).decode()


def decode(text: str | None, kinds: Sequence[type]) -> Any:
    """Return the place that a text names, or None where it names none (absent or tampered with)."""
    if not text:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(text.encode()))
        return tuple(_READ[kind](_text(part)) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _text(part: Any) -> str:
    """Return a part as it was written; what no database takes was never ours."""
    if not isinstance(part, str) or "\x00" in part:
        raise ValueError
    part.encode()
    return part


def _whole(part: str) -> int:
    found = int(part)
    if abs(found) > MOST:
        raise ValueError
    return found


def _moment(part: str) -> datetime:
    found = datetime.fromisoformat(part)
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)


_READ: dict[type, Any] = {
    int: _whole,
    str: str,
    date: date.fromisoformat,
    datetime: _moment,
    UUID: UUID,
}
