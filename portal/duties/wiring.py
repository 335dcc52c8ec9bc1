"""What mandatory notices hear of: alerts taken up, referrals answered, terms read anew, closing."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock, events
from portal.actor import Actor, system_actor
from portal.alerts.events import AlertAccepted, AlertJoined
from portal.alerts.models import Alert
from portal.alerts.models import Sign as AlertSign
from portal.cases.closing import mistaken_closings, standing_closing
from portal.cases.events import CaseClosed, CaseReopened
from portal.cases.models import Case, CaseEnding
from portal.cases.transitions import objector
from portal.deadlines.events import CalendarChanged, RuleChanged
from portal.deadlines.moving import add_mover
from portal.duties import services
from portal.duties.models import OPEN, Duty, Sign
from portal.host.slots import Objection, Transition
from portal.referrals.events import ReferralAnswered, ReferralReturned, ReferralWithdrawn
from portal.referrals.models import Referral
from portal.referrals.queries import list_answers
from portal.texts import _n

EVERY = timedelta(minutes=5)
# What an alert saw and obliges to tell; the other signs of an alert oblige to nothing more.
OF_ALERT = {
    AlertSign.SEXUAL_VIOLENCE: Sign.SEXUAL_VIOLENCE,
    AlertSign.INJURIES: Sign.INJURIES,
    AlertSign.RECRUITMENT: Sign.TRAFFICKING,
}

# The ends of which the Ministerio Público gets the copy: of a risk (DL 42), of a return (DL 91).
OF_ENDING = frozenset(
    {CaseEnding.OVERCOME, CaseEnding.UNPROTECTION, CaseEnding.ADULT, CaseEnding.RETURNED}
)


def _of_alert(session: Session, event: AlertAccepted | AlertJoined) -> None:
    alert, case = session.get_one(Alert, event.alert_id), session.get_one(Case, event.case_id)
    for seen, sign in OF_ALERT.items():
        if seen.value in alert.signs and case.is_open:
            known_at = alert.sent_at or clock.now()
            services.put_sign(session, system_actor(case.lead_agency_id), case, sign, known_at)


def _closed(session: Session, event: CaseClosed) -> None:
    """Owe the prosecutor the copy of a conclusion that the law names (DL 42, 91)."""
    case, standing = session.get_one(Case, event.case_id), standing_closing(session, event.case_id)
    if standing is None or case.is_open:
        return
    closing, children = standing
    if any(child.ending in OF_ENDING for child in children):
        services.put_conclusion(session, system_actor(case.lead_agency_id), case, closing.at)


def _reopened(session: Session, event: CaseReopened) -> None:
    """Owe nothing of a conclusion that was a mistake; one that was reached stays to be told."""
    case = session.get_one(Case, event.case_id)
    actor = system_actor(case.lead_agency_id)
    for closing in mistaken_closings(session, case.id):
        services.undo_conclusion(session, actor, case, closing.at, reason=closing.reopen_reason)


def _answered(session: Session, event: ReferralAnswered) -> None:
    referral = session.get_one(Referral, event.referral_id)
    answers = list_answers(session, referral)
    if answers:
        services.confirm_by_answer(
            session,
            system_actor(referral.to_agency_id),
            referral.id,
            answers[-1].document,
            answers[-1].dated or clock.local(answers[-1].at).date(),
        )


def _came_back(session: Session, event: ReferralReturned | ReferralWithdrawn) -> None:
    services.take_back(session, system_actor(), event.referral_id)


def _recompute(session: Session, _event: CalendarChanged | RuleChanged) -> None:
    services.recompute(session, system_actor())


def _late(session: Session) -> None:
    services.tell_of_late(session, system_actor())


def _object(session: Session, _actor: Actor, case_id: UUID, transition: str) -> list[Objection]:
    if transition != Transition.CLOSE:
        return []
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Duty)
        .where(col(Duty.case_id) == case_id, col(Duty.status).in_(OPEN))
    )
    if not count:
        return []
    code = session.get_one(Case, case_id).code
    text = _n(
        "%(num)s mandatory notice is not confirmed: enter the answer, or say why nobody is told",
        "%(num)s mandatory notices are not confirmed: enter the answers, or say why nobody is told",
        count,
    )
    return [Objection(text=text, where=f"/cases/{code}/duties", count=count)]


def register() -> None:
    """Hear of what brings and ends notices; look for late ones; object while one is open."""
    events.subscribe(AlertAccepted, _of_alert, name="duties.AlertAccepted")
    events.subscribe(AlertJoined, _of_alert, name="duties.AlertJoined")
    events.subscribe(CaseClosed, _closed, name="duties.CaseClosed")
    events.subscribe(CaseReopened, _reopened, name="duties.CaseReopened")
    events.subscribe(ReferralAnswered, _answered, name="duties.ReferralAnswered")
    events.subscribe(ReferralReturned, _came_back, name="duties.ReferralReturned")
    events.subscribe(ReferralWithdrawn, _came_back, name="duties.ReferralWithdrawn")
    events.subscribe(CalendarChanged, _recompute, name="duties.CalendarChanged")
    events.subscribe(RuleChanged, _recompute, name="duties.RuleChanged")
    events.periodic("duties.late", EVERY, _late)
    objector("duties", _object)
    add_mover("duties", services.moves)
