"""Keyset paging: a place in an order, written into an address."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from portal.db.parts import read


def encode(key: Sequence[Any]) -> str:
    """Return a place in an order as a short text for an address."""
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in key]).encode()).decode()


def decode(text: str | None, kinds: Sequence[type]) -> Any:
    """Return the place that a text names, or None where it names none (absent or tampered with)."""
    if not text:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(text.encode()))
        return tuple(read(kind, part) for kind, part in zip(kinds, parts, strict=True))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
