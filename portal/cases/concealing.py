"""What emergency access and a staff session do not tell: which place of care a child is in.

Its name alone would say where it is, so it stands as "a place of care" wherever a name would stand.
"""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.actor import AgencyKind
from portal.agencies.models import Agency
from portal.cases.queries import EntryRow, PartyRow, RightRow
from portal.cases.running import TermRow
from portal.texts import _


class Concealing:
    """Replaces the names of places of care in what a page of a case shows."""

    def __init__(self, session: Session) -> None:
        places = sa.select(col(Agency.name)).where(col(Agency.kind) == AgencyKind.CARE_HOME)
        self.names = frozenset(session.scalars(places))
        self.instead = _("a place of care")

    def _name(self, name: str) -> str:
        return self.instead if name in self.names else name

    def parties(self, found: Sequence[PartyRow]) -> list[PartyRow]:
        """Return the institutions, places of care without their name."""
        return [replace(row, name=self._name(row.name)) for row in found]

    def terms(self, found: Sequence[TermRow]) -> list[TermRow]:
        """Return terms without the name of the place that owes one."""
        return [replace(row, agency=self._name(row.agency)) for row in found]

    def rights(self, found: Sequence[RightRow]) -> list[RightRow]:
        """Return rights without the name of the place that answers for one."""
        return [replace(row, agency=self._name(row.agency)) for row in found]

    def entries(self, found: Sequence[EntryRow]) -> list[EntryRow]:
        """Return entries without the place's name, nor who wrote them there."""
        return [
            replace(
                row,
                agency=self._name(row.agency),
                author="" if row.agency in self.names else row.author,
                facts={key: self._name(str(value)) for key, value in row.facts.items()},
            )
            for row in found
        ]
