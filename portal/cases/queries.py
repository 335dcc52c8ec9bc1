"""What pages read of cases; visibility, children, terms and home lines have rooms of their own.

This is the door to all of them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import clock
from portal.access.queries import is_unattended
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.cases.children import (
    ChildRow,
    case_view,
    case_views,
    child_view,
    children_of,
    list_children,
    list_residents,
    opens_whereabouts,
    whereabouts_of,
)
from portal.cases.inputs import AskEntries
from portal.cases.lines import home_items
from portal.cases.models import (
    Case,
    CaseAssignment,
    CaseParty,
    Circle,
    Entry,
    EntryKind,
    Level,
)
from portal.cases.rules import Access
from portal.cases.running import TermRow, due_days, list_terms, terms_running_out
from portal.cases.strips import RightRow, StepRow, list_right_steps, list_rights
from portal.cases.visibility import (
    access_to,
    access_to_act,
    acting_instead,
    case_and_access,
    case_to_act,
    entries_at,
    find_case,
    get_case,
    is_current,
    level_of,
    must_act,
    must_work,
    not_barred,
    opens_sealed,
    own_cases,
    own_entries,
    own_readable_cases,
    readable_cases,
    supervised_cases,
    visible_case_ids,
    visible_cases,
    visible_entries,
    visible_people,
    visible_terms,
)
from portal.db import AnyColumns, acting, given, once, rows
from portal.db.sealing import opened
from portal.errors import NotFound
from portal.texts import _
from portal.users.models import User

__all__ = [
    "Asked",
    "ChildRow",
    "EntryRow",
    "PartyRow",
    "RightRow",
    "StepRow",
    "TermRow",
    "access_to",
    "access_to_act",
    "acting_instead",
    "assigned_to",
    "case_and_access",
    "case_to_act",
    "case_view",
    "case_views",
    "child_view",
    "children_of",
    "codes_of",
    "due_days",
    "entries_at",
    "find_case",
    "get_case",
    "get_entry",
    "home_items",
    "is_current",
    "level_of",
    "list_assigned",
    "list_children",
    "list_entries",
    "list_parties",
    "list_residents",
    "list_right_steps",
    "list_rights",
    "list_terms",
    "list_writers",
    "must_act",
    "must_work",
    "not_barred",
    "opens_sealed",
    "opens_whereabouts",
    "own_cases",
    "own_entries",
    "own_readable_cases",
    "readable_cases",
    "readers_of",
    "supervised_cases",
    "terms_running_out",
    "visible_case_ids",
    "visible_cases",
    "visible_entries",
    "visible_people",
    "visible_terms",
    "whereabouts_of",
]


WRITERS = 200


@dataclass(frozen=True, slots=True)
class PartyRow:
    """An institution on a case, as the page lists it."""

    id: UUID
    agency_id: UUID
    name: str
    kind: str
    level: Level
    legal_basis: str
    since: datetime
    until: datetime | None
    unattended: bool
    granted_by: str


def list_parties(session: Session, actor: Actor, case: Case, access: Access) -> list[PartyRow]:
    """Return the institutions on a case: all for lead and team, the lead alone for the others.

    `access` is what the actor reads of it (`access_to`). Who brought one onto it is named to the
    lead.
    """
    statement = _parties(actor, reads_all=access.reads_all, leads=access.leads)
    order = list(Level)
    found = [PartyRow(*row) for row in rows(session, statement, acting(actor, case_id=case.id))]
    return sorted(found, key=lambda party: (order.index(party.level), party.name))


@once
def _parties(actor: Actor, *, reads_all: bool, leads: bool) -> AnyColumns:
    giver = aliased(User)
    granted_by = sa.func.coalesce(col(giver.name), "") if leads else sa.literal("")
    statement: AnyColumns = (
        sa.select(
            col(CaseParty.id),
            col(CaseParty.agency_id),
            col(Agency.name),
            col(Agency.kind),
            col(CaseParty.level),
            col(CaseParty.legal_basis),
            col(CaseParty.since),
            col(CaseParty.until),
            is_unattended(col(CaseParty.agency_id)),
            granted_by,
        )
        .join(Agency, col(Agency.id) == col(CaseParty.agency_id))
        .join(giver, col(giver.id) == col(CaseParty.granted_by), isouter=True)
        .where(col(CaseParty.case_id) == given("case_id"), is_current())
        .order_by(col(CaseParty.level), col(Agency.name))
    )
    if reads_all:
        return statement
    own = col(CaseParty.agency_id) == actor.agency_id
    return statement.where(sa.or_(col(CaseParty.level) == Level.LEAD, own))


def readers_of(parties: Sequence[PartyRow], access: Access, own: str) -> dict[str, list[str]]:
    """Return who reads each circle, by name as far as the institution may know."""
    others = [] if access.reads_all else [_("the other institutions of the case")]
    return {
        Circle.AGENCY.value: [own],
        Circle.TEAM.value: [p.name for p in parties if p.level is not Level.INFORMED],
        Circle.PARTIES.value: [party.name for party in parties] + others,
        Circle.SEALED.value: [_("you, and the people whom you name below")],
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of an institution on a supervised case: of whom, how it stands; no names."""

    title: str
    note: str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry of the timeline as the page shows it; `text` is empty where it may not be read."""

    id: UUID
    kind: EntryKind
    circle: Circle
    title: str
    facts: dict[str, Any]
    text: str
    author: str
    author_id: UUID | None
    agency: str
    agency_id: UUID | None
    happened_at: datetime
    recorded_at: datetime
    struck_at: datetime | None
    strike_reason: str
    corrects_id: UUID | None
    may_open: bool
    person_id: UUID | None = None


def list_entries(
    session: Session,
    actor: Actor,
    case: Case,
    *,
    wanted: AskEntries | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 30,
) -> list[EntryRow]:
    """Return the newest visible entries of a case before a place in the walk; at most `limit`.

    Ask for one more than shown to know whether older ones exist.
    """
    statement = _entries(actor, limit)
    if wanted is not None:
        statement = statement.where(*_asked(wanted))
    if before:
        statement = statement.where(
            sa.tuple_(col(Entry.happened_at), col(Entry.id)) < sa.tuple_(*before)
        )
    found: list[EntryRow] = []
    for row in rows(session, statement, acting(actor, case_id=case.id)):
        entry = EntryRow(*row)
        found.append(replace(entry, strike_reason=_why_struck(session, case, entry)))
    return found


@once
def _entries(actor: Actor, limit: int) -> AnyColumns:
    return (
        sa.select(
            col(Entry.id),
            col(Entry.kind),
            col(Entry.circle),
            col(Entry.title),
            col(Entry.facts),
            col(Entry.text),
            sa.func.coalesce(col(User.name), ""),
            col(Entry.author_id),
            sa.func.coalesce(col(Agency.name), ""),
            col(Entry.agency_id),
            col(Entry.happened_at),
            col(Entry.recorded_at),
            col(Entry.struck_at),
            col(Entry.strike_reason_sealed),
            col(Entry.corrects_id),
            sa.and_(col(Entry.circle) == Circle.SEALED, opens_sealed(actor)),
            col(Entry.person_id),
        )
        .join(User, col(User.id) == col(Entry.author_id), isouter=True)
        .join(Agency, col(Agency.id) == col(Entry.agency_id), isouter=True)
        .where(col(Entry.case_id) == given("case_id"), visible_entries(actor))
        .order_by(col(Entry.happened_at).desc(), col(Entry.id).desc())
        .limit(limit)
    )


def _asked(wanted: AskEntries) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a filter; days are those of Lima."""
    conditions = [
        column == value
        for column, value in (
            (col(Entry.kind), wanted.kind),
            (col(Entry.agency_id), wanted.agency),
            (col(Entry.author_id), wanted.author),
        )
        if value is not None
    ]
    if wanted.since is not None:
        conditions.append(col(Entry.happened_at) >= _midnight(wanted.since))
    if wanted.until is not None:
        conditions.append(col(Entry.happened_at) < _midnight(wanted.until + timedelta(days=1)))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), clock.LIMA)


