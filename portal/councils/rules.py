"""Decisions of councils, pure: quorum, majority, dates, windows and what a text must not hold.

Where a council has no rules of its own, those of collegiate bodies apply (TUO of Ley 27444, 2026
numbering, art. 95–102).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from portal import clock
from portal.councils.models import Sense

CASE_CODE = re.compile(r"\b[A-ZÑ0-9]{2,12}-\d{4}-[A-Z0-9]{4}\b", re.IGNORECASE)
IDENTITY_NUMBER = re.compile(r"(?<![\d/.,-])\d{8}(?![\d/,-])")
SHORTEST_NAME = 3
PARTICLES = frozenset({"de", "del", "la", "las", "los", "y", "e", "da", "do", "dos", "van", "von"})
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class CouncilRules(BaseModel):
    """The rules of one council as data.

    The first call needs more than `first_call` of the seats, the second at least `second_call` of
    them and never fewer than `second_call_least` (art. 99). Briefs open `open_hours` before the
    session and stay readable `brief_days` after its closing; None means as the instance sets.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_call: tuple[int, int] = (1, 2)
    second_call: tuple[int, int] = (1, 3)
    second_call_least: int = 3
    open_hours: int | None = Field(default=None, ge=1, le=336)
    brief_days: int | None = Field(default=None, ge=0, le=60)
    item_minutes: int = Field(default=10, ge=1, le=240)
    source: str = "TUO Ley 27444, art. 95–102"


class BriefBody(BaseModel):
    """The text of a brief, and each finer detail with the reason why the council needs it."""

    text: str = ""
    district: str = ""
    district_reason: str = ""
    age: str = ""
    age_reason: str = ""
    crime: str = ""
    crime_reason: str = ""
    illness: str = ""
    illness_reason: str = ""

    def details(self) -> list[tuple[str, str]]:
        """Return the details that are given, as (name, what it says)."""
        names = ("district", "age", "crime", "illness")
        return [(name, getattr(self, name)) for name in names if getattr(self, name)]


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many seats are present, how many there are and how many are needed."""

    present: int
    seats: int
    needed: int

    @property
    def is_met(self) -> bool:
        """Tell whether the council may deliberate and agree."""
        return self.present >= self.needed


def quorum_needed(seats: int, *, call: int, rules: CouncilRules) -> int:
    """Return how many seats must be present (art. 99.1; from the second call on, art. 99.2)."""
    if call == 1:
        share, of = rules.first_call
        return seats * share // of + 1
    share, of = rules.second_call
    return max(-(-seats * share // of), rules.second_call_least)


def quorum(present: int, seats: int, *, call: int, rules: CouncilRules) -> Quorum:
    """Return the count of a session, to be shown and to decide by."""
    return Quorum(present, seats, quorum_needed(seats, call=call, rules=rules))


def second_call_day(first: datetime) -> date:
    """Return the day of the second call: the one after the first (art. 99.2)."""
    return clock.local(first).date() + timedelta(days=1)


def carries(senses: Iterable[Sense], *, chair: Sense | None) -> bool:
    """Tell whether votes make an agreement: a majority of those who attend; the chair breaks ties.

    An abstention is an attendance without a vote for (art. 100–101).
    """
    votes = list(senses)
    favour = votes.count(Sense.FOR)
    if 2 * favour == len(votes) and votes:
        return chair is Sense.FOR
    return 2 * favour > len(votes)


def may_add_outside_agenda(count: Quorum) -> bool:
    """Tell whether a point outside the agenda may be dealt with: all members present (art. 98.4).

    Its agreements must besides be unanimous.
    """
    return count.seats > 0 and count.present == count.seats


def next_letter(used: Iterable[str]) -> str:
    """Return the first free letter of a session: A to Z, then AA, AB…"""
    taken = set(used)
    names: list[str] = list(LETTERS)
    names += [first + second for first in LETTERS for second in LETTERS]
    return next(name for name in names if name not in taken)


def opens_at(starts_at: datetime, hours: int) -> datetime:
    """Return when members may begin to read the briefs of a session."""
    return starts_at - timedelta(hours=hours)


def readable_until(closed_at: datetime, days: int) -> datetime:
    """Return when members stop reading the briefs: the end of the last of those days in Lima."""
    last = clock.local(closed_at) + timedelta(days=days + 1)
    return last.replace(hour=0, minute=0, second=0, microsecond=0)


def fold(text: str) -> str:
    """Return a text without marks or case, for comparing words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def words_found(text: str, watched: Iterable[str]) -> list[str]:
    """Return the words of `watched` (names as written) that stand in a text, in order.

    Particles and words of one or two letters are no names. "Rosa" may well be the flower: whoever
    wrote it decides, so this warns and never refuses.
    """
    present = set(re.findall(r"[^\W\d_]+", fold(text)))
    found = []
    for name in watched:
        for word in re.findall(r"[^\W\d_]+", name):
            folded = fold(word)
            if len(folded) >= SHORTEST_NAME and folded not in PARTICLES and folded in present:
                found.append(word)
    return list(dict.fromkeys(found))


def identifies(text: str) -> str | None:
    """Return what in a text points to one person or case: a case code or an eight-digit number.

    It goes by form alone, so the answer tells nothing about which codes exist.
    """
    found = CASE_CODE.search(text) or IDENTITY_NUMBER.search(text)
    return str(found.group()) if found else None


def suggested_days(today: date, business: Sequence[date], next_session: date | None) -> list[date]:
    """Return the days that agreements are most often due on, soonest first, without repeats."""
    days = {day for day in [*business, next_session] if day is not None and day > today}
    return sorted(days)
