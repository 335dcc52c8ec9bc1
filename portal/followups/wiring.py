"""What the follow-up hears of: cases that close and open again, calendars that change."""

from sqlmodel import Session

from portal import events
from portal.actor import system_actor
from portal.cases.events import CaseClosed, CaseReopened
from portal.cases.models import Case
from portal.deadlines.events import CalendarChanged, RuleChanged
from portal.deadlines.moving import add_mover
from portal.followups import services


def _closed(session: Session, event: CaseClosed) -> None:
    case = session.get_one(Case, event.case_id)
    if not case.is_open:
        services.open_followups(session, system_actor(case.lead_agency_id), case)


def _reopened(session: Session, event: CaseReopened) -> None:
    case = session.get_one(Case, event.case_id)
    if case.is_open:
        services.end_reopened(session, system_actor(case.lead_agency_id), case)


def _recompute(session: Session, _event: CalendarChanged | RuleChanged) -> None:
    services.recompute(session, system_actor())


def register() -> None:
    """Open what a return asks for, end it where the case goes on, and move with the calendar."""
    events.subscribe(CaseClosed, _closed, name="followups.CaseClosed")
    events.subscribe(CaseReopened, _reopened, name="followups.CaseReopened")
    events.subscribe(CalendarChanged, _recompute, name="followups.CalendarChanged")
    events.subscribe(RuleChanged, _recompute, name="followups.RuleChanged")
    add_mover("followups", services.moves)
