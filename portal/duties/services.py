"""What is done with signs and notices: recorded, sent, confirmed, refused, told late."""

from collections import Counter
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access.queries import has_users
from portal.actor import Actor
from portal.agencies.queries import get_agency
from portal.cases import services as cases
from portal.cases.models import Case, CaseChild, EntryKind, Level
from portal.cases.queries import access_to, get_case
from portal.cases.timeline import log
from portal.db import rows
from portal.deadlines.counting import Due, due
from portal.deadlines.moving import Move
from portal.deadlines.queries import calendar_for, rule_in_force
from portal.duties.catalogue import AFTER_CLOSING, BY_CODE, Notice, notices_of
from portal.duties.events import DutiesMoved, DutyConfirmed, DutyLate, DutyOwed
from portal.duties.inputs import AddSign, Confirm, TellByLetter, TellByReferral
from portal.duties.models import OPEN, CaseSign, Duty, DutyStatus, Sign
from portal.duties.queries import get_duty, get_sign, still_given
from portal.errors import Conflict, Invalid, NotFound, Problem
from portal.referrals import services as referrals
from portal.referrals.inputs import SendReferral
from portal.texts import _l, msgid


def add_sign(session: Session, actor: Actor, case_id: UUID, given: AddSign) -> CaseSign:
    """Record a sign on a case that the acting agency leads: what it obliges to tell is owed.

    Raises Invalid for a moment in the future, a child of another case, or a sign that stands.
    """
    case = cases.open_for(session, actor, case_id, Level.LEAD)
    known_at = given.known_at or clock.now()
    if given.person_id is not None:
        _check_children(session, case, {given.person_id}, "person_id")
    sign = put_sign(session, actor, case, given.sign, known_at, person_id=given.person_id)
    if sign is None:
        raise Invalid(Problem("sign", _l("This sign stands on the case already.")))
    return sign


def _check_children(session: Session, case: Case, chosen: set[UUID], field: str) -> None:
    on_case = sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id) == case.id)
    if not chosen <= set(session.scalars(on_case)):
        raise Invalid(Problem(field, _l("Choose children of this case.")))


def put_sign(
    session: Session,
    actor: Actor,
    case: Case,
    sign: Sign,
    known_at: datetime,
    *,
    person_id: UUID | None = None,
) -> CaseSign | None:
    """Put a sign on a case for a caller that has decided; None where it stands there already."""
    whose = col(CaseSign.person_id)
    standing = sa.exists().where(
        col(CaseSign.case_id) == case.id,
        col(CaseSign.sign) == sign,
        whose.is_(None) if person_id is None else whose == person_id,
        col(CaseSign.withdrawn_at).is_(None),
    )
    if session.scalar(sa.select(standing)):
        return None
    return _put(session, actor, case, sign, known_at, person_id)


def put_conclusion(session: Session, actor: Actor, case: Case, closed_at: datetime) -> None:
    """Owe the copy of a conclusion, once for each time that the case closed."""
    same = sa.exists().where(
        col(CaseSign.case_id) == case.id,
        col(CaseSign.sign) == Sign.CONCLUSION,
        col(CaseSign.known_at) == closed_at,
    )
    if not session.scalar(sa.select(same)):
        _put(session, actor, case, Sign.CONCLUSION, closed_at, None)


def _put(
    session: Session,
    actor: Actor,
    case: Case,
    sign: Sign,
    known_at: datetime,
    person_id: UUID | None,
) -> CaseSign:
    row = CaseSign(
        case_id=case.id,
        person_id=person_id,
        sign=sign,
        known_at=known_at,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "duties.sign.record", row.id, case=case.id)
    for notice in notices_of(sign, get_agency(session, case.lead_agency_id).kind):
        _owe(session, actor, case, row, notice)
    return row


