"""What is done with a referral: sent, accepted, returned, answered, closed, taken back."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access.queries import has_receivers, has_users
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.agencies.queries import get_agency, list_units
from portal.cases import services as cases
from portal.cases.models import Case, CaseChild, EntryKind, Level, RightState
from portal.cases.rules import WORKERS
from portal.cases.timeline import log
from portal.documents.receiving import Content
from portal.documents.services import attach
from portal.errors import Conflict, Forbidden, Invalid, Problem
from portal.referrals.events import (
    ReferralAccepted,
    ReferralAnswered,
    ReferralClosed,
    ReferralPassedOn,
    ReferralReturned,
    ReferralSent,
    ReferralWithdrawn,
)
from portal.referrals.inputs import (
    AnswerHealth,
    AnswerReferral,
    NoteReceipt,
    PassReferral,
    ReturnReferral,
    SendReferral,
)
from portal.referrals.letters import BASIS, make_letter
from portal.referrals.models import (
    OPEN,
    OWED,
    PIECE,
    Outcome,
    Referral,
    ReferralAnswer,
    ReferralChild,
    ReferralStatus,
)
from portal.referrals.queries import get_referral
from portal.referrals.rules import minimum_for
from portal.referrals.silence import wait, wait_anew
from portal.texts import _, _l, msgid


def send_referral(
    session: Session,
    actor: Actor,
    case_id: UUID,
    given: SendReferral,
    *,
    follows_id: UUID | None = None,
) -> Referral:
    """Send a referral for a right, which is in process from then on.

    Only the lead may propose that the receiver intervenes. Raises Invalid with the field's problem.
    """
    referral = ask(session, actor, case_id, given, follows_id=follows_id)
    referral.sets_right = True
    for person_id in given.person_ids:
        cases.apply_right(
            session,
            actor,
            referral.case_id,
            person_id=person_id,
            right=given.right,
            state=RightState.IN_PROCESS,
            agency_id=given.to_agency_id,
            next_step=given.asked[:200],
        )
    return referral


def ask(
    session: Session,
    actor: Actor,
    case_id: UUID,
    given: SendReferral,
    *,
    follows_id: UUID | None = None,
) -> Referral:
    """Send a referral from a case that the acting agency reads whole, and leave the rights alone.

    So goes what changes no right by itself: a mandatory notice, or a report that is asked for.
    `follows_id` is the returned one that is sent on by it.
    """
    case = cases.open_for(session, actor, case_id, *WORKERS)
    if actor.agency_id is None:
        raise Forbidden(_l("Act for an institution to refer."))
    _check(session, actor, case, given)
    referral = Referral(
        case_id=case.id,
        from_agency_id=actor.agency_id,
        to_agency_id=given.to_agency_id,
        sent_by=actor.user_id,
        right=given.right,
        priority=given.priority,
        asked=given.asked,
        identity_fields=[field.value for field in given.identity_fields],
        contact=given.contact,
        proposes_team=given.proposes_team and case.lead_agency_id == actor.agency_id,
        due_on=given.due_on,
        sets_right=False,
        follows_id=follows_id,
    )
    referral.send(clock.now())
    session.add(referral)
    session.flush()
    for person_id in given.person_ids:
        session.add(ReferralChild(referral_id=referral.id, person_id=person_id))
    session.flush()
    make_letter(session, actor, referral)
    wait(session, referral)
    _tell(session, actor, case, referral, "send", msgid("Referred to %(agency)s: %(right)s"))
    events.record(session, ReferralSent(referral.id, case.id, actor.agency_id, given.to_agency_id))
    return referral


def _check(session: Session, actor: Actor, case: Case, given: SendReferral) -> None:
    on_case = sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id) == case.id)
    children = set(session.scalars(on_case))
    if not set(given.person_ids) <= children:
        raise Invalid(Problem("person_ids", _l("Choose children of this case.")))
    if given.to_agency_id == actor.agency_id:
        raise Invalid(Problem("to_agency_id", _l("Choose another institution.")))
    if given.due_on < clock.today():
        raise Invalid(Problem("due_on", _l("The day of the answer has passed.")))
    get_agency(session, given.to_agency_id)


def _tell(
    session: Session, actor: Actor, case: Case, referral: Referral, verb: str, title: str
) -> None:
    """Write the trail and the case's timeline; the receiver is not told of others by it."""
    audit.record(session, actor, f"referrals.referral.{verb}", referral.id, case=referral.case_id)
    log(
        session,
        actor,
        case,
        kind=EntryKind.REFERRAL,
        title=title,
        facts={
            "agency": get_agency(session, referral.to_agency_id).name,
            "right": referral.right.value,
        },
    )


def note_opened(session: Session, actor: Actor, referral_id: UUID) -> None:
    """Note when the receiver opened it: its receipt (cargo de recepción)."""
    referral = get_referral(session, actor, referral_id)
    _note_receipt(referral, actor)
    session.flush()


