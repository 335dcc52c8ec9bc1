"""Who sees which case and which part of it: visibility as SQL, and what pages read through it."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.agencies.queries import names_of
from portal.cases.models import (
    NEVER,
    Case,
    CaseAssignment,
    CaseBar,
    CaseChild,
    CaseParty,
    CaseRight,
    CaseStatus,
    Circle,
    Entry,
    EntryReader,
    Level,
    Placement,
    Right,
    RightState,
    Term,
    TermStatus,
)
from portal.cases.rules import Access, title_of
from portal.db import AnyColumns, rows
from portal.deadlines import DeadlineRule, rules
from portal.errors import NotFound
from portal.host.slots import CaseView, ChildView, HomeGroup, HomeItem, Tone
from portal.people.models import Person, Sex
from portal.people.rules import age_text, familiar_name, full_name, initials
from portal.places.queries import name_of
from portal.texts import _
from portal.users.models import User

Condition = sa.ColumnElement[bool]


def is_current(party: Any = CaseParty) -> Condition:
    """Return the condition that an institution is on its case now."""
    now = clock.now()
    return sa.and_(
        party.since <= now,
        party.ended_at.is_(None),
        sa.or_(party.until.is_(None), party.until > now),
    )


def visible_cases(actor: Actor) -> Condition:
    """Return the condition under which `Case` rows are visible to the actor.

    Order of SECURITY 5.1: the acting agency is on the case in date, the role (a caseworker only
    what is assigned, a duty officer what is live during the shift), then who is barred. Deny wins.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None:
        return sa.false()
    party = sa.exists().where(
        col(CaseParty.case_id) == col(Case.id),
        col(CaseParty.agency_id) == actor.agency_id,
        is_current(),
    )
    return sa.and_(
        party, within_agency(actor, col(Case.id), col(Case.status)), not_barred(actor, col(Case.id))
    )


def within_agency(actor: Actor, case_id: Any, status: Any) -> Condition:
    """Return how the person's roles narrow the agency's cases."""
    if actor.has_role(Role.COORDINATOR):
        return sa.true()
    ways: list[Condition] = []
    if actor.has_role(Role.CASEWORKER, Role.DUTY_OFFICER):
        ways.append(
            sa.exists().where(
                col(CaseAssignment.case_id) == case_id,
                col(CaseAssignment.agency_id) == actor.agency_id,
                col(CaseAssignment.user_id) == actor.user_id,
                col(CaseAssignment.until).is_(None),
            )
        )
    if actor.has_role(Role.DUTY_OFFICER) and actor.on_duty:
        ways.append(status == CaseStatus.OPEN)
    return sa.or_(sa.false(), *ways)


def not_barred(actor: Actor, case_id: Any) -> Condition:
    """Return that the person is neither barred from the case nor abstaining."""
    return ~sa.exists().where(
        col(CaseBar.case_id) == case_id, col(CaseBar.user_id) == actor.user_id
    )


def visible_case_ids(actor: Actor) -> "sa.Select[UUID]":
    """Return the identifiers of the visible cases as SQL, for modules to join with."""
    return sa.select(col(Case.id)).where(visible_cases(actor))


def own_level(actor: Actor, case_id: Any) -> Any:
    """Return the acting agency's level on a case as a scalar subquery."""
    return (
        sa.select(col(CaseParty.level))
        .where(
            col(CaseParty.case_id) == case_id,
            col(CaseParty.agency_id) == actor.agency_id,
            is_current(),
        )
        .scalar_subquery()
    )


def readable_cases(actor: Actor) -> Condition:
    """Return where the actor reads identity and the team's pieces, as `Access.reads_all` says."""
    if actor.is_system:
        return sa.true()
    level = own_level(actor, col(Case.id))
    return sa.and_(
        visible_cases(actor),
        sa.or_(
            level == Level.LEAD, sa.and_(level == Level.TEAM, col(Case.status) == CaseStatus.OPEN)
        ),
    )


def visible_people(actor: Actor) -> Condition:
    """Return the condition under which `Person` rows are read in full, through a case."""
    return (
        sa.exists()
        .where(
            col(CaseChild.person_id) == col(Person.id),
            col(CaseChild.case_id) == col(Case.id),
            readable_cases(actor),
        )
        .correlate(Person)
    )


