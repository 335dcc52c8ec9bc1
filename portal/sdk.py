"""Everything of the portal that a plugin may import, and nothing else: the public interface.

What is not named here is not part of it and may change without notice. A change here fails a test
until CHANGELOG.md says so. Services take the session, then the actor; they flush and never commit.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from portal import clock, events
from portal.actor import Actor, AgencyKind, Role, system_actor
from portal.alerts.events import AlertAccepted, AlertSent
from portal.audit import note_read, record
from portal.cases import queries as case_queries
from portal.cases import rights, stages, terms, timeline
from portal.cases.events import (
    CaseClosed,
    CaseOpened,
    CaseReopened,
    PartyAdded,
    PartyEnded,
    PlacementChanged,
    RightChanged,
    TermMet,
    TermMoved,
    TermStarted,
)
from portal.cases.models import (
    CaseStatus,
    Circle,
    EntryKind,
    Level,
    Placement,
    Priority,
    Right,
    RightState,
    Situation,
    TermStatus,
)
from portal.cases.queries import TermRow, terms_running_out, visible_case_ids
from portal.commitments import queries as commitment_queries
from portal.commitments import services as commitment_services
from portal.commitments.events import (
    CommitmentAccepted,
    CommitmentDone,
    CommitmentNotMet,
    CommitmentObjected,
    CommitmentPostponed,
    CommitmentProposed,
    CommitmentVerified,
)
from portal.commitments.models import CommitmentStatus, Source
from portal.commitments.queries import CommitmentRow
from portal.db import Identified, Versioned, enum_column, new_id, paging, rows
from portal.deadlines import CalendarKind, DeadlineRule, Extension, Need, Reading, Unit
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.events import Event
from portal.host.events import ModuleSwitchedOff, ModuleSwitchedOn
from portal.host.lookups import AgencyView, get_agency, list_agencies, opened, seal, unseal
from portal.host.plugin import Plugin, hookimpl
from portal.host.queries import settings_of
from portal.host.slots import (
    AgencyRef,
    BriefLine,
    CaseAction,
    CaseRef,
    CaseView,
    ChildView,
    HomeGroup,
    HomeItem,
    NavEntry,
    Objection,
    Panel,
    Subject,
    TableCircle,
    Tone,
    Transition,
    World,
)
from portal.inputs import PastDay, PastMoment, refusal
from portal.personal import Erased, ErasurePlan, PersonExport, readable
from portal.texts import _, _l, _n, msgid
from portal.web import Form, actor, page, requires, see_other, session, writing

__all__ = [
    "Actor",
    "AgencyKind",
    "AgencyRef",
    "AgencyView",
    "AlertAccepted",
    "AlertSent",
    "BriefLine",
    "CalendarKind",
    "CaseAction",
    "CaseClosed",
    "CaseOpened",
    "CaseRef",
    "CaseReopened",
    "CaseStatus",
    "CaseView",
    "ChildView",
    "Circle",
    "CommitmentAccepted",
    "CommitmentDone",
    "CommitmentNotMet",
    "CommitmentObjected",
    "CommitmentPostponed",
    "CommitmentProposed",
    "CommitmentRow",
    "CommitmentStatus",
    "CommitmentVerified",
    "Conflict",
    "DeadlineRule",
    "EntryKind",
    "Erased",
    "ErasurePlan",
    "Event",
    "Extension",
    "Forbidden",
    "Form",
    "HomeGroup",
    "HomeItem",
    "Identified",
    "Invalid",
    "Level",
    "ModuleSwitchedOff",
    "ModuleSwitchedOn",
    "NavEntry",
    "Need",
    "NotFound",
    "Objection",
    "Panel",
    "PartyAdded",
    "PartyEnded",
    "PastDay",
    "PastMoment",
    "PersonExport",
    "Placement",
    "PlacementChanged",
    "Plugin",
    "Priority",
    "Problem",
    "Reading",
    "Right",
    "RightChanged",
    "RightState",
    "Role",
    "Situation",
    "Source",
    "Subject",
    "TableCircle",
    "TermMet",
    "TermMoved",
    "TermRow",
    "TermStarted",
    "TermStatus",
    "Tone",
    "Transition",
    "Unit",
    "Versioned",
    "World",
    "_",
    "_l",
    "_n",
    "actor",
    "cancel_term",
    "clock",
    "commitments_from",
    "enum_column",
    "get_agency",
    "get_case_by_code",
    "get_case_view",
    "hookimpl",
    "list_agencies",
    "list_case_views",
    "list_commitments",
    "list_residents",
    "list_terms",
    "meet_term",
    "msgid",
    "new_id",
    "note_read",
    "opened",
    "page",
    "paging",
    "propose_commitment",
    "readable",
    "record",
    "record_event",
    "refusal",
    "requires",
    "rows",
    "seal",
    "see_other",
    "session",
    "set_placement",
    "set_right",
    "set_stage",
    "settings_of",
    "start_term",
    "system_actor",
    "terms_running_out",
    "unseal",
    "visible_case_ids",
    "write_entry",
    "writing",
]


def get_case_view(session: Session, actor: Actor, case_id: UUID) -> CaseView:
    """Return a visible case and note the read; raises NotFound, the same for absent and hidden."""
    case = case_queries.get_case(session, actor, case_id)
    return case_queries.case_view(session, case, case_queries.access_to(session, actor, case))


def get_case_by_code(session: Session, actor: Actor, code: str) -> CaseView:
    """Return a visible case by its code and note the read; raises NotFound alike for both."""
    case = case_queries.get_case(session, actor, code)
    return case_queries.case_view(session, case, case_queries.access_to(session, actor, case))


def list_case_views(
    session: Session, actor: Actor, case_ids: Collection[UUID]
) -> dict[UUID, CaseView]:
    """Return those of the cases that are visible, by identifier, in two statements."""
    return case_queries.case_views(session, actor, case_ids)


def list_residents(session: Session, actor: Actor) -> dict[UUID, ChildView]:
    """Return the children in care at the acting agency by identifier, under their first names.

    For the daily care of a place: who is placed there by `set_placement`. Carers see all of them,
    the others those whose case their role opens, and nobody a child of a case they are barred from.
    """
    return case_queries.list_residents(session, actor)


def write_entry(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    title: str,
    facts: Mapping[str, str] | None = None,
    text: str = "",
    kind: EntryKind = EntryKind.MODULE,
    circle: Circle = Circle.TEAM,
    happened_at: datetime | None = None,
    person_id: UUID | None = None,
    readers: Sequence[UUID] = (),
) -> UUID:
    """Write an entry of the timeline and return its identifier.

    `title` is a text marked with `msgid`, filled by `facts` and translated when it is read. Raises
    Invalid for a future hour, or a circle wider than the actor's level on the case.
    """
    return timeline.write_entry(
        session,
        actor,
        case_id,
        kind=kind,
        title=title,
        facts=facts,
        text=text,
        circle=circle,
        happened_at=happened_at,
        person_id=person_id,
        readers=readers,
    ).id


def start_term(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    rule_code: str,
    starts_at: datetime,
    agency_id: UUID,
    person_id: UUID | None = None,
) -> UUID:
    """Start a term that an agency owes and return its identifier.

    Once: the same rule, start, agency and child give the same term, so that an event that comes
    twice starts nothing twice. Raises NotFound for a rule that is not entered.
    """
    return terms.start_term(
        session,
        actor,
        case_id,
        rule_code=rule_code,
        starts_at=starts_at,
        agency_id=agency_id,
        person_id=person_id,
    ).id


def meet_term(
    session: Session,
    actor: Actor,
    term_id: UUID,
    *,
    at: datetime | None = None,
    late_reason: str = "",
) -> None:
    """Record that the act a term asked for was done; raises Invalid where late without why."""
    terms.meet_term(session, actor, term_id, at=at, late_reason=late_reason)


def cancel_term(session: Session, actor: Actor, term_id: UUID, *, reason: str) -> None:
    """End a term whose act is no longer owed, such as a stay's after discharge."""
    terms.cancel_term(session, actor, term_id, reason=reason)