def _note_receipt(referral: Referral, actor: Actor) -> None:
    """Note the receipt once: whoever accepts or returns it has received it too."""
    if referral.opened_at is None and referral.to_agency_id == actor.agency_id:
        referral.opened_at, referral.opened_by = clock.now(), actor.user_id


def note_receipt(session: Session, actor: Actor, referral_id: UUID, given: NoteReceipt) -> Referral:
    """Keep the number that the receiver gave it, by the receiver itself.

    For an agency without users its sender notes it from the stamped copy, with when it was received
    (TUO of Ley 27444: cargo de recepción). Raises Invalid for a moment that cannot be.
    """
    referral = to_note(session, actor, referral_id)
    if referral.to_agency_id != actor.agency_id:
        referral.opened_at = _received_at(referral, given)
    referral.receiver_number = given.number
    session.flush()
    audit.record(session, actor, "referrals.referral.receive", referral.id, case=referral.case_id)
    return referral


def to_note(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """Return an open referral whose number the actor notes; its form asks this first."""
    referral = get_referral(session, actor, referral_id)
    receiver = get_agency(session, referral.to_agency_id)
    for_them = referral.to_agency_id != actor.agency_id
    if for_them and (referral.from_agency_id != actor.agency_id or has_users(session, receiver.id)):
        raise Forbidden(_l("%(name)s notes its own number.", name=receiver.name))
    referral.must_be(*OPEN)
    return referral


def _received_at(referral: Referral, given: NoteReceipt) -> datetime | None:
    if given.received_at is None:
        return referral.opened_at
    sent_on = clock.local(referral.sent_at).date() if referral.sent_at else None
    if given.received_at > clock.now():
        raise Invalid(Problem("received_at", _l("This date lies in the future.")))
    if sent_on and clock.local(given.received_at).date() < sent_on:
        raise Invalid(Problem("received_at", _l("It was not sent yet on that day.")))
    return given.received_at


def to_take(
    session: Session, actor: Actor, referral_id: UUID, *states: ReferralStatus
) -> tuple[Referral, Case]:
    """Return a referral in one of these states that came to the actor; each form asks it first."""
    referral = get_referral(session, actor, referral_id)
    _is_receiver(session, actor, referral)
    referral.must_be(*states)
    return referral, session.get_one(Case, referral.case_id)


def _is_receiver(session: Session, actor: Actor, referral: Referral) -> None:
    if referral.to_agency_id != actor.agency_id:
        receiver = get_agency(session, referral.to_agency_id)
        raise Forbidden(_l("Only %(name)s can do this.", name=receiver.name))


def _sent(session: Session, actor: Actor, referral_id: UUID) -> tuple[Referral, Case]:
    referral = get_referral(session, actor, referral_id)
    if referral.from_agency_id != actor.agency_id:
        sender = get_agency(session, referral.from_agency_id)
        raise Forbidden(_l("Only %(name)s can do this.", name=sender.name))
    return referral, session.get_one(Case, referral.case_id)


def accept_referral(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """Take a referral on: the agency comes onto the case, the acceptor is assigned to it."""
    referral, case = to_take(session, actor, referral_id, ReferralStatus.SENT)
    _note_receipt(referral, actor)
    referral.accept(by=actor.user_id, at=clock.now())
    wait_anew(session, referral)
    cases.admit_party(
        session,
        actor,
        case,
        agency_id=referral.to_agency_id,
        level=Level.TEAM if referral.proposes_team else Level.INFORMED,
        legal_basis=BASIS,
    )
    if actor.user_id is not None:
        cases.put_assignment(session, case, referral.to_agency_id, actor.user_id)
    session.flush()
    _tell(session, actor, case, referral, "accept", msgid("%(agency)s accepted: %(right)s"))
    events.record(session, ReferralAccepted(referral.id, case.id))
    return referral


def pass_on_referral(
    session: Session, actor: Actor, referral_id: UUID, given: PassReferral
) -> Referral:
    """Hand a referral to a unit of the receiver (network to health centre, UGEL to school).

    It waits for the unit's acceptance; the institution follows it while it is open. Raises Invalid
    for an agency that is no unit of its own, or has nobody who would see it.
    """
    referral, case = to_take(session, actor, referral_id, *OWED)
    units = {unit.id: unit for unit in open_units(session, referral.to_agency_id)}
    unit = units.get(given.unit_id)
    if unit is None:
        raise Invalid(Problem("unit_id", _l("Choose a unit of your institution.")))
    if not has_receivers(session, unit.id):
        told = _l(
            "%(name)s has nobody who would see it in the portal: attend to it yourselves.",
            name=unit.name,
        )
        raise Invalid(Problem("unit_id", told))
    _note_receipt(referral, actor)
    referral.pass_on(unit.id, clock.now())
    wait_anew(session, referral)
    session.flush()
    _tell(session, actor, case, referral, "pass_on", msgid("Passed on to %(agency)s: %(right)s"))
    events.record(session, ReferralPassedOn(referral.id, case.id, unit.id))
    return referral


def open_units(session: Session, agency_id: UUID) -> list[Agency]:
    """Return the units of an agency that work today."""
    today = clock.today()
    return [
        unit
        for unit in list_units(session, agency_id)
        if unit.closed_on is None or unit.closed_on > today
    ]


def return_referral(
    session: Session, actor: Actor, referral_id: UUID, given: ReturnReferral
) -> Referral:
    """Give a referral back with a reason; the agency's sight of it ends."""
    referral, case = to_take(session, actor, referral_id, ReferralStatus.SENT)
    if given.should_go_to in (referral.from_agency_id, referral.to_agency_id):
        raise Invalid(Problem("should_go_to", _l("Choose another institution.")))
    if given.should_go_to is not None:
        get_agency(session, given.should_go_to)
    _note_receipt(referral, actor)
    referral.give_back(given.reason, given.words, given.should_go_to, clock.now())
    wait(session, referral)
    session.flush()
    _tell(session, actor, case, referral, "return", msgid("%(agency)s returned: %(right)s"))
    events.record(session, ReferralReturned(referral.id, case.id))
    return referral


def resend_referral(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """Send a returned referral to whom its receiver named, in one act, by its sender.

    What is asked, for whom and in how long stay; what is shared is the minimum for the new
    receiver's kind. Raises Conflict, saying what to do, where it cannot be sent on.
    """
    before, _case = _sent(session, actor, referral_id)
    before.settle(clock.now())
    if before.should_go_to is None:
        raise Conflict(_l("It was returned without saying who should have it: send another one."))
    if not before.sets_right:
        raise Conflict(_l("Give it again from the case: notices and reports are asked for there."))
    now = clock.now()
    given = SendReferral(
        to_agency_id=before.should_go_to,
        asked=before.asked,
        person_ids=list(session.scalars(_children_of(before))),
        right=before.right,
        priority=before.priority,
        due_on=clock.today() + (before.due_on - clock.local(before.sent_at or now).date()),
        identity_fields=list(minimum_for(get_agency(session, before.should_go_to).kind)),
        contact=before.contact,
        proposes_team=before.proposes_team,
    )
    return send_referral(session, actor, before.case_id, given, follows_id=before.id)


def settle_referral(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """Take note that a referral was returned, by its sender: it stands on no list any more."""
    referral, _case = _sent(session, actor, referral_id)
    referral.settle(clock.now())
    session.flush()
    audit.record(session, actor, "referrals.referral.settle", referral.id, case=referral.case_id)
    return referral


def _children_of(referral: Referral) -> sa.Select[UUID]:
    return (
        sa.select(col(ReferralChild.person_id))
        .where(col(ReferralChild.referral_id) == referral.id)
        .order_by(col(ReferralChild.person_id))
    )


def answer_referral(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    given: AnswerReferral | AnswerHealth,
    content: Content | None = None,
) -> Referral:
    """Answer a referral; where it restores the right, the right is set so.

    `content` is the file of the answer, looked at already: whoever sees the referral reads it.

    The sender may enter the answer of an agency that has no users, marked so. Raises Invalid for
    an appointment without its day, or a right restored by one who was not attended.
    """
    referral = get_referral(session, actor, referral_id)
    for_them = answers_for_them(session, actor, referral)
    _check_outcome(given)
    case = session.get_one(Case, referral.case_id)
    referral.reply(is_partial=given.is_partial, at=clock.now())
    wait_anew(session, referral)
    session.add(_answer(actor, referral, given, for_them=for_them))
    session.flush()
    if content is not None:
        _hang(session, actor, referral, given, content)
    _tell(session, actor, case, referral, "answer", _ANSWERED[given.is_partial, for_them])
    if given.restores and not given.is_partial:
        _restore(session, actor, referral, given)
    events.record(session, ReferralAnswered(referral.id, case.id))
    return referral


def _hang(
    session: Session,
    actor: Actor,
    referral: Referral,
    given: AnswerReferral | AnswerHealth,
    content: Content,
) -> None:
    """Hang the file of an answer on its referral, called by its number where it has one."""
    receiver = get_agency(session, referral.to_agency_id)
    people = session.scalars(_children_of(referral)).all()
    attach(
        session,
        actor,
        content,
        piece=PIECE,
        piece_id=referral.id,
        case_id=referral.case_id,
        person_id=people[0] if len(people) == 1 else None,
        title=given.document or _("Answer of %(name)s", name=receiver.name),
    )


_ANSWERED = {
    (False, False): msgid("%(agency)s answered: %(right)s"),
    (True, False): msgid("%(agency)s answered in part: %(right)s"),
    (False, True): msgid("Answer of %(agency)s, entered in its name: %(right)s"),
    (True, True): msgid("Answer in part of %(agency)s, entered in its name: %(right)s"),
}


def _answer(
    actor: Actor, referral: Referral, given: AnswerReferral | AnswerHealth, *, for_them: bool
) -> ReferralAnswer:
    return ReferralAnswer(
        referral_id=referral.id,
        agency_id=actor.agency_id,
        by_id=actor.user_id,
        for_them=for_them,
        at=clock.now(),
        answer=given.answer,
        document=given.document,
        dated=given.dated,
        outcome=given.outcome,
        appointment_on=given.appointment_on if given.outcome is Outcome.APPOINTMENT else None,
        is_partial=given.is_partial,
        restores=given.restores and not given.is_partial,
    )


def _check_outcome(given: AnswerReferral | AnswerHealth) -> None:
    if given.outcome is Outcome.APPOINTMENT and given.appointment_on is None:
        raise Invalid(Problem("appointment_on", _l("Write the day of the appointment.")))
    if given.restores and given.outcome not in (None, Outcome.ATTENDED):
        raise Invalid(Problem("restores", _l("A right is restored once it was attended to.")))


def answers_for_them(session: Session, actor: Actor, referral: Referral) -> bool:
    """Tell whether the actor answers in the name of an agency without users, as its sender.

    Raises Forbidden where the actor may not answer at all, and Conflict where nothing is to be
    answered; each says what to do instead.
    """
    for_them = referral.from_agency_id == actor.agency_id
    if for_them and has_users(session, referral.to_agency_id):
        raise Forbidden(_answers_itself(get_agency(session, referral.to_agency_id)))
    if not for_them:
        _is_receiver(session, actor, referral)
    referral.must_be(*(OWED if for_them else (ReferralStatus.ACCEPTED,)))
    return for_them


def _answers_itself(receiver: Agency) -> Any:
    """Say why the sender may not answer for an agency that has users, and what to do instead."""
    if receiver.telephone:
        return _l(
            "%(name)s uses the portal and answers by itself: call %(telephone)s. The portal "
            "reminds it of what is late.",
            name=receiver.name,
            telephone=receiver.telephone,
        )
    return _l(
        "%(name)s uses the portal and answers by itself. The portal reminds it of what is late.",
        name=receiver.name,
    )


def _restore(
    session: Session, actor: Actor, referral: Referral, given: AnswerReferral | AnswerHealth
) -> None:
    people = session.scalars(_children_of(referral)).all()
    document = " ".join(part for part in (given.document, _date(given.dated)) if part)
    for person_id in people:
        cases.apply_right(
            session,
            actor,
            referral.case_id,
            person_id=person_id,
            right=referral.right,
            state=RightState.RESTORED,
            agency_id=referral.to_agency_id,
            evidence=(document or given.answer)[:400],
        )


def _date(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def close_referral(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """Take note of the answer and close, by the sender."""
    referral, case = _sent(session, actor, referral_id)
    referral.close(clock.now())
    session.flush()
    _tell(session, actor, case, referral, "close", msgid("Referral closed: %(right)s"))
    events.record(session, ReferralClosed(referral.id, case.id))
    return referral


def withdraw_referral(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """Take a referral back before it is accepted, by the sender."""
    referral, case = _sent(session, actor, referral_id)
    referral.withdraw(clock.now())
    wait(session, referral)
    session.flush()
    _tell(session, actor, case, referral, "withdraw", msgid("Referral taken back: %(right)s"))
    events.record(session, ReferralWithdrawn(referral.id, case.id))
    return referral


def follow_lead(
    session: Session, actor: Actor, case_id: UUID, *, former_id: UUID, lead_id: UUID
) -> int:
    """Let what the former institution in charge asked of others be answered to the new one.

    Returns how many referrals passed: those that are open, and those that came back and wait to be
    sent on. What was asked of the new one itself stays between the two, and a letter keeps the
    letterhead of who wrote it. Done again, it finds nothing.
    """
    waits = sa.or_(
        col(Referral.status).in_(OPEN),
        sa.and_(
            col(Referral.status) == ReferralStatus.RETURNED, col(Referral.settled_at).is_(None)
        ),
    )
    passed = session.scalars(
        sa.select(Referral)
        .where(
            col(Referral.case_id) == case_id,
            col(Referral.from_agency_id) == former_id,
            col(Referral.to_agency_id) != lead_id,
            waits,
        )
        .order_by(col(Referral.id))
    ).all()
    for referral in passed:
        referral.from_agency_id = lead_id
        audit.record(session, actor, "referrals.referral.follow", referral.id, case=case_id)
    session.flush()
    return len(passed)
