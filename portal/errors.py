"""What may go wrong, said once; one handler in `web` turns each into a page.

Messages are lazy translatable texts, safe to show to the person who caused the error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class PortalError(Exception):
    """Anything that the portal refuses with a sentence for a person."""

    def __init__(self, message: Any = "") -> None:
        super().__init__(message)
        self.message = message


class NotFound(PortalError):
    """The record is absent, or invisible to the actor: the two look the same (404)."""


class Forbidden(PortalError):
    """The actor sees the record but may not do this; the message says who can (403)."""


class Conflict(PortalError):
    """The record is no longer in the state that the act needs (409)."""


class TooMany(PortalError):
    """The actor has asked as often as one may for now; the message says what else to do (429)."""


class Unavailable(PortalError):
    """The portal cannot answer safely at the moment, for example without its trail (503)."""


class OperatorError(PortalError):
    """An operator's mistake: one line that says what to do; exit status 1."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct: the field as posted (None for the whole form) and the message."""

    field: str | None
    message: Any


class Invalid(PortalError):
    """Input that the rules refuse, with one problem for each field concerned (422)."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(str(problem.field) for problem in problems))
        self.problems: Sequence[Problem] = problems
