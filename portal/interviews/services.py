"""What is done with the register: an interview recorded or struck, its report asked for."""

from datetime import datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.agencies.queries import get_agency
from portal.cases.models import Case, CaseChild, Circle, EntryKind, Level
from portal.cases.queries import access_to, access_to_act, get_case, must_work
from portal.cases.rules import Access
from portal.cases.timeline import log
from portal.db.sealing import seal
from portal.deadlines.queries import calendar_for
from portal.errors import Conflict, Forbidden, Invalid, Problem
from portal.interviews.events import InterviewRecorded
from portal.interviews.inputs import RecordInterview
from portal.interviews.labels import MAY_ASK
from portal.interviews.models import AskRule, Interview, InterviewKind, ReportRequest
from portal.interviews.queries import TABLE, get_interview, list_for_child
from portal.interviews.rules import may_ask, right_of
from portal.referrals import services as referrals
from portal.referrals.inputs import SendReferral
from portal.referrals.models import OPEN, Referral
from portal.referrals.rules import minimum_for
from portal.texts import _, _l, day_text, inline, msgid

# Business days in which a report is asked for; a proposal of ours, no term of a norm.
ASKED_DAYS = 3
CIRCLES = (Circle.TEAM, Circle.PARTIES)


def circles_of(access: Access) -> tuple[Circle, ...]:
    """Return the circles in which an institution may record an interview."""
    return tuple(circle for circle in access.circles if circle in CIRCLES)


def record_interview(
    session: Session, actor: Actor, case_id: UUID, person_id: UUID, given: RecordInterview
) -> Interview:
    """Record that a child of an open case was heard.

    Raises Invalid where who heard or where the report is stands nowhere, and where the child was
    heard before: by somebody of whom the form did not tell, or without a reason to hear it again.
    """
    case = get_case(session, actor, case_id)
    access = access_to(session, actor, case)
    must_work(session, case, access, *Level)
    problems = [*_missing(access, given), *_again(session, actor, person_id, given)]
    on_case = sa.exists().where(
        col(CaseChild.case_id) == case.id, col(CaseChild.person_id) == person_id
    )
    if not session.scalar(sa.select(on_case)):
        problems.append(Problem("", _l("Choose children of this case.")))
    if problems:
        raise Invalid(*problems)
    for agency_id in {given.agency_id, given.holder_id} - {None}:
        get_agency(session, agency_id)  # type: ignore[arg-type]
    interview = Interview(
        case_id=case.id,
        person_id=person_id,
        author_id=actor.user_id,
        author_agency_id=actor.agency_id,
        recorded_at=clock.now(),
        **given.model_dump(exclude={"seen"}),
    )
    session.add(interview)
    session.flush()
    audit.record(session, actor, "interviews.interview.record", interview.id, case=case.id)
    noon = datetime.combine(given.heard_on, time(12), clock.LIMA)
    log(
        session,
        actor,
        case,
        kind=EntryKind.INTERVIEW,
        title=msgid("A child was heard: see the register of interviews"),
        circle=given.circle,
        happened_at=min(noon, clock.now()),
        person_id=person_id,
    )
    events.record(session, InterviewRecorded(interview.id, case.id, actor.agency_id))
    return interview


def _missing(access: Access, given: RecordInterview) -> list[Problem]:
    found = []
    if given.agency_id is None and not given.heard_by:
        found.append(Problem("heard_by", _l("Say who heard the child.")))
    if given.holder_id is None and not given.report:
        found.append(Problem("report", _l("Say where the report is, or that there is none.")))
    if given.circle not in circles_of(access):
        words = _l("Choose who may read this among those offered.")
        found.append(Problem("circle", words))
    if given.kind is InterviewKind.SINGLE and given.may_ask is AskRule.TEAM:
        words = _l("The single interview is evidence: its report is not for every institution.")
        found.append(Problem("may_ask", words))
    return found


