"""The lawful ends of a procedure as data, each with its norm (DL 1297 and its Reglamento).

`DL n` is Decreto Legislativo 1297, `R n` its Reglamento (DS 001-2018-MIMP), both as amended. An end
that the norms read do not name has no source: whoever concludes says on what it rests.
"""

from dataclasses import dataclass
from typing import Any

from portal.cases.models import CaseEnding, Situation
from portal.texts import _l

RISK = frozenset({Situation.RISK})
UNPROTECTION = frozenset({Situation.UNPROTECTION})
EITHER = RISK | UNPROTECTION
ANY = frozenset(Situation)
ADULT_AGE = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A way in which the procedure of a child ends, in which situations, on what article.

    `named_in` are the situations for which that article names it.
    """

    ending: CaseEnding
    title: Any
    source: str = ""
    situations: frozenset[Situation] = ANY
    named_in: frozenset[Situation] = ANY
    hint: Any = ""

    def needs_basis(self, situation: Situation) -> bool:
        """Tell whether the norm must be given by whoever concludes."""
        return not self.source or situation not in self.named_in


ENDS: tuple[End, ...] = (
    End(
        ending=CaseEnding.OVERCOME,
        title=_l("The risk was overcome: the goals of the plan were met"),
        source="DL 42",
        situations=RISK,
        hint=_l("The risk table is applied again before (R 31.3.c)."),
    ),
    End(
        ending=CaseEnding.UNPROTECTION,
        title=_l("It became unprotection: the competent authority goes on"),
        source="DL 42; R 23.8",
        situations=RISK,
    ),
    End(
        ending=CaseEnding.RETURNED,
        title=_l("Returned to the family"),
        source="DL 91; R 46",
        situations=UNPROTECTION,
        hint=_l("It opens the follow-up of two years at least, or until the age of 18."),
    ),
    End(
        ending=CaseEnding.ADULT,
        title=_l("Reached the age of 18"),
        source="DL 42",
        situations=EITHER,
        named_in=RISK,
    ),
    End(
        ending=CaseEnding.ADOPTION,
        title=_l("Adopted, after the judicial declaration"),
        source="DL 118",
        situations=UNPROTECTION,
    ),
    End(
        ending=CaseEnding.DECLINED,
        title=_l("Competence declined to another authority"),
        source="R 160, 161",
        hint=_l("To one that uses the portal, decline it there: the case goes on with its story."),
    ),
    End(
        ending=CaseEnding.ARCHIVED,
        title=_l("Archived: neither risk nor unprotection was found"),
        source="DL 18, 29, 50",
    ),
    End(
        ending=CaseEnding.CUSTODY,
        title=_l("A dispute on custody between separated parents, which is not this procedure"),
        source="DL, 13.ª disposición complementaria final",
    ),
    End(ending=CaseEnding.DIED, title=_l("The child died")),
    End(ending=CaseEnding.OTHER, title=_l("Another end, on a norm")),
)
BY_ENDING = {each.ending: each for each in ENDS}


def ends_for(situation: Situation) -> list[End]:
    """Return the ends that a procedure in a situation may have."""
    return [each for each in ENDS if situation in each.situations]