def visible_entries(actor: Actor) -> Condition:
    """Return the condition under which `Entry` rows stand in the actor's timeline.

    A sealed entry stands there for the team without its text: `opens` tells who reads that.
    """
    if actor.is_system:
        return sa.true()
    own = col(Entry.agency_id) == actor.agency_id
    of_entry = col(Case.id) == col(Entry.case_id)
    is_open = col(Case.status) == CaseStatus.OPEN
    whole = sa.exists().where(of_entry, readable_cases(actor)).correlate(Entry)
    part = sa.exists().where(of_entry, visible_cases(actor), is_open).correlate(Entry)
    seen = sa.exists().where(of_entry, visible_cases(actor)).correlate(Entry)
    return sa.or_(
        sa.and_(own, seen),
        sa.and_(col(Entry.circle) == Circle.PARTIES, sa.or_(part, whole)),
        sa.and_(col(Entry.circle).in_([Circle.TEAM, Circle.SEALED]), whole),
    )


def opens_sealed(actor: Actor) -> Condition:
    """Return the condition under which the actor reads a sealed entry's text: author or named."""
    named = sa.exists().where(
        col(EntryReader.entry_id) == col(Entry.id), col(EntryReader.user_id) == actor.user_id
    )
    return sa.or_(col(Entry.author_id) == actor.user_id, named)


def find_case(session: Session, actor: Actor, code_or_id: str | UUID) -> Case | None:
    """Return a visible case by code or identifier, or None; not a read of it."""
    key = (
        col(Case.id) == code_or_id if isinstance(code_or_id, UUID) else col(Case.code) == code_or_id
    )
    return session.scalar(sa.select(Case).where(key, visible_cases(actor)))


def get_case(session: Session, actor: Actor, code_or_id: str | UUID) -> Case:
    """Return a visible case and note the read; raises NotFound, the same for absent and hidden."""
    case = find_case(session, actor, code_or_id)
    if case is None:
        raise NotFound
    audit.note_read(session, actor, "cases.case.read", case.id, case=case.id)
    return case


def access_to(session: Session, actor: Actor, case: Case) -> Access:
    """Return what the acting agency reads of a case; raises NotFound where it is not on it."""
    if actor.is_system:
        return Access(Level.LEAD, is_open=case.is_open, kind=None)
    level = session.scalar(
        sa.select(col(CaseParty.level)).where(
            col(CaseParty.case_id) == case.id,
            col(CaseParty.agency_id) == actor.agency_id,
            is_current(),
        )
    )
    if level is None:
        raise NotFound
    return _access(actor, case, level)


def level_of(session: Session, actor: Actor, case_id: UUID) -> Level | None:
    """Return the acting agency's level on a visible case, or None."""
    case = find_case(session, actor, case_id)
    return access_to(session, actor, case).level if case else None


@dataclass(frozen=True, slots=True)
class ChildRow:
    """A child as a statement reads it: enough for names, age and placement."""

    case_id: UUID
    person_id: UUID
    given_names: str
    first_surname: str
    second_surname: str
    born_on: date | None
    estimated_age: int | None
    estimated_on: date | None
    sex: Sex
    placement: Placement


def children_of(session: Session, case_ids: Sequence[UUID]) -> dict[UUID, list[ChildRow]]:
    """Return the children of cases that were read already, in one statement."""
    statement: AnyColumns = (
        sa.select(
            col(CaseChild.case_id),
            col(Person.id),
            col(Person.given_names),
            col(Person.first_surname),
            col(Person.second_surname),
            col(Person.born_on),
            col(Person.estimated_age),
            col(Person.estimated_on),
            col(Person.sex),
            col(CaseChild.placement),
        )
        .join(Person, col(Person.id) == col(CaseChild.person_id))
        .where(col(CaseChild.case_id).in_(case_ids))
        .order_by(col(CaseChild.position))
    )
    found: dict[UUID, list[ChildRow]] = {case_id: [] for case_id in case_ids}
    for row in rows(session, statement):
        found[row[0]].append(ChildRow(*row))
    return found


def child_view(row: ChildRow, *, named: bool, day: date) -> ChildView:
    """Return a child as the level shows it: by full name, or by initials."""
    return ChildView(
        person_id=row.person_id,
        label=full_name(row) if named else initials(row),
        initials=initials(row),
        age_text=age_text(row, day),
        sex=row.sex.value,
        placement=row.placement.value if named else Placement.UNKNOWN.value,
    )