def list_writers(
    session: Session, actor: Actor, case: Case
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the institutions and the people who wrote what the actor sees, for the filter."""
    statement = (
        sa.select(col(Entry.agency_id), col(Agency.name), col(Entry.author_id), col(User.name))
        .join(User, col(User.id) == col(Entry.author_id), isouter=True)
        .join(Agency, col(Agency.id) == col(Entry.agency_id), isouter=True)
        .where(col(Entry.case_id) == case.id, visible_entries(actor))
        .distinct()
        .limit(WRITERS)
    )
    found = rows(session, statement)
    agencies = {(name, str(agency_id)) for agency_id, name, _id, _name in found if agency_id}
    people = {(name, str(author_id)) for _id, _name, author_id, name in found if author_id}
    return [(key, name) for name, key in sorted(agencies)], [
        (key, name) for name, key in sorted(people)
    ]


def _why_struck(session: Session, case: Case, entry: EntryRow) -> str:
    """Return why an entry was struck, to those who may read what it said."""
    if entry.circle is Circle.SEALED and not entry.may_open:
        return ""
    cell: Any = entry.strike_reason
    return opened(session, case.id, "portal_case_entry", "strike_reason_sealed", entry.id, cell)


def get_entry(session: Session, actor: Actor, case: Case, entry_id: UUID) -> Entry:
    """Return a visible entry of a case; raises NotFound."""
    entry = session.scalar(
        sa.select(Entry).where(
            col(Entry.id) == entry_id, col(Entry.case_id) == case.id, visible_entries(actor)
        )
    )
    if entry is None:
        raise NotFound
    return entry


def list_assigned(session: Session, actor: Actor, case: Case) -> list[tuple[UUID, str]]:
    """Return the people of the acting agency who work on a case: identifier and name."""
    return assigned_to(session, case.id, actor.agency_id)


def assigned_to(session: Session, case_id: UUID, agency_id: UUID | None) -> list[tuple[UUID, str]]:
    """Return who works on a case for an agency, for a caller that tells them something."""
    return list(rows(session, _assigned(), {"case_id": case_id, "agency_id": agency_id}))


@cache
def _assigned() -> "sa.Select[UUID, str]":
    return (
        sa.select(col(User.id), col(User.name))
        .join(CaseAssignment, col(CaseAssignment.user_id) == col(User.id))
        .where(
            col(CaseAssignment.case_id) == given("case_id"),
            col(CaseAssignment.agency_id) == given("agency_id"),
            col(CaseAssignment.until).is_(None),
        )
        .order_by(col(User.name))
    )


def codes_of(session: Session, case_ids: Collection[UUID]) -> list[str]:
    """Return the codes of cases that the caller names by what was recorded of them."""
    statement = sa.select(col(Case.code)).where(col(Case.id).in_(case_ids)).order_by(col(Case.code))
    return list(session.scalars(statement))
