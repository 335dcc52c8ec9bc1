"""What stays of a text where somebody else is named in it: initials. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

SHORTEST = 3
WORD = re.compile(r"\w+", re.UNICODE)
DAY = re.compile(r"\b(\d{2})/(\d{2})/(\d{4})\b")


@dataclass(frozen=True, slots=True)
class Third:
    """A person who is not the one whose data they are; a sibling goes by the given name too."""

    given: str
    surnames: str = ""
    goes_by_given: bool = False

    @property
    def full(self) -> str:
        """Return the whole name."""
        return f"{self.given} {self.surnames}".strip()


def initials_of(name: str) -> str:
    """Return "M. T." for "María Topa"."""
    return " ".join(f"{word[0].upper()}." for word in WORD.findall(name))


class Redactor:
    """Reduces the names of third parties, longest first; never one that the person bears too."""

    def __init__(self, thirds: Iterable[Third], keep: Collection[str] = ()) -> None:
        kept = {word.casefold() for name in keep for word in WORD.findall(name)}
        names = set()
        for third in thirds:
            names.add(third.full)
            if third.goes_by_given:
                names.add(" ".join([third.given, *WORD.findall(third.surnames)[:1]]))
                names |= {word for word in WORD.findall(third.given) if word.casefold() not in kept}
        wanted = sorted((each for each in names if len(each) >= SHORTEST), key=len, reverse=True)
        joined = "|".join(r"\s+".join(map(re.escape, each.split())) for each in wanted)
        self.pattern = re.compile(rf"\b(?:{joined})\b", re.IGNORECASE) if wanted else None

    def text(self, text: str) -> str:
        """Return a text in which nobody else is named."""
        if self.pattern is None:
            return text
        return self.pattern.sub(lambda found: initials_of(found[0]), text)

    def row(self, row: Mapping[str, str]) -> dict[str, str]:
        """Return a row in which nobody else is named."""
        return {label: self.text(str(value)) for label, value in row.items()}


def lies_within(row: Mapping[str, str], since: date | None, until: date | None) -> bool:
    """Tell whether a row is of a time: by the first day that stands in it, or by having none."""
    found = next((match for value in row.values() if (match := DAY.search(str(value)))), None)
    if found is None:
        return True
    day = date(int(found[3]), int(found[2]), int(found[1]))
    return (since is None or since <= day) and (until is None or day <= until)
