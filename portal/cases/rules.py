"""Pure decisions about cases: codes, titles, and what each level reads."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from flask_babel import get_locale

from portal.actor import AgencyKind
from portal.cases.models import Circle, Level
from portal.people.rules import Aged, age_on
from portal.texts import _, _n

# Who reads where a person is by law, besides the institution in charge: justice and the defence.
BY_LAW = (AgencyKind.PROSECUTOR, AgencyKind.COURT, AgencyKind.PUBLIC_DEFENCE)
# Who works on a whole case: the institution in charge and those that intervene.
WORKERS = (Level.LEAD, Level.TEAM)
# No vowels, so that no word appears, and no letters or digits that look alike.
CODE_LETTERS = "34679CDFGHJKMNPQRTVWXY"


def spoken(count: int) -> str:
    """Return so many random letters and digits that are said without mistake."""
    return "".join(secrets.choice(CODE_LETTERS) for _place in range(count))


def new_code(agency_code: str, year: int) -> str:
    """Return `<agency>-<year>-<four random characters>`: never a name and never a count."""
    return f"{agency_code}-{year}-{spoken(4)}"


def title_of(children: Sequence[Aged], day: date) -> str:
    """Return a title without names, such as "Two siblings, 4 and 9 years"."""
    ages = sorted(age for child in children if (age := age_on(child, day)) is not None)
    return _title(len(children), tuple(ages), get_locale())


@lru_cache(maxsize=4096)
def _title(count: int, ages: tuple[int, ...], _locale: object) -> str:
    """Return the title of so many children; lists show the same few over and over."""
    if not count:
        return _("No child registered yet")
    if count == 1:
        if not ages:
            return _("One child")
        if not ages[0]:
            return _("Child of less than a year")
        return _n("Child, %(num)s year", "Child, %(num)s years", ages[0])
    if not ages:
        return _("%(count)s siblings", count=count)
    listed = _join([str(age) if age else _("less than 1") for age in ages])
    return _("%(count)s siblings, %(ages)s years", count=count, ages=listed)


def _join(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("%(first)s and %(last)s", first=", ".join(parts[:-1]), last=parts[-1])


class Basis(StrEnum):
    """On what somebody sees a case: the institution is on it, emergency access, a staff session."""

    PARTY = "party"
    EMERGENCY = "emergency"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Access:
    """What an institution reads of one case, as its level and the case's state give it.

    A closed case is read by the lead; the others see its header and what they wrote. Emergency
    access and a staff session only read.
    """

    level: Level
    is_open: bool
    kind: AgencyKind | None
    basis: Basis = Basis.PARTY

    @property
    def reads_only(self) -> bool:
        """Tell whether nothing may be done on the case, and modules show no part of theirs."""
        return self.basis is not Basis.PARTY

    @property
    def reads_all(self) -> bool:
        """Tell whether identity, situation, rights and the team's pieces are read."""
        return self.level is Level.LEAD or (self.level is Level.TEAM and self.is_open)

    @property
    def works_on_all(self) -> bool:
        """Tell whether the actor reads the whole case and may do something on it."""
        return self.reads_all and not self.reads_only

    @property
    def supervises(self) -> bool:
        """Tell whether the Defensoría looks on without reading all (Ley 26520 art. 9, 16)."""
        return not self.reads_all and self.kind is AgencyKind.DEFENSORIA and self.is_open

    @property
    def reads_terms(self) -> bool:
        """Tell whether the stage and running terms are read."""
        return self.reads_all or self.supervises

    @property
    def leads(self) -> bool:
        """Tell whether the actor acts for the institution in charge (a cargo)."""
        return self.level is Level.LEAD and not self.reads_only

    @property
    def circles(self) -> tuple[Circle, ...]:
        """Return the circles in which the institution may write."""
        if self.reads_only:
            return ()
        if self.level is Level.INFORMED:
            return (Circle.PARTIES, Circle.AGENCY)
        return (Circle.TEAM, Circle.PARTIES, Circle.AGENCY, Circle.SEALED)


# From the narrowest circle to the widest.
OUTWARD = (Circle.SEALED, Circle.AGENCY, Circle.TEAM, Circle.PARTIES)


def is_outward(old: Circle, new: Circle) -> bool:
    """Tell whether a piece would be read by more people than before: that needs a reason."""
    return OUTWARD.index(new) > OUTWARD.index(old)


def circles_to(old: Circle, access: Access, *, is_author: bool) -> tuple[Circle, ...]:
    """Return where a piece may be moved.

    Its author narrows freely and widens up to the team; wider than that is the lead's, who also
    narrows to the team what everybody on the case read. What is sealed is its author's alone.
    """
    if access.reads_only:
        return ()
    own = [circle for circle in access.circles if circle is not Circle.PARTIES]
    narrower = [circle for circle in access.circles if not is_outward(old, circle)]
    allowed = {*own, *narrower} if is_author else set()
    if access.leads and (is_author or old in (Circle.TEAM, Circle.PARTIES)):
        allowed |= {Circle.TEAM, Circle.PARTIES}
    return tuple(circle for circle in OUTWARD if circle in allowed and circle is not old)
