"""Emergency access: asked for with a reason, recorded before the look-up, told and reviewed after.

No match, a shielded child and a case that is barred to the person are answered alike: the same
statements run, the same page is shown, and the institution in charge is told by the worker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor, Role
from portal.agencies.queries import get_agency
from portal.cases.events import EmergencyOpened, EmergencyRefused
from portal.cases.models import (
    Case,
    CaseChild,
    CaseGrant,
    CaseLookup,
    Level,
    LookupOutcome,
)
from portal.cases.visibility import not_barred, own_cases, own_level
from portal.db import AnyColumns, new_id, rows
from portal.db.sealing import seal
from portal.deadlines.queries import calendar_for
from portal.errors import Forbidden, NotFound, TooMany
from portal.events.delivery import add_job
from portal.people.models import Person
from portal.people.queries import numbered
from portal.places.catalogue import fold
from portal.sharing.inputs import AskEmergency
from portal.texts import _l

LASTS = timedelta(minutes=60)
DAY = timedelta(days=1)
REVIEW_DAYS = 2
TABLE = "portal_case_grant"
TELL = "sharing.tell_refused"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many look-ups a person makes in 24 hours: in all, and by a child's identity."""

    lookups: int
    by_identity: int


def may_ask(actor: Actor) -> bool:
    """Tell whether the person may ask now: a coordinator, or a duty officer during the shift."""
    return actor.attends


def begin_lookup(session: Session, actor: Actor, given: AskEmergency, *, limits: Limits) -> UUID:
    """Record that somebody asks, and why, before anything is looked up; returns the look-up.

    To be committed on its own. Raises Forbidden outside the shift and TooMany past the limits.
    """
    if actor.user_id is None or actor.agency_id is None or not may_ask(actor):
        raise Forbidden(_l("Emergency access is for coordinators and for whoever is on duty."))
    if _is_past(session, actor, given, limits):
        raise TooMany(
            _l("You have asked as often as one may in a day. Call the authority on duty instead.")
        )
    lookup = CaseLookup(
        user_id=actor.user_id,
        agency_id=actor.agency_id,
        at=clock.now(),
        by_identity=given.by_identity,
    )
    session.add(lookup)
    session.flush()
    way = "identity" if given.by_identity else "code"
    audit.record(session, actor, "sharing.emergency.ask", lookup.id, reason=given.reason, by=way)
    audit.link_entries(session, recent=True)
    return lookup.id


def _is_past(session: Session, actor: Actor, given: AskEmergency, limits: Limits) -> bool:
    counted = sa.select(
        sa.func.count(), sa.func.sum(sa.cast(col(CaseLookup.by_identity), sa.Integer))
    )
    made, identities = session.execute(
        counted.where(
            col(CaseLookup.user_id) == actor.user_id, col(CaseLookup.at) > clock.now() - DAY
        )
    ).one()
    return made >= limits.lookups or (given.by_identity and (identities or 0) >= limits.by_identity)


def open_emergency(
    session: Session, actor: Actor, lookup_id: UUID, given: AskEmergency
) -> list[str]:
    """Open what the look-up hits for an hour, reading; returns the codes, none where none opens.

    An open case is preferred; of closed ones the latest. Tells the institution in charge.
    """
    lookup = session.get(CaseLookup, lookup_id)
    if lookup is None or lookup.user_id != actor.user_id:
        raise NotFound
    found = _matches(session, actor, given)
    still = [match for match in found if match.case.is_open] or found[-1:]
    opens = [match for match in still if not match.barred and not match.shielded]
    refused = next((match for match in still if match not in opens), None)
    lookup.outcome = _outcome(opens, refused)
    hit = opens[0] if opens else refused
    lookup.case_id = hit.case.id if hit else None
    for match in opens:
        if not match.known:
            _grant(session, actor, match, given.reason)
    if not opens:
        audit.record(
            session,
            actor,
            "sharing.emergency.none",
            lookup.id,
            case=lookup.case_id,
            outcome="refused",
        )
        add_job(session, TELL, {"lookup": str(lookup.id)})
    session.flush()
    return [match.case.code for match in opens]


@dataclass(frozen=True, slots=True)
class Match:
    """A case that a look-up hits, what stands against opening it, or that it is read already."""

    case: Case
    barred: bool
    shielded: bool
    known: bool


