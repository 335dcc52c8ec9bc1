"""Pure decisions: which reading is unusual, and references that say nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.cases.rules import spoken
from portal.places import fold
from portal.privacy.models import AlertKind

HOUR = timedelta(hours=1)


def new_reference(letter: str) -> str:
    """Return a reference to say, such as `L-7K2M4H`: it names and counts nobody."""
    return f"{letter}-{spoken(6)}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that a person reached, for an institution.

    `is_staff`: in a staff session, which is told to that institution by itself. `is_file`: by its
    file, and not by a document or a copy alone, which who was asked something may open.
    """

    at: datetime
    user_id: UUID
    agency_id: UUID
    case_id: UUID
    is_staff: bool = False
    is_file: bool = True


@dataclass(frozen=True, slots=True)
class Burst:
    """Many different cases that one person reached within an hour."""

    user_id: UUID
    agency_id: UUID
    since: datetime
    until: datetime
    case_ids: frozenset[UUID]


def bursts(opened: Iterable[Opened], *, most: int) -> list[Burst]:
    """Return for each person and institution the fullest hour with more than `most` cases.

    Reaching the same case again does not count twice, whichever way.
    """
    by_reader: dict[tuple[UUID, UUID], list[Opened]] = {}
    for each in sorted(opened, key=lambda one: one.at):
        by_reader.setdefault((each.user_id, each.agency_id), []).append(each)
    found = []
    for (user_id, agency_id), walk in by_reader.items():
        hour = _fullest_hour(walk)
        cases = frozenset(each.case_id for each in hour)
        if len(cases) > most:
            found.append(Burst(user_id, agency_id, hour[0].at, hour[-1].at, cases))
    return found


def _fullest_hour(walk: list[Opened]) -> list[Opened]:
    best: tuple[int, int, int] = (0, 0, 0)
    first, within = 0, dict[UUID, int]()
    for last, each in enumerate(walk):
        within[each.case_id] = within.get(each.case_id, 0) + 1
        while each.at - walk[first].at > HOUR:
            gone = walk[first].case_id
            within[gone] -= 1
            if not within[gone]:
                del within[gone]
            first += 1
        best = max(best, (len(within), -first, last + 1))
    return walk[-best[1] : best[2]]


@dataclass(frozen=True, slots=True)
class Declared:
    """What a person declares: surnames as written, home district (INEI), documents."""

    first_surname: str = ""
    second_surname: str = ""
    district: str = ""
    document: str = ""
    kin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A child of a case as far as kinship may show: surnames, document, the case's district."""

    first_surname: str
    second_surname: str
    document: str
    district: str


def relation(declared: Declared, child: Named) -> AlertKind | None:
    """Return how a reader stands to a child, or None.

    Both surnames count only together with the same district: by surnames alone a whole village
    would be accused.
    """
    if child.document and child.document == declared.document:
        return AlertKind.OWN
    if child.document and child.document in declared.kin:
        return AlertKind.KIN
    own = (fold(declared.first_surname), fold(declared.second_surname))
    theirs = (fold(child.first_surname), fold(child.second_surname))
    near = bool(declared.district) and declared.district == child.district
    return AlertKind.KIN if all(own) and own == theirs and near else None