def _owe(session: Session, actor: Actor, case: Case, sign: CaseSign, notice: Notice) -> None:
    """Owe a notice, once while it is open: another sign of the same matter is told with it."""
    whose = col(Duty.person_id)
    same = sa.exists().where(
        col(Duty.case_id) == case.id,
        col(Duty.rule_code) == notice.code,
        whose.is_(None) if sign.person_id is None else whose == sign.person_id,
        col(Duty.status).in_(OPEN),
    )
    if session.scalar(sa.select(same)):
        return
    counted = _count(session, case, notice.code, sign.known_at)
    duty = Duty(
        case_id=case.id,
        sign_id=sign.id,
        person_id=sign.person_id,
        rule_code=notice.code,
        known_at=sign.known_at,
        due_on=counted.day,
        due_at=counted.at,
        steps=counted.steps_as_json(),
    )
    session.add(duty)
    session.flush()
    _tell(session, actor, duty, msgid("It must be told: %(rule)s"), case)
    events.record(session, DutyOwed(duty.id, case.id, case.lead_agency_id))


def _count(session: Session, case: Case, rule_code: str, known_at: datetime) -> Due:
    rule = rule_in_force(session, rule_code, clock.local(known_at).date())
    lead = get_agency(session, case.lead_agency_id)
    return due(rule, known_at, calendar_for(session, lead, rule))


def _tell(session: Session, actor: Actor, duty: Duty, title: str, case: Case, **facts: str) -> None:
    """Write the timeline of the case; the team reads it."""
    began = clock.local(duty.known_at).date().isoformat()
    log(
        session,
        actor,
        case,
        kind=EntryKind.TERM,
        title=title,
        facts={"rule": duty.rule_code, "began": began, **facts},
        person_id=duty.person_id,
    )


def withdraw_sign(
    session: Session, actor: Actor, case_id: UUID, sign_id: UUID, *, reason: str
) -> CaseSign:
    """Withdraw a sign that was a mistake: what is owed by it alone, and not sent, ends."""
    case = cases.open_for(session, actor, case_id, Level.LEAD)
    sign = get_sign(session, actor, case, sign_id)
    sign.must_stand()
    _withdraw(session, actor, case, sign, reason)
    return sign


def undo_conclusion(
    session: Session, actor: Actor, case: Case, closed_at: datetime, *, reason: str
) -> None:
    """Owe no copy of a conclusion that was a mistake: no resolution concluded the case.

    What was sent already stays sent.
    """
    sign = session.scalar(
        sa.select(CaseSign).where(
            col(CaseSign.case_id) == case.id,
            col(CaseSign.sign) == Sign.CONCLUSION,
            col(CaseSign.known_at) == closed_at,
            col(CaseSign.withdrawn_at).is_(None),
        )
    )
    if sign is not None:
        _withdraw(session, actor, case, sign, reason)


def _withdraw(session: Session, actor: Actor, case: Case, sign: CaseSign, reason: str) -> None:
    sign.withdrawn_at, sign.withdrawn_by = clock.now(), actor.user_id
    session.flush()
    standing = session.scalars(
        sa.select(CaseSign).where(
            col(CaseSign.case_id) == case.id, col(CaseSign.withdrawn_at).is_(None)
        )
    ).all()
    owed = session.scalars(
        sa.select(Duty).where(col(Duty.case_id) == case.id, col(Duty.status) == DutyStatus.OWED)
    ).all()
    for duty in owed:
        signs = BY_CODE[duty.rule_code].signs if duty.rule_code in BY_CODE else frozenset()
        others = [
            each for each in standing if each.sign in signs and each.person_id == duty.person_id
        ]
        if others:
            duty.sign_id = others[0].id
        elif sign.sign in signs and sign.person_id == duty.person_id:
            duty.drop()
    session.flush()
    audit.record(session, actor, "duties.sign.withdraw", sign.id, case=case.id, reason=reason)
    log(
        session,
        actor,
        case,
        kind=EntryKind.TERM,
        title=msgid("A sign was withdrawn: the notices owed by it alone end"),
        text=reason,
        person_id=sign.person_id,
    )