def _matches(session: Session, actor: Actor, given: AskEmergency) -> list[Match]:
    """Return the cases that fit exactly, the latest last; every way costs the same either way."""
    statement: AnyColumns = sa.select(
        Case,
        sa.not_(not_barred(actor, col(Case.id))),
        sa.and_(own_cases(actor), own_level(actor, col(Case.id)) != Level.INFORMED),
    ).order_by(col(Case.opened_at), col(Case.id))
    if given.known and not given.by_identity:
        found = rows(session, statement.where(col(Case.code) == given.known))
        return [_match(*row) for row in found]
    statement = (
        statement.add_columns(Person)
        .join(CaseChild, col(CaseChild.case_id) == col(Case.id))
        .join(Person, col(Person.id) == col(CaseChild.person_id))
    )
    if given.known:
        found = rows(session, statement.where(col(Person.id).in_(numbered([given.known]))))
    else:
        same = sa.and_(col(Person.born_on) == given.born_on, col(Case.district) == given.district)
        found = [
            row for row in rows(session, statement.where(same)) if _names(row[-1]) == _names(given)
        ]
    return list({row[0].id: _match(*row[:3]) for row in found}.values())


def _match(case: Case, barred: bool, known: bool) -> Match:
    return Match(case, bool(barred), case.shielded_at is not None, bool(known))


def _names(person: Any) -> tuple[str, str, str]:
    return fold(person.given_names), fold(person.first_surname), fold(person.second_surname)


def _outcome(opens: list[Match], refused: Match | None) -> LookupOutcome:
    if opens:
        return LookupOutcome.OPENED
    if refused is None:
        return LookupOutcome.NONE
    return LookupOutcome.BARRED if refused.barred else LookupOutcome.SHIELDED


def _grant(session: Session, actor: Actor, match: Match, reason: str) -> CaseGrant:
    """Write the access with its reason sealed; the institution in charge is told by the event."""
    case, now = match.case, clock.now()
    lead = get_agency(session, case.lead_agency_id)
    own = new_id()
    grant = CaseGrant(
        id=own,
        case_id=case.id,
        agency_id=actor.agency_id,  # type: ignore[arg-type]
        user_id=actor.user_id,  # type: ignore[arg-type]
        reason_sealed=seal(session, case.id, TABLE, "reason_sealed", own, reason),
        opened_at=now,
        until=now + LASTS,
        review_due_on=calendar_for(session, lead).after(clock.today(), REVIEW_DAYS),
    )
    session.add(grant)
    session.flush()
    audit.record(session, actor, "sharing.emergency.open", own, case=case.id, reason=reason)
    events.record(
        session,
        EmergencyOpened(own, case.id, grant.agency_id, grant.user_id, case.lead_agency_id),
    )
    return grant


def end_emergency(session: Session, actor: Actor, grant_id: UUID) -> CaseGrant:
    """End an emergency access before its hour: by who holds it, or the lead's coordinator."""
    grant = session.get(CaseGrant, grant_id)
    if grant is None:
        raise NotFound
    case = session.get_one(Case, grant.case_id)
    holds = grant.user_id == actor.user_id and grant.agency_id == actor.agency_id
    leads = actor.has_role(Role.COORDINATOR) and case.lead_agency_id == actor.agency_id
    visible = session.scalar(sa.select(own_cases(actor)).where(col(Case.id) == case.id))
    if not holds and not (leads and visible):
        raise NotFound
    if grant.ended_at is None:
        grant.ended_at = min(clock.now(), grant.until)
        session.flush()
        audit.record(session, actor, "sharing.emergency.end", grant.id, case=case.id)
    return grant


def end_expired(session: Session) -> None:
    """Write down the end of what has run out, so that a clock set back revives nothing."""
    session.execute(
        sa.update(CaseGrant)
        .where(col(CaseGrant.ended_at).is_(None), col(CaseGrant.until) <= clock.now())
        .values(ended_at=col(CaseGrant.until))
    )


def tell_refused(session: Session, payload: Mapping[str, Any]) -> None:
    """Tell the institution in charge where a look-up hit a case that did not open."""
    lookup = session.get(CaseLookup, UUID(payload["lookup"]))
    if lookup is None or lookup.case_id is None:
        return
    case = session.get_one(Case, lookup.case_id)
    events.record(
        session,
        EmergencyRefused(lookup.id, case.id, lookup.agency_id, lookup.user_id, case.lead_agency_id),
    )