def list_terms(session: Session, actor: Actor, case_id: UUID) -> list[TermRow]:
    """Return the terms of a visible case, the running ones first, soonest first."""
    case = case_queries.get_case(session, actor, case_id)
    return case_queries.list_terms(session, actor, case)


def set_stage(
    session: Session, actor: Actor, case_id: UUID, *, stage: str, measure: str | None = None
) -> None:
    """Set the legal stage of a case, and the measure in force; for the module of the procedure.

    Both are texts marked with `msgid`; an empty measure says that none is in force.
    """
    stages.set_stage(session, actor, case_id, stage=stage, measure=measure)


def set_placement(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    person_id: UUID,
    placement: Placement,
    agency_id: UUID | None = None,
    whereabouts: str = "",
) -> None:
    """Record with whom a child is; everybody on the case reads it, `whereabouts` is sealed."""
    rights.set_placement(
        session,
        actor,
        case_id,
        person_id=person_id,
        placement=placement,
        agency_id=agency_id,
        whereabouts=whereabouts,
    )


def set_right(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    person_id: UUID,
    right: Right,
    state: RightState,
    agency_id: UUID | None = None,
    next_step: str = "",
    evidence: str = "",
) -> None:
    """Set how a right of a child stands: by the lead or who intervenes."""
    rights.set_right(
        session,
        actor,
        case_id,
        person_id=person_id,
        right=right,
        state=state,
        agency_id=agency_id,
        next_step=next_step,
        evidence=evidence,
    )


def propose_commitment(
    session: Session,
    actor: Actor,
    *,
    agency_id: UUID,
    act: str,
    due_on: date,
    source: Source,
    case_id: UUID | None = None,
    person_id: UUID | None = None,
    source_id: UUID | None = None,
    verifier_agency_id: UUID | None = None,
) -> UUID:
    """Propose an act to an agency, with its day, and return the commitment's identifier.

    One from a recommendation begins accepted, since the law itself owes the answer (Ley 26520
    art. 26). `source_id` is the module's own record, found again by `commitments_from`. Raises
    Invalid where the day has passed or the verifier is the one that owes it.
    """
    return commitment_services.propose(
        session,
        actor,
        agency_id=agency_id,
        act=act,
        due_on=due_on,
        source=source,
        case_id=case_id,
        person_id=person_id,
        source_id=source_id,
        verifier_agency_id=verifier_agency_id,
    ).id


def list_commitments(session: Session, actor: Actor, case_id: UUID) -> list[CommitmentRow]:
    """Return the visible commitments of a visible case, soonest first."""
    case = case_queries.get_case(session, actor, case_id)
    return commitment_queries.list_for_case(session, actor, case)


def commitments_from(
    session: Session, actor: Actor, source_ids: Collection[UUID]
) -> dict[UUID, CommitmentRow]:
    """Return the visible commitments that came from the module's own records, by record."""
    return commitment_queries.of_sources(session, actor, list(source_ids))


def record_event(session: Session, event: Event) -> None:
    """Write an event of the module in the transaction of the act; it is told after the commit."""
    events.record(session, event)