def list_children(session: Session, actor: Actor, case: Case) -> list[ChildView]:
    """Return the children of a case, by full name where the actor reads identity."""
    named = access_to(session, actor, case).reads_all
    day = clock.today()
    return [
        child_view(row, named=named, day=day) for row in children_of(session, [case.id])[case.id]
    ]


def case_view(session: Session, actor: Actor, case: Case) -> CaseView:
    """Return the frozen, masked view of a case that modules receive."""
    access = access_to(session, actor, case)
    return _view(case, access, children_of(session, [case.id])[case.id])


def case_views(session: Session, actor: Actor, case_ids: Collection[UUID]) -> dict[UUID, CaseView]:
    """Return the views of those cases that are visible, in two statements; noted as one read."""
    level = sa.literal(Level.LEAD.value) if actor.is_system else own_level(actor, col(Case.id))
    found = rows(
        session,
        sa.select(Case, level).where(col(Case.id).in_(case_ids), visible_cases(actor)),
    )
    if not found:
        return {}
    children = children_of(session, [case.id for case, _level in found])
    audit.note_read(session, actor, "cases.case.list", *children)
    return {
        case.id: _view(case, _access(actor, case, Level(own)), children[case.id])
        for case, own in found
    }


def _access(actor: Actor, case: Case, level: Level) -> Access:
    return Access(level, is_open=case.is_open, kind=actor.agency_kind)


def _view(case: Case, access: Access, children: list[ChildRow]) -> CaseView:
    day = clock.today()
    return CaseView(
        id=case.id,
        code=case.code,
        title=title_of(children, day),
        status=case.status.value,
        priority=case.priority.value,
        situation=case.situation.value if access.reads_all else "",
        district=name_of(case.district),
        lead_agency_id=case.lead_agency_id,
        level=access.level.value,
        opened_at=case.opened_at,
        due_on=case.due_on if access.reads_terms and case.due_on != NEVER else None,
        children=tuple(child_view(row, named=access.reads_all, day=day) for row in children),
    )


def list_residents(session: Session, actor: Actor) -> dict[UUID, ChildView]:
    """Return the children in care at the acting agency by identifier, as its people call them.

    Inside a place of care a child goes by the first name: a wrong dose is worse. Carers see every
    resident without seeing the case; the others those whose case their role opens. Who is barred
    from a case sees no child of it. Noted as one read.
    """
    if actor.agency_id is None:
        return {}
    open_to = (
        sa.true()
        if actor.has_role(Role.CARER)
        else within_agency(actor, col(CaseChild.case_id), col(Case.status))
    )
    found = rows(
        session,
        sa.select(Person, col(CaseChild.case_id))
        .join(CaseChild, col(CaseChild.person_id) == col(Person.id))
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .where(
            col(CaseChild.placement) == Placement.IN_CARE,
            col(CaseChild.placed_by) == actor.agency_id,
            open_to,
            not_barred(actor, col(CaseChild.case_id)),
        ),
    )
    if found:
        case_ids = {case_id for _person, case_id in found}
        audit.note_read(session, actor, "cases.resident.list", *case_ids)
    day = clock.today()
    return {
        person.id: ChildView(
            person_id=person.id,
            label=familiar_name(person),
            initials=initials(person),
            age_text=age_text(person, day),
            sex=person.sex.value,
            placement=Placement.IN_CARE.value,
        )
        for person, _case_id in found
    }


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


def list_parties(session: Session, actor: Actor, case: Case) -> list[PartyRow]:
    """Return the institutions on a case: all for lead and team, the lead alone for the others."""
    statement = (
        sa.select(
            col(CaseParty.id),
            col(CaseParty.agency_id),
            col(Agency.name),
            col(Agency.kind),
            col(CaseParty.level),
            col(CaseParty.legal_basis),
            col(CaseParty.since),
            col(CaseParty.until),
        )
        .join(Agency, col(Agency.id) == col(CaseParty.agency_id))
        .where(col(CaseParty.case_id) == case.id, is_current())
        .order_by(col(CaseParty.level), col(Agency.name))
    )
    if not access_to(session, actor, case).reads_all:
        statement = statement.where(
            sa.or_(col(CaseParty.level) == Level.LEAD, col(CaseParty.agency_id) == actor.agency_id)
        )
    order = list(Level)
    found = [PartyRow(*row) for row in rows(session, statement)]
    return sorted(found, key=lambda party: (order.index(party.level), party.name))


