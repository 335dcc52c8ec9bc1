"""What a typed text may be, and where words stand in what was written; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.cases.rules import CODE_LETTERS
from portal.people.sounds import fold_name

DOCUMENT = re.compile(r"[A-Za-z0-9]{6,15}")
CODE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)+")
TAIL = re.compile(f"[{CODE_LETTERS}]{{4}}")
DIGITS_OF_A_DOCUMENT = 5
# Signs that may carry a mark over them; a pattern of the database lets any sign stand there.
MARKED = frozenset("aeiounc")
SHORTEST_WORD = 3
MOST_WORDS = 6
BEFORE, AFTER = 45, 75


@dataclass(frozen=True, slots=True)
class Typed:
    """What a text may be: a code or its last four signs, a document number, a name; else empty.

    What is looked for exactly because of its digits is no name.
    """

    code: str
    tail: str
    document: str
    name: str

    @property
    def is_exact(self) -> bool:
        """Tell whether it may be something that is known exactly."""
        return bool(self.code or self.tail or self.document)


def read_typed(text: str) -> Typed:
    """Return what a typed text may be."""
    joined = "".join(text.split())
    has_digit = any(sign.isdigit() for sign in text)
    digits = sum(sign.isdigit() for sign in joined)
    is_document = digits >= DIGITS_OF_A_DOCUMENT and DOCUMENT.fullmatch(joined)
    code = joined.upper() if CODE.fullmatch(joined.upper()) else ""
    tail = joined.upper() if has_digit and TAIL.fullmatch(joined.upper()) else ""
    document = joined.upper() if is_document else ""
    is_exact = has_digit and bool(code or tail or document)
    return Typed(code, tail, document, name="" if is_exact else text)


def written_words(text: str) -> list[str]:
    """Return the words to look for in what was written, folded, the short ones left out."""
    return [word for word in fold_name(text).split() if len(word) >= SHORTEST_WORD][:MOST_WORDS]


def pattern(word: str) -> str:
    """Return a pattern of LIKE that lets a folded word stand with or without its marks."""
    return "%" + "".join("_" if sign in MARKED else sign for sign in word) + "%"


def excerpt(text: str, words: Sequence[str]) -> str:
    """Return the part of a text where the first of the words begins; nothing where one is absent.

    A word is found at the beginning of a word, whatever the marks and the size of its letters.
    """
    starts = _starts(text)
    places = [next((at for at, word in starts if word.startswith(one)), None) for one in words]
    if None in places or not places:
        return ""
    first = min(place for place in places if place is not None)
    begin, end = max(0, first - BEFORE), min(len(text), first + AFTER)
    shown = " ".join(text[begin:end].split())
    return f"{'…' if begin else ''}{shown}{'…' if end < len(text) else ''}"


def _starts(text: str) -> list[tuple[int, str]]:
    """Return where each word of a text begins, with the word folded."""
    return [(found.start(), fold_name(found[0])) for found in re.finditer(r"[^\W_]+", text)]
