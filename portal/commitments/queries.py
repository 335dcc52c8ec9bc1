"""Who sees which commitment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import CASE_ROLES, Actor
from portal.agencies.models import Agency
from portal.cases.models import Case, Worklist
from portal.cases.queries import (
    Asked,
    find_case,
    not_barred,
    own_readable_cases,
    supervised_cases,
)
from portal.commitments.labels import STATUS
from portal.commitments.models import OPEN, Commitment, CommitmentStatus, Source
from portal.commitments.rules import Age, days_of
from portal.db import AnyColumns, acting, given, once, rows
from portal.errors import NotFound
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.texts import _, day_text

Condition = sa.ColumnElement[bool]
PAGE = 50
COUNTED = 1000
OWED = (CommitmentStatus.PROPOSED, CommitmentStatus.ACCEPTED)


def visible_commitments(actor: Actor) -> Condition:
    """Return the condition under which `Commitment` rows are visible to the actor.

    Who owes it, who verifies it and who proposed it (their people who work on cases), and who reads
    its case whole; never a person who is barred from the case.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or not actor.has_role(*CASE_ROLES):
        return sa.false()
    own = sa.or_(
        col(Commitment.agency_id) == actor.agency_id,
        col(Commitment.verifier_id) == actor.agency_id,
        col(Commitment.proposer_id) == actor.agency_id,
    )
    whole = (
        sa.exists()
        .where(col(Case.id) == col(Commitment.case_id), own_readable_cases(actor))
        .correlate(Commitment)
    )
    return sa.and_(sa.or_(own, whole), not_barred(actor, col(Commitment.case_id)))


def belongs(case_id: sa.ColumnElement[UUID]) -> Condition:
    """Return which commitments are of a case, for who asks whether there are any at all."""
    return col(Commitment.case_id) == case_id


def get_commitment(session: Session, actor: Actor, commitment_id: UUID) -> Commitment:
    """Return a visible commitment and note the read; raises NotFound."""
    commitment = session.scalar(
        sa.select(Commitment).where(col(Commitment.id) == commitment_id, visible_commitments(actor))
    )
    if commitment is None:
        raise NotFound
    audit.note_read(
        session,
        actor,
        "commitments.commitment.read",
        commitment.id,
        case=commitment.case_id,
    )
    return commitment


@dataclass(frozen=True, slots=True)
class CommitmentRow:
    """A commitment in a list."""

    id: UUID
    act: str
    status: CommitmentStatus
    source: Source
    due_on: date
    first_due_on: date
    agency_id: UUID
    agency: str
    verifier_id: UUID | None
    verifier: str

    @property
    def is_late(self) -> bool:
        """Tell whether its day has passed while it is owed."""
        return self.due_on < clock.today() and self.status in OWED

    @property
    def key(self) -> tuple[date, UUID]:
        """Return its place in the order of lists."""
        return self.due_on, self.id

    @property
    def url(self) -> str:
        """Return its address."""
        return f"/commitments/{self.id}"

    @property
    def title(self) -> str:
        """Return who owes what."""
        return f"{self.agency}: {self.act}"

    @property
    def note(self) -> str:
        """Return how it stands and its day."""
        return f"{STATUS[self.status]} · {day_text(self.due_on)}"


def _within_reach(actor: Actor) -> Condition:
    """Return where a commitment may be visible at all, by indexes: a village walks its own only."""
    if actor.is_system:
        return sa.true()
    found = sa.select(col(Commitment.id))
    cases = sa.select(col(Worklist.case_id)).where(col(Worklist.agency_id) == actor.agency_id)
    ways = (
        col(Commitment.agency_id) == actor.agency_id,
        col(Commitment.verifier_id) == actor.agency_id,
        col(Commitment.proposer_id) == actor.agency_id,
        col(Commitment.case_id).in_(cases),
    )
    return col(Commitment.id).in_(sa.union_all(*(found.where(way) for way in ways)))


@dataclass(frozen=True, slots=True)
class BoardRow:
    """What an agency owes, counted by state and age."""

    agency_id: UUID
    agency: str
    proposed: int
    long_late: int
    late: int
    soon: int
    later: int
    done: int

    @property
    def total(self) -> int:
        """Return how many are open."""
        accepted = self.long_late + self.late + self.soon + self.later
        return self.proposed + accepted + self.done


