"""What silence leads to: a reminder, the coordination, the head by oficio, the council's agenda.

A referral that nobody accepts is silent from when it was sent, an accepted one from the day on
which its answer was due, and one to an agency without users from that day too, since nobody there
presses a button. Each step waits some business days of the receiver's calendar (TUO of Ley 27444
art. 134); no norm sets how many, so they are settings. Each happens once, and whatever answers
ends them.
"""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask import current_app, has_app_context
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access.queries import has_users
from portal.actor import system_actor
from portal.agencies.queries import get_agency
from portal.cases.models import Case, EntryKind
from portal.cases.timeline import log
from portal.deadlines.queries import calendar_for
from portal.referrals.events import ReferralSilent
from portal.referrals.letters import make_letter
from portal.referrals.models import OWED, LetterKind, Referral, ReferralStatus, Silence
from portal.texts import msgid

# Few at a time, each minute: whoever writes meanwhile waits for no more than these.
BATCH = 40
STEPS = (Silence.REMINDED, Silence.COORDINATOR, Silence.HEAD, Silence.COUNCIL)
TOLD = {
    Silence.REMINDED: msgid("%(agency)s was reminded: %(right)s"),
    Silence.COORDINATOR: msgid("The coordination of %(agency)s was told of its silence: %(right)s"),
    Silence.HEAD: msgid("An official letter goes to the head of %(agency)s: %(right)s"),
    Silence.COUNCIL: msgid("The silence of %(agency)s goes to the council's agenda: %(right)s"),
}


@dataclass(frozen=True, slots=True)
class Patience:
    """Business days of silence before each step, each counted from the one before."""

    reminded: int = 2
    coordinator: int = 2
    head: int = 3
    council: int = 5

    def days(self, step: Silence) -> int:
        """Return the days before a step."""
        days: int = getattr(self, step.value)
        return days


def patience() -> Patience:
    """Return how long silence lasts before each step: settings of the instance."""
    if not has_app_context():
        return Patience()
    own = current_app.extensions["portal"].settings
    return Patience(
        own.referral_reminder_days,
        own.referral_coordinator_days,
        own.referral_head_days,
        own.referral_council_days,
    )


def next_step(silence: Silence, *, by_letter: bool) -> Silence | None:
    """Return what follows; an agency without users has no coordination in the portal. Pure."""
    at = STEPS.index(silence) + 1 if silence in STEPS else 0
    if by_letter and at < len(STEPS) and STEPS[at] is Silence.COORDINATOR:
        at += 1
    return STEPS[at] if at < len(STEPS) else None


def wait(session: Session, referral: Referral) -> None:
    """Set the last day of the present patience; none where nobody owes anything any more."""
    by_letter = not has_users(session, referral.to_agency_id)
    step = next_step(referral.silence, by_letter=by_letter)
    if step is None or referral.status not in OWED:
        referral.patient_until = None
        return
    calendar = calendar_for(session, get_agency(session, referral.to_agency_id))
    began = _began(referral, by_letter=by_letter)
    referral.patient_until = calendar.after(began, patience().days(step))


def wait_anew(session: Session, referral: Referral) -> None:
    """Wait from the beginning: it was accepted, passed on or answered in part."""
    referral.silence, referral.silence_at = Silence.NONE, None
    wait(session, referral)


def _began(referral: Referral, *, by_letter: bool) -> date:
    moments = [referral.passed_at, referral.sent_at, referral.accepted_at, referral.answered_at]
    days = [clock.local(moment).date() for moment in moments if moment is not None]
    if referral.silence is not Silence.NONE and referral.silence_at is not None:
        return clock.local(referral.silence_at).date()
    if referral.status is ReferralStatus.ACCEPTED or by_letter:
        days.append(referral.due_on)
    return max(days)


def escalate_silent(session: Session) -> int:
    """Take the next step with whatever was silent too long; returns how many went further.

    Run by the worker. A day off that was entered meanwhile is counted first.
    """
    today = clock.today()
    late = session.scalars(
        sa.select(Referral)
        .join(Case, col(Case.id) == col(Referral.case_id))
        .where(
            col(Referral.patient_until) < today,
            col(Referral.status).in_(OWED),
            col(Case.closed_at).is_(None),
        )
        .order_by(col(Referral.patient_until), col(Referral.id))
        .limit(BATCH)
    ).all()
    moved = 0
    for referral in late:
        wait(session, referral)
        if referral.patient_until is not None and referral.patient_until < today:
            _go_further(session, referral)
            moved += 1
    session.flush()
    return moved


def _go_further(session: Session, referral: Referral) -> None:
    receiver = get_agency(session, referral.to_agency_id)
    step = next_step(referral.silence, by_letter=not has_users(session, receiver.id))
    if step is None:
        return
    referral.silence, referral.silence_at = step, clock.now()
    sender = system_actor(referral.from_agency_id)
    if step is Silence.HEAD:
        make_letter(session, sender, referral, LetterKind.HEAD)
    wait(session, referral)
    session.flush()
    case = session.get_one(Case, referral.case_id)
    audit.record(
        session, sender, "referrals.referral.escalate", referral.id, case=case.id, step=step.value
    )
    log(
        session,
        sender,
        case,
        kind=EntryKind.REFERRAL,
        title=TOLD[step],
        facts={"agency": receiver.name, "right": referral.right.value},
    )
    events.record(session, ReferralSilent(referral.id, case.id, step.value))