@dataclass(frozen=True, slots=True)
class RightRow:
    """How a right of a child stands, as the strip shows it."""

    person_id: UUID
    right: Right
    state: RightState
    since: date | None
    agency: str
    next_step: str
    evidence: str
    row_version: int


def list_rights(session: Session, actor: Actor, case: Case) -> dict[UUID, list[RightRow]]:
    """Return the rights of each child; an informed institution sees those it answers for."""
    statement = (
        sa.select(
            col(CaseRight.person_id),
            col(CaseRight.right),
            col(CaseRight.state),
            col(CaseRight.since),
            sa.func.coalesce(col(Agency.name), ""),
            col(CaseRight.next_step),
            col(CaseRight.evidence),
            col(CaseRight.row_version),
        )
        .join(Agency, col(Agency.id) == col(CaseRight.agency_id), isouter=True)
        .where(col(CaseRight.case_id) == case.id)
    )
    whole = access_to(session, actor, case).reads_all
    if not whole:
        statement = statement.where(col(CaseRight.agency_id) == actor.agency_id)
    order = list(Right)
    strips: dict[UUID, list[RightRow]] = {}
    for row in sorted(rows(session, statement), key=lambda row: order.index(row[1])):
        strips.setdefault(row[0], []).append(RightRow(*row))
    return strips


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term as pages and modules show it; `case_code` and `title` name the case without names."""

    id: UUID
    case_id: UUID
    case_code: str
    person_id: UUID | None
    agency_id: UUID
    agency: str
    rule_code: str
    starts_at: datetime
    due_on: date
    due_at: datetime
    steps: list[Any]
    status: TermStatus
    ended_at: datetime | None
    late_reason: str

    @property
    def is_late(self) -> bool:
        """Tell whether the term has passed, or was met after its end: computed, never stored."""
        return self.due_at < (self.ended_at or clock.now())


def _terms() -> Any:
    return (
        sa.select(
            col(Term.id),
            col(Term.case_id),
            col(Case.code),
            col(Term.person_id),
            col(Term.agency_id),
            col(Agency.name),
            col(Term.rule_code),
            col(Term.starts_at),
            col(Term.due_on),
            col(Term.due_at),
            col(Term.steps),
            col(Term.status),
            col(Term.ended_at),
            col(Term.late_reason),
        )
        .join(Case, col(Case.id) == col(Term.case_id))
        .join(Agency, col(Agency.id) == col(Term.agency_id))
    )


def visible_terms(actor: Actor) -> Condition:
    """Return the condition under which `Term` rows, joined with their case, are visible."""
    return sa.or_(readable_cases(actor), supervised_cases(actor))


def supervised_cases(actor: Actor) -> Condition:
    """Return the condition under which the Defensoría supervises an open case, at any level.

    It then reads stage, running terms and how referrals and commitments stand, without names
    (Ley 26520 art. 9, 16).
    """
    if actor.agency_kind != AgencyKind.DEFENSORIA:
        return sa.false()
    return sa.and_(visible_cases(actor), col(Case.status) == CaseStatus.OPEN)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of an institution on a supervised case: of whom, how it stands; no names."""

    title: str
    note: str


def list_terms(session: Session, actor: Actor, case: Case) -> list[TermRow]:
    """Return the terms of a case, the running ones first, soonest first."""
    statement = (
        _terms()
        .where(col(Term.case_id) == case.id, visible_terms(actor))
        .order_by(col(Term.status) != TermStatus.RUNNING, col(Term.due_at), col(Term.id))
    )
    return [TermRow(*row) for row in rows(session, statement)]