def _again(
    session: Session, actor: Actor, person_id: UUID, given: RecordInterview
) -> list[Problem]:
    """Return what stands against hearing a child again (TUO of Ley 30364 art. 28)."""
    earlier = list_for_child(session, actor, person_id)
    if len(earlier) > given.seen:
        words = _l("Another interview of this child was recorded meanwhile: see it above first.")
        return [Problem("again_why", words)]
    if earlier and not given.again_why:
        words = _l("This child was heard before: say why it had to be heard again.")
        return [Problem("again_why", words)]
    return []


def strike_interview(
    session: Session, actor: Actor, case_id: UUID, interview_id: UUID, *, reason: str
) -> Interview:
    """Strike an interview that was recorded by mistake: by its institution or the lead."""
    case, interview = to_strike(session, actor, case_id, interview_id)
    interview.strike(actor.user_id, clock.now())
    column = "strike_reason_sealed"
    interview.strike_reason_sealed = seal(session, case.id, TABLE, column, interview.id, reason)
    session.flush()
    audit.record(
        session, actor, "interviews.interview.strike", interview.id, case=case.id, reason=reason
    )
    return interview


def to_strike(
    session: Session, actor: Actor, case_id: UUID, interview_id: UUID
) -> tuple[Case, Interview]:
    """Return an interview that the actor may strike; its form asks this first."""
    case = get_case(session, actor, case_id)
    interview = get_interview(session, actor, case, interview_id)
    leads = access_to_act(session, actor, case).leads
    if interview.author_agency_id != actor.agency_id and not leads:
        raise Forbidden(_l("Only who wrote this, or the institution in charge, can strike it."))
    interview.must_stand()
    return case, interview


def ask_for_report(session: Session, actor: Actor, case_id: UUID, interview_id: UUID) -> Referral:
    """Ask whoever holds the report for it, by a referral; one that is open is given back.

    Raises Forbidden where the rule of the interview does not let the institution ask.
    """
    case = get_case(session, actor, case_id)
    interview = get_interview(session, actor, case, interview_id)
    if not may_ask(access_to(session, actor, case), interview.may_ask):
        who = inline(MAY_ASK[interview.may_ask])
        raise Forbidden(_l("Who may ask for this report: %(who)s.", who=who))
    if interview.struck_at is not None or interview.holder_id in (None, actor.agency_id):
        raise Conflict(_l("There is nobody to ask for this report."))
    if open_already := _open_request(session, actor, interview):
        return open_already
    referral = _ask(session, actor, case, interview)
    if actor.agency_id is not None:
        session.add(
            ReportRequest(
                interview_id=interview.id,
                agency_id=actor.agency_id,
                referral_id=referral.id,
                at=clock.now(),
            )
        )
        session.flush()
    audit.record(session, actor, "interviews.interview.ask", interview.id, case=case.id)
    return referral


def _open_request(session: Session, actor: Actor, interview: Interview) -> Referral | None:
    return session.scalar(
        sa.select(Referral)
        .join(ReportRequest, col(ReportRequest.referral_id) == col(Referral.id))
        .where(
            col(ReportRequest.interview_id) == interview.id,
            col(ReportRequest.agency_id) == actor.agency_id,
            col(Referral.status).in_(OPEN),
        )
        .limit(1)
    )


def _ask(session: Session, actor: Actor, case: Case, interview: Interview) -> Referral:
    holder = get_agency(session, interview.holder_id)  # type: ignore[arg-type]
    asked = _(
        "Please send the report of the interview of %(day)s (%(report)s), so that the child is not"
        " heard again on the same matter.",
        day=day_text(interview.heard_on),
        report=interview.report or _("no number known"),
    )
    return referrals.ask(
        session,
        actor,
        case.id,
        SendReferral(
            to_agency_id=holder.id,
            asked=asked,
            person_ids=[interview.person_id],
            right=right_of(interview.kind),
            priority=case.priority,
            due_on=calendar_for(session, holder).after(clock.today(), ASKED_DAYS),
            identity_fields=list(minimum_for(holder.kind)),
        ),
    )
