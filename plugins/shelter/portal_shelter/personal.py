"""What the module holds of a child, in readable words, for the copy of a person's data."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.sdk import _, opened, readable
from portal_shelter.labels import DESTINATION, MEASURE
from portal_shelter.models import OverCapacity, Stay
from portal_shelter.queries import cases_of


def stays_of(session: Session, person_id: UUID) -> list[Mapping[str, Any]]:
    """Return what the module holds of a person's stays, in readable words."""
    found = session.scalars(sa.select(Stay).where(col(Stay.person_id) == person_id))
    return [
        readable(
            (_("Admitted at"), stay.admitted_at),
            (_("Measure"), MEASURE[stay.measure]),
            (_("Legal basis"), stay.legal_basis),
            (_("Ordered by"), stay.ordered_by),
            (_("How the child arrived"), told(session, stay, "arrival_sealed")),
            (_("Left at"), stay.left_at),
            (_("Destination"), DESTINATION[stay.destination] if stay.destination else ""),
            (_("Released by"), stay.released_by),
            (_("Who received the child"), told(session, stay, "receiver_sealed")),
            (_("How the child left"), told(session, stay, "departure_sealed")),
        )
        for stay in found
    ]


def told(session: Session, stay: Stay, column: str) -> str:
    """Return what a sealed cell of a stay says, for a copy; one whose key is gone says so."""
    cell = getattr(stay, column)
    return opened(session, stay.case_id, "shelter_stay", column, stay.id, cell)


def decisions_of(session: Session, person_id: UUID) -> list[Mapping[str, Any]]:
    """Return the decisions over capacity on the cases of a person."""
    found = session.scalars(
        sa.select(OverCapacity).where(col(OverCapacity.case_id).in_(cases_of(person_id)))
    )
    return [
        readable(
            (_("Decided at"), each.decided_at),
            (_("Until"), each.until),
            (
                _("Reason"),
                opened(
                    session,
                    each.case_id,
                    "shelter_over_capacity",
                    "reason_sealed",
                    each.id,
                    each.reason_sealed,
                ),
            ),
        )
        for each in found
    ]
