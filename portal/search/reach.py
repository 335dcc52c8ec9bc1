"""How far a search can reach: bounds around what the rule of visibility then decides.

Everything that somebody may see lies within. Nothing is seen for lying there.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from portal.actor import Actor
from portal.alerts.models import Alert, AlertCall, AlertChild, AlertRecipient
from portal.cases.listing import ORDER, CaseFilter, walk
from portal.cases.models import CaseChild, CaseGrant, CaseStatus, Level, Worklist
from portal.cases.visibility import may_hold_emergency, runs
from portal.family.models import Relative
from portal.people.finding import count_of

MOST_CASES = 1000
# An institution of so few cases and alerts has its own people walked, not the bearers of a name.
FEW = 1000


def nearby(actor: Actor) -> Any:
    """Return the cases whose texts are looked through: the most pressing, and those of tonight."""
    parts = [
        walk(actor, CaseFilter(status=status)).order_by(*ORDER).limit(MOST_CASES).subquery()
        for status in CaseStatus
    ]
    return sa.union_all(*[sa.select(part) for part in parts], opened_tonight(actor))


def opened_tonight(actor: Actor) -> "sa.Select[UUID]":
    """Return the cases that emergency access of the person opens now, for the acting agency."""
    return sa.select(col(CaseGrant.case_id)).where(
        col(CaseGrant.user_id) == actor.user_id,
        col(CaseGrant.agency_id) == actor.agency_id,
        runs(),
    )


def may_be_read(actor: Actor, case_id: Any) -> sa.ColumnElement[bool]:
    """Return that a case stands on the acting agency's list as one that it reads, or is open now.

    Whatever the actor reads does. It is a sieve, one look in an index, for the many who bear a name
    and of whom few may be seen here; what passes is asked the rule itself.
    """
    listed = sa.exists().where(
        col(Worklist.agency_id) == actor.agency_id,
        col(Worklist.case_id) == case_id,
        sa.or_(
            col(Worklist.level) == Level.LEAD,
            sa.and_(col(Worklist.level) == Level.TEAM, col(Worklist.status) == CaseStatus.OPEN),
        ),
    )
    if not may_hold_emergency(actor):
        return listed
    return sa.or_(listed, case_id.in_(opened_tonight(actor)))


def own_counts(actor: Actor) -> "list[sa.Select[int, int]]":
    """Return how many cases and alerts the acting agency has, up to a bound, under no word's place.

    They are counted beside the words of a name, in the same statement.
    """
    sides = (
        col(Worklist.agency_id),
        col(Alert.sender_id),
        col(Alert.authority_id),
        col(AlertRecipient.agency_id),
    )
    return [
        count_of(-place, sa.select(sa.literal(1)).where(side == actor.agency_id).limit(FEW + 1))
        for place, side in enumerate(sides, 1)
    ]


def has_few(counts: Mapping[int, int]) -> bool:
    """Tell by `own_counts` whether the people of the acting agency can be walked."""
    return sum(count for place, count in counts.items() if place < 0) <= FEW


def people_in_reach(actor: Actor) -> "sa.CompoundSelect[UUID]":
    """Return whoever stands in a case or an alert that may be the actor's to see.

    Walked in place of all who bear a name, they take the same time whoever else bears it.
    """
    listed: Any = sa.select(col(Worklist.case_id)).where(col(Worklist.agency_id) == actor.agency_id)
    cases = sa.union(listed, opened_tonight(actor))
    alerts = sa.union(
        sa.select(col(Alert.id)).where(col(Alert.sender_id) == actor.agency_id),
        sa.select(col(Alert.id)).where(col(Alert.authority_id) == actor.agency_id),
        sa.select(col(AlertRecipient.alert_id)).where(
            col(AlertRecipient.agency_id) == actor.agency_id
        ),
        sa.select(col(AlertCall.alert_id)).where(col(AlertCall.user_id) == actor.user_id),
    )
    return sa.union(
        sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id).in_(cases)),
        sa.select(col(Relative.person_id)).where(col(Relative.case_id).in_(cases)),
        sa.select(col(AlertChild.person_id)).where(col(AlertChild.alert_id).in_(alerts)),
    )
