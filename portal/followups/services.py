"""What is done with the follow-up after a return: opened, visited, ended, counted anew."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.agencies.queries import get_agency
from portal.cases import closing as closings
from portal.cases import services as cases
from portal.cases.endings import ADULT_AGE
from portal.cases.models import Case, CaseEnding, Closing, ClosingChild, EntryKind
from portal.cases.queries import access_to_act, get_case
from portal.cases.timeline import log
from portal.db import rows
from portal.deadlines.counting import Due, due
from portal.deadlines.moving import Move
from portal.deadlines.queries import calendar_for, rule_in_force
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.followups.events import FollowUpsMoved
from portal.followups.inputs import EndFollowUp, RecordVisit
from portal.followups.labels import END_TITLE, TITLE
from portal.followups.models import Finding, FollowUp, FollowUpEnd, FollowUpVisit
from portal.followups.queries import get_followup, get_visit
from portal.people.models import Person
from portal.texts import _, _l, day_text

RULE = "core.unprotection.follow_up"
NOON = time(12)


def open_followups(session: Session, actor: Actor, case: Case) -> list[FollowUp]:
    """Open once the follow-up of each child whom the standing conclusion returned home."""
    standing = closings.standing_closing(session, case.id)
    if standing is None:
        return []
    closing, children = standing
    there = set(
        session.scalars(
            sa.select(col(FollowUp.person_id)).where(col(FollowUp.closing_id) == closing.id)
        )
    )
    opened = [
        _open(session, actor, case, closing, child)
        for child in children
        if child.ending is CaseEnding.RETURNED and child.since and child.person_id not in there
    ]
    session.flush()
    return opened


def _open(
    session: Session, actor: Actor, case: Case, closing: Closing, child: ClosingChild
) -> FollowUp:
    returned_on = child.since or clock.today()
    adult_on = _adult_on(session.get_one(Person, child.person_id).born_on)
    counted = _count(session, case, returned_on)
    row = FollowUp(
        case_id=case.id,
        closing_id=closing.id,
        person_id=child.person_id,
        returned_on=returned_on,
        adult_on=adult_on,
        ends_on=_earlier(counted.day, adult_on),
        steps=counted.steps_as_json(),
        next_on=child.visit_on,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "followups.followup.open", row.id, case=case.id)
    return row


def _count(session: Session, case: Case, returned_on: date) -> Due:
    """Count the two years of the rule in force on the day of the return (DL 91; R 46)."""
    rule = rule_in_force(session, RULE, returned_on)
    lead = get_agency(session, case.lead_agency_id)
    return due(rule, _noon(returned_on), calendar_for(session, lead, rule))


def _earlier(by_rule: date, adult_on: date | None) -> date:
    return by_rule if adult_on is None else min(by_rule, adult_on)


def _adult_on(born_on: date | None) -> date | None:
    """Return the day on which somebody turns 18; whoever was born on 29 February, on 1 March."""
    if born_on is None:
        return None
    try:
        return born_on.replace(year=born_on.year + ADULT_AGE)
    except ValueError:
        return date(born_on.year + ADULT_AGE, 3, 1)


def _noon(day: date) -> datetime:
    """Return the middle of a day in Lima, or now where that is still to come."""
    return min(datetime.combine(day, NOON, clock.LIMA), clock.now())


def _led(session: Session, actor: Actor, case_id: UUID) -> Case:
    """Return a closed case that the acting agency leads; raises Forbidden, or Conflict if open."""
    case = get_case(session, actor, case_id)
    if not access_to_act(session, actor, case).leads:
        lead = get_agency(session, case.lead_agency_id)
        raise Forbidden(_l("Only the institution in charge can do this: %(name)s.", name=lead.name))
    if case.is_open:
        raise Conflict(_l("The case is open again: write the visit on its timeline."))
    return case


def record_visit(session: Session, actor: Actor, case_id: UUID, given: RecordVisit) -> UUID:
    """Record a visit on the timeline and, for each child, what was found and the next one.

    Returns the identifier of the entry. Raises Invalid for a day before the return, or where no
    next visit is said while the follow-up goes on.
    """
    case = _led(session, actor, case_id)
    chosen = [get_followup(session, actor, case, each) for each in given.followup_ids]
    problems = _wrong(chosen, given)
    if problems:
        raise Invalid(*problems)
    entry = log(
        session,
        actor,
        case,
        kind=EntryKind.VISIT,
        title=TITLE[given.finding],
        text=given.found,
        happened_at=_noon(given.happened_on),
        person_id=chosen[0].person_id if len(chosen) == 1 else None,
    )
    for row in chosen:
        row.visited(given.finding, given.happened_on, given.next_on)
        visit = FollowUpVisit(
            followup_id=row.id,
            entry_id=entry.id,
            happened_on=given.happened_on,
            finding=given.finding,
            next_on=given.next_on,
        )
        session.add(visit)
        session.flush()
        audit.record(session, actor, "followups.visit.record", visit.id, case=case.id)
    return entry.id


def _wrong(chosen: Sequence[FollowUp], given: RecordVisit) -> list[Problem]:
    problems = []
    if any(given.happened_on < row.returned_on for row in chosen):
        problems.append(Problem("happened_on", _l("This day lies before the return.")))
    if given.next_on is not None and given.next_on <= clock.today():
        problems.append(Problem("next_on", _l("The next visit is to come: choose a later day.")))
    goes_on = any(row.runs and not row.is_due_to_end for row in chosen)
    if given.next_on is None and given.finding is not Finding.RISK and goes_on:
        problems.append(Problem("next_on", _l("Say when the next visit is: it goes on.")))
    return problems


def end_followup(
    session: Session, actor: Actor, case_id: UUID, followup_id: UUID, given: EndFollowUp
) -> FollowUp:
    """End a follow-up: its time has passed, or it cannot go on, with the reason."""
    case, row = to_end(session, actor, case_id, followup_id)
    if given.end is FollowUpEnd.COMPLETED and (why := row.unfinished):
        raise Invalid(Problem("end", why))
    row.finish(given.end, words=given.words, by=actor.user_id, at=clock.now())
    session.flush()
    audit.record(session, actor, "followups.followup.end", row.id, case=case.id)
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=END_TITLE[given.end],
        text=given.words,
        person_id=row.person_id,
    )
    return row


def to_end(
    session: Session, actor: Actor, case_id: UUID, followup_id: UUID
) -> tuple[Case, FollowUp]:
    """Return a follow-up that runs, for who led its closed case; the form of its end asks this."""
    case = _led(session, actor, case_id)
    row = get_followup(session, actor, case, followup_id)
    row.must_run()
    return case, row


def reopen_after(session: Session, actor: Actor, case_id: UUID, visit_id: UUID) -> Case:
    """Reopen the case because a visit found risk; its day is the reason."""
    case = _led(session, actor, case_id)
    visit = get_visit(session, actor, case, visit_id)
    if visit.finding is not Finding.RISK:
        raise Conflict(_l("This visit found no risk. Reopen the case with a reason of its own."))
    reason = _("The follow-up visit of %(day)s found risk", day=day_text(visit.happened_on))
    return cases.reopen_case(session, actor, case.id, reason=reason)


def end_reopened(session: Session, actor: Actor, case: Case) -> int:
    """End what runs on a case that was reopened; return how many."""
    running = session.scalars(
        sa.select(FollowUp).where(
            col(FollowUp.case_id) == case.id, col(FollowUp.ended_at).is_(None)
        )
    ).all()
    for row in running:
        row.finish(FollowUpEnd.REOPENED, words="", by=None, at=clock.now())
        audit.record(session, actor, "followups.followup.end", row.id, case=case.id)
    session.flush()
    return len(running)


def recompute(session: Session, actor: Actor) -> int:
    """Count the follow-ups that run anew after a change of calendar; return how many moved.

    Each institution is told once of all of its own by `FollowUpsMoved`.
    """
    moved = _moving(session)
    led = defaultdict[UUID, list[UUID]](list)
    for row, case, counted in moved:
        led[case.lead_agency_id].append(case.id)
        row.ends_on = _earlier(counted.day, row.adult_on)
        row.steps = counted.steps_as_json()
        audit.record(session, actor, "followups.followup.move", row.id, case=case.id)
    for agency_id, case_ids in sorted(led.items()):
        only = case_ids[0] if len(set(case_ids)) == 1 else None
        events.record(session, FollowUpsMoved(agency_id, len(case_ids), clock.now(), only))
    session.flush()
    return len(moved)


def moves(session: Session) -> list[Move]:
    """Return the follow-ups that would move by the calendars that the session supposes."""
    return [
        Move(case.lead_agency_id, RULE, row.ends_on, _earlier(counted.day, row.adult_on))
        for row, case, counted in _moving(session)
    ]


def _moving(session: Session) -> list[tuple[FollowUp, Case, Due]]:
    found = rows(
        session,
        sa.select(FollowUp, Case)
        .join(Case, col(Case.id) == col(FollowUp.case_id))
        .where(col(FollowUp.ended_at).is_(None)),
    )
    moving, counts = [], dict[tuple[date, UUID], Due | None]()
    for row, case in found:
        key = (row.returned_on, case.lead_agency_id)
        if key not in counts:
            try:
                counts[key] = _count(session, case, row.returned_on)
            except NotFound:
                counts[key] = None
        counted = counts[key]
        if counted is not None and _earlier(counted.day, row.adult_on) != row.ends_on:
            moving.append((row, case, counted))
    return moving
