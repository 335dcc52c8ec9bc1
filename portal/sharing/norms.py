"""The norms on which an institution may come onto a case: a catalogue with citation and validity.

Data are passed between public entities for their own powers without consent (Ley 29733 art. 14.1);
sensitive ones where a law says so for an important public interest (art. 13.6), which DL 1297 art.
15.2 does for the authorities of the procedure. What the case needs and no norm here covers is
written in one's own words.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.actor import AgencyKind
from portal.texts import _l

TUO_2026 = date(2026, 4, 30)


@dataclass(frozen=True, slots=True)
class Norm:
    """A norm in force between two days (both may be open); `kinds` empty means any institution."""

    code: str
    citation: str
    title: Any
    kinds: frozenset[AgencyKind] = frozenset()
    valid_from: date | None = None
    valid_until: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether the norm is in force on a day."""
        began = self.valid_from is None or self.valid_from <= day
        return began and (self.valid_until is None or day < self.valid_until)

    def fits(self, kind: AgencyKind | None) -> bool:
        """Tell whether an institution of a kind comes on it; an unknown kind may on any."""
        return kind is None or not self.kinds or kind in self.kinds


def _kinds(*kinds: AgencyKind) -> frozenset[AgencyKind]:
    return frozenset(kinds)


CATALOGUE = (
    Norm(
        "collaboration",
        "DL 1297 art. 15.1; TUO Ley 27444 arts. 76–77",
        _l("Duty to collaborate with the authority of the procedure"),
        valid_from=TUO_2026,
    ),
    Norm(
        "information",
        "DL 1297 art. 15.2",
        _l("Information that the authority requires, sensitive data among it"),
    ),
    Norm("powers", "Ley 29733 art. 14.1", _l("For the institution's own powers by law")),
    Norm(
        "defence",
        "DL 1297 art. 11.3; R 19",
        _l("Legal defence of the child"),
        _kinds(AgencyKind.PUBLIC_DEFENCE),
    ),
    Norm(
        "prosecutor",
        "DL 1297 arts. 12–14, 30",
        _l("The Public Ministry takes part in the procedure"),
        _kinds(AgencyKind.PROSECUTOR),
    ),
    Norm(
        "supervision",
        "Ley 26520 arts. 9, 16",
        _l("Supervision by the Defensoría del Pueblo"),
        _kinds(AgencyKind.DEFENSORIA),
    ),
    Norm(
        "care",
        "DL 1297 arts. 74–82; R 100–132",
        _l("Residential care of the child"),
        _kinds(AgencyKind.CARE_HOME, AgencyKind.INABIF, AgencyKind.CHARITY),
    ),
    Norm(
        "violence",
        "Ley 30364",
        _l("Attention to violence against a member of the family"),
        _kinds(
            AgencyKind.CEM,
            AgencyKind.POLICE,
            AgencyKind.PROSECUTOR,
            AgencyKind.COURT,
            AgencyKind.HEALTH,
            AgencyKind.FORENSIC,
        ),
    ),
    Norm(
        "risk",
        "DL 1297 art. 11.1; R 6–7",
        _l("Authority of the procedure for risk"),
        _kinds(AgencyKind.DEMUNA, AgencyKind.UPE, AgencyKind.LOCAL_GOVERNMENT),
    ),
)


def in_force(day: date, kind: AgencyKind | None = None) -> tuple[Norm, ...]:
    """Return the norms in force on a day for a kind of institution, its own before the general."""
    found = [norm for norm in CATALOGUE if norm.holds(day) and norm.fits(kind)]
    return tuple(sorted(found, key=lambda norm: not norm.kinds))


def find(code: str, day: date) -> Norm | None:
    """Return the norm of a code where it is in force on a day."""
    return next((norm for norm in CATALOGUE if norm.code == code and norm.holds(day)), None)