def _own(session: Session, actor: Actor, duty_id: UUID) -> tuple[Duty, Case]:
    """Return a notice of an open case that the acting agency leads, or one owed after closing."""
    duty = get_duty(session, actor, duty_id)
    if duty.rule_code in AFTER_CLOSING:
        case = get_case(session, actor, duty.case_id)
        if not case.is_open and access_to(session, actor, case).leads:
            return duty, case
    return duty, cases.open_for(session, actor, duty.case_id, Level.LEAD)


def tell_by_referral(session: Session, actor: Actor, duty_id: UUID, given: TellByReferral) -> Duty:
    """Give a notice to an institution that uses the portal, as a referral.

    Raises Invalid where the institution is of another kind, or has nobody who uses the portal.
    """
    duty, case = _own(session, actor, duty_id)
    if not case.is_open:
        raise Conflict(_l("This case is closed: give the notice by an oficio."))
    notice = _notice(duty)
    agency = get_agency(session, given.to_agency_id)
    if agency.kind not in notice.to:
        raise Invalid(Problem("to_agency_id", _l("Choose one from the list.")))
    if not has_users(session, agency.id):
        told = _l("%(name)s does not use the portal: record the oficio.", name=agency.name)
        raise Invalid(Problem("to_agency_id", told))
    referral = referrals.ask(
        session,
        actor,
        case.id,
        SendReferral(
            to_agency_id=agency.id,
            asked=given.asked,
            person_ids=given.person_ids,
            right=notice.right,
            priority=case.priority,
            due_on=max(duty.due_on, clock.today()),
            identity_fields=given.identity_fields,
        ),
    )
    duty.refer(referral.id, agency.id, by=actor.user_id, at=clock.now())
    session.flush()
    audit.record(session, actor, "duties.duty.refer", duty.id, case=case.id)
    _tell(session, actor, duty, msgid("Told %(agency)s: %(rule)s"), case, agency=agency.name)
    return duty


def _notice(duty: Duty) -> Notice:
    if duty.rule_code not in BY_CODE:
        raise NotFound
    return BY_CODE[duty.rule_code]


def tell_by_letter(session: Session, actor: Actor, duty_id: UUID, given: TellByLetter) -> Duty:
    """Record the oficio that gave a notice outside the portal.

    Raises Invalid where it names nobody, an institution of another kind, or a day that is not
    between the sign and today.
    """
    duty, case = _own(session, actor, duty_id)
    if given.agency_id is None and not given.addressee:
        raise Invalid(Problem("addressee", _l("Say to whom it was sent.")))
    name = given.addressee
    if given.agency_id is not None:
        agency = get_agency(session, given.agency_id)
        if agency.kind not in _notice(duty).to:
            raise Invalid(Problem("agency_id", _l("Choose one from the list.")))
        name = agency.name
    _check_day(duty, given)
    addressee = "" if given.agency_id else given.addressee
    duty.write_to(
        given.agency_id,
        addressee,
        given.document,
        given.dated,
        by=actor.user_id,
        at=clock.now(),
    )
    session.flush()
    audit.record(session, actor, "duties.duty.write", duty.id, case=case.id)
    title = msgid("Told %(agency)s by oficio %(document)s: %(rule)s")
    _tell(session, actor, duty, title, case, agency=name, document=given.document)
    return duty


def _check_day(duty: Duty, given: TellByLetter | Confirm) -> None:
    if given.dated < clock.local(duty.known_at).date():
        raise Invalid(Problem("dated", _l("This day lies before the sign was known.")))


def confirm(session: Session, actor: Actor, duty_id: UUID, given: Confirm) -> Duty:
    """Note the addressee's own document, for a notice that was sent."""
    duty, case = _own(session, actor, duty_id)
    _check_day(duty, given)
    _confirm(session, actor, duty, case, given)
    return duty


def _confirm(session: Session, actor: Actor, duty: Duty, case: Case, given: Confirm) -> None:
    duty.confirm(given.document, given.dated, clock.now())
    session.flush()
    audit.record(session, actor, "duties.duty.confirm", duty.id, case=case.id)
    title = msgid("Confirmed by %(document)s: %(rule)s")
    _tell(session, actor, duty, title, case, document=given.document)
    events.record(session, DutyConfirmed(duty.id, case.id, case.lead_agency_id))