def list_board(session: Session, actor: Actor) -> list[BoardRow]:
    """Return the open visible commitments counted by agency: one's own first, then the latest.

    Of many, the thousand that are due soonest are counted.
    """
    soonest = (
        sa.select(col(Commitment.agency_id), col(Commitment.status), col(Commitment.due_on))
        .where(col(Commitment.status).in_(OPEN), visible_commitments(actor), _within_reach(actor))
        .order_by(col(Commitment.due_on), col(Commitment.id))
        .limit(COUNTED)
        .subquery()
    )

    def count(status: CommitmentStatus, age: Age | None = None) -> Any:
        counted = soonest.c.status == status
        if age is not None:
            counted = sa.and_(counted, soonest.c.due_on.between(*days_of(age, clock.today())))
        return sa.func.count(sa.case((counted, 1)))

    late = [count(CommitmentStatus.ACCEPTED, age) for age in Age]
    statement = (
        sa.select(
            col(Agency.id),
            col(Agency.name),
            count(CommitmentStatus.PROPOSED),
            *late,
            count(CommitmentStatus.DONE),
        )
        .join(soonest, soonest.c.agency_id == col(Agency.id))
        .group_by(col(Agency.id), col(Agency.name))
        .order_by(
            col(Agency.id) != actor.agency_id, late[0].desc(), late[1].desc(), col(Agency.name)
        )
    )
    return [BoardRow(*row) for row in rows(session, statement)]


def awaits(actor: Actor) -> Condition:
    """Return that the actor's agency proposed it, verifies it or leads its case."""
    leads = (
        sa.exists()
        .where(col(Case.id) == col(Commitment.case_id), col(Case.lead_agency_id) == actor.agency_id)
        .correlate(Commitment)
    )
    return sa.or_(
        col(Commitment.proposer_id) == actor.agency_id,
        col(Commitment.verifier_id) == actor.agency_id,
        leads,
    )


def _rows(visible: Condition) -> AnyColumns:
    verifier = aliased(Agency)
    return (
        sa.select(
            col(Commitment.id),
            col(Commitment.act),
            col(Commitment.status),
            col(Commitment.source),
            col(Commitment.due_on),
            col(Commitment.first_due_on),
            col(Commitment.agency_id),
            col(Agency.name),
            col(Commitment.verifier_id),
            sa.func.coalesce(verifier.name, ""),
        )
        .join(Agency, col(Agency.id) == col(Commitment.agency_id))
        .join(verifier, col(verifier.id) == col(Commitment.verifier_id), isouter=True)
        .where(visible)
    )


def list_commitments(
    session: Session,
    actor: Actor,
    *,
    agency_id: UUID | None = None,
    status: CommitmentStatus | None = None,
    age: Age | None = None,
    is_open: bool = True,
    after: tuple[date, UUID] | None = None,
    limit: int = PAGE,
) -> list[CommitmentRow]:
    """Return visible commitments, soonest first, of an agency, a state or an age."""
    order = (col(Commitment.due_on), col(Commitment.id))
    statement = _listed(actor, limit)
    if agency_id is not None:
        statement = statement.where(col(Commitment.agency_id) == agency_id)
    if status is not None:
        statement = statement.where(col(Commitment.status) == status)
    elif is_open:
        statement = statement.where(col(Commitment.status).in_(OPEN))
    if age is not None:
        statement = statement.where(col(Commitment.due_on).between(*days_of(age, clock.today())))
    if after is not None:
        statement = statement.where(sa.tuple_(*order) > sa.tuple_(*after))
    return _noted(session, actor, statement)


def _noted(session: Session, actor: Actor, statement: AnyColumns) -> list[CommitmentRow]:
    found = [CommitmentRow(*row) for row in rows(session, statement, acting(actor))]
    if found:
        audit.note_read(session, actor, "commitments.commitment.list", *[row.id for row in found])
    return found


@once
def _listed(actor: Actor, limit: int) -> AnyColumns:
    mine = _rows(visible_commitments(actor)).where(_within_reach(actor))
    return mine.order_by(col(Commitment.due_on), col(Commitment.id)).limit(limit)


