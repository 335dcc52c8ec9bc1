"""Passwords: how they are kept and which are refused (SECURITY 5.3, NIST SP 800-63B)."""

import threading
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from portal.errors import Invalid, Problem
from portal.texts import _l

SHORTEST, LONGEST = 12, 128

# One hash at a time per core would be ideal; two at once keep a sign-in rush from filling memory.
_turn = threading.Semaphore(2)


@cache
def _hasher(weak: bool) -> PasswordHasher:
    """Return argon2id with 64 MiB, three passes; tests take the lowest that OWASP allows."""
    if weak:
        return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


def normal(password: str) -> str:
    """Return the password in NFKC, so that ñ typed in two ways is one letter."""
    return unicodedata.normalize("NFKC", password)


def make_hash(password: str, *, weak: bool = False) -> str:
    """Return the argon2id hash of a password."""
    with _turn:
        return _hasher(weak).hash(normal(password))


@cache
def _nobody(weak: bool) -> str:
    return make_hash("nobody has this password", weak=weak)


def verify(stored: str | None, password: str, *, weak: bool = False) -> bool:
    """Tell whether a password is the one kept; an absent account takes the same time."""
    known = stored if is_hash(stored) else None
    with _turn:
        try:
            _hasher(weak).verify(known or _nobody(weak), normal(password))
        except (VerifyMismatchError, InvalidHashError):
            return False
    return known is not None


def is_hash(stored: str | None) -> bool:
    """Tell whether a password was chosen: an account of the first day has none."""
    return bool(stored and stored.startswith("$argon2"))


def check_new(password: str, *, words: Iterable[str]) -> None:
    """Refuse a password that is too short, too long, or built on what is known of the person.

    `words` are the person's and the agency's names and the place. Raises Invalid on `new_password`.
    """
    plain = normal(password)
    if len(plain) < SHORTEST:
        raise Invalid(Problem("new_password", _l("Use at least 12 characters.")))
    if len(plain) > LONGEST:
        raise Invalid(Problem("new_password", _l("Use at most 128 characters.")))
    folded = _fold(plain)
    known = {_fold(word) for text in words for word in text.split() if len(word) > 3}
    rest = folded
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(set(folded)) < 5 or len(rest.strip("0123456789 .-_!")) < 5:
        message = _l("Too easy to guess: do not build it on names, places or repetitions.")
        raise Invalid(Problem("new_password", message))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