def terms_running_out(
    session: Session,
    actor: Actor,
    *,
    within_days: int,
    limit: int,
    agency_id: UUID | None = None,
) -> list[TermRow]:
    """Return running terms of visible open cases that end within some calendar days, soonest first.

    `agency_id` keeps those that this agency owes. Noted as a read of the cases named.
    """
    until = clock.today() + timedelta(days=within_days)
    statement = (
        _terms()
        .where(
            col(Term.status) == TermStatus.RUNNING,
            col(Term.due_on) <= until,
            col(Case.status) == CaseStatus.OPEN,
            visible_terms(actor),
        )
        .order_by(col(Term.due_at), col(Term.id))
        .limit(limit)
    )
    if agency_id is not None:
        statement = statement.where(col(Term.agency_id) == agency_id)
    found = [TermRow(*row) for row in rows(session, statement)]
    if found:
        audit.note_read(session, actor, "cases.term.list", *{row.case_id for row in found})
    return found


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry of the timeline as the page shows it; `text` is empty where it may not be read."""

    id: UUID
    kind: str
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


def list_entries(
    session: Session,
    actor: Actor,
    case: Case,
    *,
    kind: str | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 30,
) -> list[EntryRow]:
    """Return the newest visible entries of a case before a place in the walk; at most `limit`.

    Ask for one more than shown to know whether older ones exist.
    """
    statement = (
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
            col(Entry.strike_reason),
            col(Entry.corrects_id),
            sa.and_(col(Entry.circle) == Circle.SEALED, opens_sealed(actor)),
        )
        .join(User, col(User.id) == col(Entry.author_id), isouter=True)
        .join(Agency, col(Agency.id) == col(Entry.agency_id), isouter=True)
        .where(col(Entry.case_id) == case.id, visible_entries(actor))
        .order_by(col(Entry.happened_at).desc(), col(Entry.id).desc())
        .limit(limit)
    )
    if kind:
        statement = statement.where(col(Entry.kind) == kind)
    if before:
        statement = statement.where(
            sa.tuple_(col(Entry.happened_at), col(Entry.id)) < sa.tuple_(*before)
        )
    return [EntryRow(*row) for row in rows(session, statement)]


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
    statement = (
        sa.select(col(User.id), col(User.name))
        .join(CaseAssignment, col(CaseAssignment.user_id) == col(User.id))
        .where(
            col(CaseAssignment.case_id) == case.id,
            col(CaseAssignment.agency_id) == actor.agency_id,
            col(CaseAssignment.until).is_(None),
        )
        .order_by(col(User.name))
    )
    return list(rows(session, statement))


@dataclass(frozen=True, slots=True)
class LookRow:
    """One reading of a case: when, by whom, for which institution."""

    at: datetime
    person: str
    agency: str


def who_looked(session: Session, actor: Actor, case: Case) -> list[LookRow]:
    """Return who read a case lately, the newest first; only its lead is told."""
    if not access_to(session, actor, case).leads:
        return []
    looks = audit.who_looked(session, case.id)
    people = {look.user_id for look in looks if look.user_id}
    known = dict(
        rows(session, sa.select(col(User.id), col(User.name)).where(col(User.id).in_(people)))
    )
    names = names_of(session, {look.agency_id for look in looks if look.agency_id})
    return [
        LookRow(
            look.at,
            known.get(look.user_id, "") if look.user_id else "",
            names.get(look.agency_id, "") if look.agency_id else "",
        )
        for look in looks
    ]


HOME_DAYS = 7


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the terms that the acting agency owes and that run out within a week, or have.

    Siblings whose terms end on one day share a line.
    """
    if actor.agency_id is None:
        return []
    terms = terms_running_out(
        session, actor, within_days=HOME_DAYS, limit=limit, agency_id=actor.agency_id
    )
    today = clock.today()
    together = Counter((term.case_id, term.rule_code, term.due_on) for term in terms)
    first = {(term.case_id, term.rule_code, term.due_on): term for term in reversed(terms)}
    return [_term_line(first[key], many, today) for key, many in together.items()]


def _term_line(term: TermRow, many: int, today: date) -> HomeItem:
    title = f"{term.case_code} · {_rule_of(term).title}"
    return HomeItem(
        when=term.due_on,
        tone=_tone(term, today),
        title=f"{title} (×{many})" if many > 1 else title,
        note=_rule_of(term).source,
        url=f"/cases/{term.case_code}",
        action_label=_("Attend to it"),
        action_url=f"/cases/{term.case_code}",
        group=HomeGroup.TERMS,
    )


def _rule_of(term: TermRow) -> DeadlineRule:
    return rules.known(term.rule_code, clock.local(term.starts_at).date())


def _tone(term: TermRow, today: date) -> Tone:
    if term.is_late:
        return Tone.OVERDUE
    return Tone.DUE_SOON if (term.due_on - today).days <= 1 else Tone.IN_TIME