def list_for_case(session: Session, actor: Actor, case: Case) -> list[CommitmentRow]:
    """Return the visible commitments of a case, soonest first."""
    found = rows(session, _of_case(actor), acting(actor, case_id=case.id))
    return [CommitmentRow(*row) for row in found]


@once
def _of_case(actor: Actor) -> AnyColumns:
    return (
        _rows(visible_commitments(actor))
        .where(col(Commitment.case_id) == given("case_id"))
        .order_by(col(Commitment.due_on), col(Commitment.id))
        .limit(PAGE)
    )


def states_for_case(session: Session, actor: Actor, case: Case) -> list[Asked]:
    """Return how the case's other commitments stand, to whoever supervises it; never their text."""
    others = sa.and_(supervised_cases(actor), sa.not_(visible_commitments(actor)))
    statement = (
        _rows(others)
        .join(Case, col(Case.id) == col(Commitment.case_id))
        .where(col(Commitment.case_id) == case.id)
        .order_by(col(Commitment.due_on), col(Commitment.id))
        .limit(PAGE)
    )
    found = [CommitmentRow(*row) for row in rows(session, statement)]
    return [Asked(row.agency, row.note) for row in found]


def of_sources(session: Session, actor: Actor, source_ids: list[UUID]) -> dict[UUID, CommitmentRow]:
    """Return visible commitments by what they came from."""
    statement = _rows(visible_commitments(actor)).add_columns(col(Commitment.source_id))
    statement = statement.where(col(Commitment.source_id).in_(source_ids))
    return {row[-1]: CommitmentRow(*row[:-1]) for row in rows(session, statement)}


def case_of(session: Session, actor: Actor, commitment: Commitment) -> Case | None:
    """Return its case where the actor sees it."""
    return find_case(session, actor, commitment.case_id) if commitment.case_id else None


def due_days(session: Session, actor: Actor, until: date) -> Collection[date]:
    """Return the days up to one on which the agency owes a commitment; none is named."""
    return session.scalars(
        sa.select(col(Commitment.due_on))
        .distinct()
        .where(
            col(Commitment.agency_id) == actor.agency_id,
            col(Commitment.status).in_(OWED),
            col(Commitment.due_on) <= until,
            visible_commitments(actor),
        )
    ).all()


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return what the agency owes or must accept, and what it must verify."""
    if actor.agency_id is None:
        return []
    owed = _noted(session, actor, _owed_here(actor, limit))
    to_verify = _noted(session, actor, _done_for(actor, limit))
    pending = [row for row in owed if row.status is not CommitmentStatus.DONE]
    return [_owed(row) for row in pending] + [_to_verify(row) for row in to_verify]


@once
def _owed_here(actor: Actor, limit: int) -> AnyColumns:
    owed = sa.and_(col(Commitment.agency_id) == actor.agency_id, col(Commitment.status).in_(OPEN))
    return _listed(actor, limit).where(owed)


@once
def _done_for(actor: Actor, limit: int) -> AnyColumns:
    """Return what an institution says is done, for the one that verifies it."""
    done = col(Commitment.status) == CommitmentStatus.DONE
    return _listed(actor, limit).where(done, col(Commitment.verifier_id) == actor.agency_id)


def _owed(row: CommitmentRow) -> HomeItem:
    days = (row.due_on - clock.today()).days
    waits = row.status is CommitmentStatus.PROPOSED
    return HomeItem(
        when=row.due_on,
        tone=Tone.OVERDUE if days < 0 else Tone.DUE_SOON if days <= 1 else Tone.IN_TIME,
        title=row.act,
        note=_("commitment · verified by %(name)s", name=row.verifier)
        if row.verifier
        else _("commitment"),
        url=row.url,
        action_label=_("Accept or object") if waits else _("Give evidence"),
        action_url="" if waits else f"{row.url}/done",
        group=HomeGroup.COMMITMENTS,
    )


def _to_verify(row: CommitmentRow) -> HomeItem:
    # Its day was the other institution's; whoever verifies has none.
    return HomeItem(
        when=None,
        tone=Tone.IN_TIME,
        title=row.act,
        note=_("%(agency)s says that it is done", agency=row.agency),
        url=row.url,
        action_label=_("Verify"),
        group=HomeGroup.COMMITMENTS,
    )