def confirm_by_answer(
    session: Session, actor: Actor, referral_id: UUID, document: str, dated: date
) -> None:
    """Confirm the notice that a referral gave, by the document of the receiver's answer.

    Without a number of its own it stays unconfirmed: whoever leads enters it once it is known.
    """
    duty = session.scalar(
        sa.select(Duty).where(
            col(Duty.referral_id) == referral_id, col(Duty.status) == DutyStatus.SENT
        )
    )
    if duty is not None and document:
        case = session.get_one(Case, duty.case_id)
        given = Confirm.model_construct(document=document, dated=dated)
        _confirm(session, actor, duty, case, given)


def take_back(session: Session, actor: Actor, referral_id: UUID) -> None:
    """Owe a notice again whose referral was returned or taken back."""
    duty = session.scalar(
        sa.select(Duty).where(
            col(Duty.referral_id) == referral_id, col(Duty.status) == DutyStatus.SENT
        )
    )
    if duty is not None:
        duty.come_back()
        session.flush()
        audit.record(session, actor, "duties.duty.come_back", duty.id, case=duty.case_id)


def refuse(session: Session, actor: Actor, duty_id: UUID, *, reason: str) -> Duty:
    """Decide with a reason that a notice is not given; it may be given later all the same."""
    duty, case = _own(session, actor, duty_id)
    duty.refuse(reason, by=actor.user_id, at=clock.now())
    session.flush()
    audit.record(session, actor, "duties.duty.refuse", duty.id, case=case.id, reason=reason)
    _tell(session, actor, duty, msgid("Not told, with a reason: %(rule)s"), case)
    return duty


def tell_of_late(session: Session, actor: Actor) -> int:
    """Tell once of each notice whose term has passed unconfirmed; return how many."""
    late = session.execute(
        sa.select(Duty, Case)
        .join(Case, col(Case.id) == col(Duty.case_id))
        .where(
            col(Duty.status).in_(OPEN),
            col(Duty.due_at) < clock.now(),
            col(Duty.told_late_at).is_(None),
            still_given(),
        )
        .limit(200)
    ).all()
    for duty, case in late:
        duty.told_late_at = clock.now()
        audit.record(session, actor, "duties.duty.late", duty.id, case=case.id)
        events.record(session, DutyLate(duty.id, case.id, case.lead_agency_id))
    session.flush()
    return len(late)


def recompute(session: Session, actor: Actor) -> int:
    """Count the open notices anew after a change of calendar or reading; return how many moved.

    Each institution is told once of all of its own by `DutiesMoved`.
    """
    moved = _moving(session)
    owed = Counter(case.lead_agency_id for _duty, case, _counted in moved)
    for duty, case, counted in moved:
        duty.due_on, duty.due_at = counted.day, counted.at
        duty.steps = counted.steps_as_json()
        audit.record(session, actor, "duties.duty.move", duty.id, case=case.id)
    for agency_id, count in sorted(owed.items()):
        events.record(session, DutiesMoved(agency_id, count, clock.now()))
    session.flush()
    return len(moved)


def moves(session: Session) -> list[Move]:
    """Return the open notices that would move by the calendars that the session supposes."""
    return [
        Move(case.lead_agency_id, duty.rule_code, duty.due_on, counted.day)
        for duty, case, counted in _moving(session)
    ]


def _moving(session: Session) -> list[tuple[Duty, Case, Due]]:
    """Return the open notices whose last moment is another than it was, with the new count."""
    found = rows(
        session,
        sa.select(Duty, Case)
        .join(Case, col(Case.id) == col(Duty.case_id))
        .where(col(Duty.status).in_(OPEN)),
    )
    moving = []
    for duty, case in found:
        try:
            counted = _count(session, case, duty.rule_code, duty.known_at)
        except NotFound:
            continue
        if counted.at != duty.due_at:
            moving.append((duty, case, counted))
    return moving
