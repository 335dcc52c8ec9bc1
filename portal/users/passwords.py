"""Passwords: how they are kept and which are refused (SECURITY 5.3, NIST SP 800-63B)."""

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.errors import Invalid, Problem
from portal.texts import _l

WORD = re.compile(r"\w+")
SHORTEST, LONGEST = 12, 128
# Of five marks (0 to 4) the least that is taken; further letters make it stronger, not weaker.
GOOD, LOOKED_AT = 3, 72
# What people here would try first; the lists of the library are of English and of leaked words.
EVERYBODY = ("articula contrasena clave peru niño niña demuna defensoria tarapoto amor dios",)
NAMES = _l(
    "Too easy to guess for who knows you: do not build it on your name, your institution or places."
    " Four words that do not belong together are good."
)
COMMON = _l(
    "Too easy to guess: it is among the first that are tried. Four words that do not belong "
    "together are good."
)

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
        except (VerificationError, InvalidHashError):
            return False
    return known is not None


def is_hash(stored: str | None) -> bool:
    """Tell whether a password was chosen: an account of the first day has none."""
    return bool(stored and stored.startswith("$argon2"))


def is_dated(stored: str, *, weak: bool = False) -> bool:
    """Tell whether a hash was made at another cost than today's."""
    return _hasher(weak).check_needs_rehash(stored)


def check_new(password: str, *, words: Iterable[str]) -> None:
    """Refuse a password that is too short, too long, common, or built on what is known of a person.

    `words` are the person's and the agency's names and the place. Raises Invalid on `new_password`.
    """
    plain = normal(password)
    if len(plain) < SHORTEST:
        raise Invalid(Problem("new_password", _l("Use at least 12 characters.")))
    if len(plain) > LONGEST:
        raise Invalid(Problem("new_password", _l("Use at most 128 characters.")))
    folded = _fold(plain)
    known = sorted(
        {
            _fold(word)
            for text in (*words, *EVERYBODY)
            for word in WORD.findall(text)
            if len(word) > 2
        },
        key=len,
        reverse=True,
    )
    rest = folded.replace(" ", "")
    for word in known:
        rest = rest.replace(word, "")
    if len(rest.strip("0123456789 .,-_!")) < 5:
        raise Invalid(Problem("new_password", NAMES))
    if _strength(folded, known) < GOOD:
        raise Invalid(Problem("new_password", COMMON))


def _strength(folded: str, known: list[str]) -> int:
    """Return how hard a password is to guess, 0 to 4, for whoever knows these words."""
    from zxcvbn import zxcvbn

    return int(zxcvbn(folded[:LOOKED_AT], user_inputs=known)["score"])


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
