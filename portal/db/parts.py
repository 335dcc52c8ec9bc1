"""Parts of a place in an order, read from an address, which anybody may have bent."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

# The largest whole number that both databases keep.
MOST = 2**63 - 1


def read(kind: type, part: Any) -> Any:
    """Return a part as what it was; raises ValueError where no database takes it."""
    if not isinstance(part, str) or "\x00" in part:
        raise ValueError
    # A lone half of a sign cannot be written either: this raises a ValueError too.
    part.encode()
    return _READ[kind](part)


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
