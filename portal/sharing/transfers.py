"""Declining competence of a case: towards whom, told to all, and in charge until it is accepted.

The file is sent the next business day (R 161.1), after the urgent measure where one is needed
(R 161.2); it keeps what was done (DL 1297 art. 108).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor, AgencyKind, Role, system_actor
from portal.agencies.competence import Proposal, propose
from portal.agencies.models import Accreditation, Agency
from portal.agencies.queries import get_agency, list_agencies
from portal.cases.assignments import put_assignment
from portal.cases.children import children_of
from portal.cases.leading import change_lead
from portal.cases.models import Case, Circle, EntryKind, Level, Priority, Term, TermStatus
from portal.cases.rules import title_of
from portal.cases.terms import cancel_term, meet_term, start_term
from portal.cases.timeline import log
from portal.cases.transitions import objector
from portal.cases.visibility import not_barred, open_for, own_readable_cases
from portal.db import AnyColumns, acting, given, once, rows
from portal.db.sealing import opened, seal
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.host.slots import HomeGroup, HomeItem, Objection, Tone, Transition
from portal.places.queries import full_name_of
from portal.sharing.events import LeadDeclined, LeadKept
from portal.sharing.inputs import DeclineLead
from portal.sharing.models import Transfer, TransferState
from portal.texts import _, _l, day_text, msgid

Condition = sa.ColumnElement[bool]

TABLE = "portal_case_transfer"
FILE_TERM = "core.competence.file"
BASIS = "DL 1297 arts. 107–108; R 160–161"
AUTHORITIES = frozenset({AgencyKind.UPE, AgencyKind.DEMUNA, AgencyKind.COURT})
ATTENDING = (Role.COORDINATOR, Role.DUTY_OFFICER)
MONTHS = 2


def visible_transfers(actor: Actor) -> Condition:
    """Return the condition under which `Transfer` rows are visible to the actor.

    Who reads the case whole through the acting agency; and, while it waits, whoever attends for
    the authority to which it goes. Emergency access and a staff session open none.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or actor.staff_session_id is not None:
        return sa.false()
    of_case = col(Case.id) == col(Transfer.case_id)
    whole = sa.exists().where(of_case, own_readable_cases(actor)).correlate(Transfer)
    return sa.or_(whole, _received(actor))


def _received(actor: Actor) -> Condition:
    """Return that a transfer waits for the actor, who attends for the agency now."""
    if not actor.attends:
        return sa.false()
    return sa.and_(
        col(Transfer.to_agency_id) == actor.agency_id,
        col(Transfer.state) == TransferState.WAITING,
        not_barred(actor, col(Transfer.case_id)),
    )


def get_transfer(session: Session, actor: Actor, transfer_id: UUID) -> Transfer:
    """Return a visible transfer and note the read; raises NotFound."""
    found = session.scalar(
        sa.select(Transfer).where(col(Transfer.id) == transfer_id, visible_transfers(actor))
    )
    if found is None:
        raise NotFound
    audit.note_read(session, actor, "sharing.transfer.read", found.id, case=found.case_id)
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """A transfer as its page shows it: ages and district, never a name; who, why, until when."""

    transfer: Transfer
    code: str
    title: str
    place: str
    priority: Priority
    situation: str
    former: Agency
    receiver: Agency
    reason: str
    answer: str
    send_by: date | None
    steps: list[Any]
    sent_at: datetime | None


def shown(session: Session, transfer: Transfer) -> Shown:
    """Return a transfer that was read already, with what its two sides must know."""
    case = session.get_one(Case, transfer.case_id)
    term = session.get(Term, transfer.term_id) if transfer.term_id else None
    return Shown(
        transfer=transfer,
        code=case.code,
        title=title_of(children_of(session, [case.id])[case.id], clock.today()),
        place=full_name_of(case.district),
        priority=case.priority,
        situation=case.situation,
        former=get_agency(session, transfer.from_agency_id),
        receiver=get_agency(session, transfer.to_agency_id),
        reason=_words(session, transfer, "reason_sealed", transfer.reason_sealed),
        answer=_words(session, transfer, "answer_sealed", transfer.answer_sealed),
        send_by=term.due_on if term and term.status is TermStatus.RUNNING else None,
        steps=term.steps if term else [],
        sent_at=term.ended_at if term and term.status is TermStatus.MET else None,
    )


def _words(session: Session, transfer: Transfer, name: str, sealed: bytes | None) -> str:
    return opened(session, transfer.case_id, TABLE, name, transfer.id, sealed)


def waiting_for(session: Session, actor: Actor, case: Case) -> Transfer | None:
    """Return the transfer of a case that waits for an answer, where the actor may know of it."""
    return session.scalar(_waiting(actor), acting(actor, case_id=case.id))


@once
def _waiting(actor: Actor) -> "sa.Select[Transfer]":
    return sa.select(Transfer).where(
        col(Transfer.case_id) == given("case_id"),
        col(Transfer.state) == TransferState.WAITING,
        visible_transfers(actor),
    )


def last_returned(session: Session, actor: Actor, case: Case) -> Transfer | None:
    """Return the last transfer of a case where the other authority returned it."""
    last = session.scalar(
        sa.select(Transfer)
        .where(col(Transfer.case_id) == case.id, visible_transfers(actor))
        .order_by(col(Transfer.declined_at).desc(), col(Transfer.id).desc())
        .limit(1)
    )
    return last if last is not None and last.state is TransferState.RETURNED else None


def proposal_for(session: Session, case: Case) -> Proposal:
    """Return which authority the portal holds competent for a case as it stands today."""
    return propose(session, case.situation, case.district)


def authorities_for(session: Session, case: Case) -> list[tuple[str, str]]:
    """Return to whom a case may go, as choices."""
    found = list_agencies(session, AUTHORITIES)
    return [(str(each.id), each.name) for each in found if each.id != case.lead_agency_id]


def decline_lead(session: Session, actor: Actor, case_id: UUID, given: DeclineLead) -> Transfer:
    """Decline competence of a case towards another authority, by whoever leads it.

    Raises Invalid without the word on the urgent measure (R 161.2), for an authority that may not
    be it, and Conflict where it waits for an answer already.
    """
    case = open_for(session, actor, case_id, Level.LEAD)
    receiver = get_agency(session, given.agency_id)
    _check(session, case, receiver, given)
    # Whoever declines at the same moment waits here, and reads what the first one did.
    session.execute(sa.select(col(Case.id)).where(col(Case.id) == case.id).with_for_update())
    if waiting_for(session, actor, case) is not None:
        raise Conflict(_l("Its competence was declined already: wait for the answer."))
    now = clock.now()
    term = start_term(
        session,
        actor,
        case.id,
        rule_code=FILE_TERM,
        starts_at=now,
        agency_id=case.lead_agency_id,
    )
    transfer = Transfer(
        case_id=case.id,
        from_agency_id=case.lead_agency_id,
        to_agency_id=receiver.id,
        declined_at=now,
        declined_by=actor.user_id,
        term_id=term.id,
        reason_sealed=b"",
    )
    transfer.reason_sealed = seal(
        session, case.id, TABLE, "reason_sealed", transfer.id, given.reason
    )
    session.add(transfer)
    session.flush()
    audit.record(
        session, actor, "sharing.lead.decline", transfer.id, case=case.id, agency=str(receiver.id)
    )
    log(
        session,
        actor,
        case,
        kind=EntryKind.PARTY,
        title=msgid("Competence declined in favour of %(agency)s, which has to accept it"),
        facts={"agency": receiver.name},
        circle=Circle.PARTIES,
    )
    events.record(session, LeadDeclined(transfer.id, case.id, case.lead_agency_id, receiver.id))
    return transfer


def _check(session: Session, case: Case, receiver: Agency, given: DeclineLead) -> None:
    if not given.is_safe:
        raise Invalid(Problem("is_safe", _l("Dictate the urgent measure first (R 161.2).")))
    if receiver.kind not in AUTHORITIES or receiver.id == case.lead_agency_id:
        raise Invalid(Problem("agency_id", _l("Choose one from the list.")))
    lead = get_agency(session, case.lead_agency_id)
    if lead.kind is AgencyKind.UPE and receiver.kind is AgencyKind.DEMUNA:
        _check_accreditation(session, case, receiver)


def _check_accreditation(session: Session, case: Case, receiver: Agency) -> None:
    """Hold that a UPE declines towards an accredited DEMUNA, and not what began long before it."""
    today = clock.today()
    since = session.scalar(
        sa.select(sa.func.min(col(Accreditation.since))).where(
            col(Accreditation.agency_id) == receiver.id,
            col(Accreditation.since) <= today,
            sa.or_(col(Accreditation.until).is_(None), col(Accreditation.until) > today),
        )
    )
    if since is None:
        text = _l("This DEMUNA is not accredited: the risk case stays (R 160).")
        raise Invalid(Problem("agency_id", text))
    if _months_later(clock.local(case.received_at).date(), MONTHS) < since:
        text = _l(
            "The action began more than two months before its accreditation of %(day)s: the case "
            "stays (R 160).",
            day=day_text(since),
        )
        raise Invalid(Problem("agency_id", text))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28))


def _to_answer(session: Session, actor: Actor, transfer_id: UUID) -> tuple[Transfer, Case]:
    """Return a transfer that waits for the acting agency, whose people on duty answer it."""
    transfer = get_transfer(session, actor, transfer_id)
    if transfer.to_agency_id != actor.agency_id or not actor.attends:
        receiver = get_agency(session, transfer.to_agency_id)
        raise Forbidden(_l("Whoever is on duty at %(name)s decides this.", name=receiver.name))
    return transfer, session.get_one(Case, transfer.case_id)


def to_accept(session: Session, actor: Actor, transfer_id: UUID) -> tuple[Transfer, Case]:
    """Return a transfer that the actor may accept, of an open case; its form asks this first."""
    transfer, case = _to_answer(session, actor, transfer_id)
    if not case.is_open:
        raise Conflict(_l("This case is closed. Reopen it to go on working."))
    return transfer, case


def accept_lead(session: Session, actor: Actor, transfer_id: UUID) -> Case:
    """Take a declined case in charge, assigned to the actor; the other's terms pass with it."""
    transfer, case = to_accept(session, actor, transfer_id)
    transfer.answer(TransferState.ACCEPTED, clock.now(), actor.user_id)
    session.flush()
    _end_term(session, transfer, is_met=True)
    change_lead(
        session,
        actor,
        case,
        agency_id=transfer.to_agency_id,
        legal_basis=BASIS,
        transfer_id=transfer.id,
    )
    if actor.user_id is not None:
        put_assignment(session, case, transfer.to_agency_id, actor.user_id)
    audit.record(session, actor, "sharing.lead.accept", transfer.id, case=case.id)
    return case


def return_lead(session: Session, actor: Actor, transfer_id: UUID, *, reason: str) -> Transfer:
    """Return a declined case with the reason; whoever declined it stays in charge."""
    transfer, case = _to_answer(session, actor, transfer_id)
    transfer.answer(TransferState.RETURNED, clock.now(), actor.user_id)
    audit.record(session, actor, "sharing.lead.return", transfer.id, case=case.id)
    return _keep(session, actor, transfer, case, reason)


def withdraw_decline(session: Session, actor: Actor, transfer_id: UUID, *, reason: str) -> Transfer:
    """Take a declining back before it is answered, by the institution in charge."""
    transfer, case = to_withdraw(session, actor, transfer_id)
    transfer.answer(TransferState.WITHDRAWN, clock.now(), actor.user_id)
    audit.record(session, actor, "sharing.lead.withdraw", transfer.id, case=case.id)
    return _keep(session, actor, transfer, case, reason)


def to_withdraw(session: Session, actor: Actor, transfer_id: UUID) -> tuple[Transfer, Case]:
    """Return a transfer of an open case that the actor leads; its form asks this first."""
    transfer = get_transfer(session, actor, transfer_id)
    return transfer, open_for(session, actor, transfer.case_id, Level.LEAD)


def _keep(session: Session, actor: Actor, transfer: Transfer, case: Case, reason: str) -> Transfer:
    transfer.answer_sealed = seal(session, case.id, TABLE, "answer_sealed", transfer.id, reason)
    session.flush()
    _end_term(session, transfer, is_met=False)
    lead = get_agency(session, case.lead_agency_id)
    log(
        session,
        actor,
        case,
        kind=EntryKind.PARTY,
        title=msgid("%(agency)s stays in charge"),
        facts={"agency": lead.name},
        circle=Circle.PARTIES,
    )
    events.record(
        session,
        LeadKept(transfer.id, case.id, lead.id, transfer.to_agency_id, transfer.state.value),
    )
    return transfer


def _end_term(session: Session, transfer: Transfer, *, is_met: bool) -> None:
    """End the term to send the file, where nobody recorded that it was sent."""
    term = session.get(Term, transfer.term_id) if transfer.term_id else None
    if term is None or term.status is not TermStatus.RUNNING:
        return
    system = system_actor(transfer.from_agency_id)
    if is_met:
        reason = _("The authority accepted the case before its sending was recorded.")
        late = reason if term.due_at < clock.now() else ""
        meet_term(session, system, term.id, late_reason=late)
    else:
        cancel_term(session, system, term.id, reason=transfer.state.value)


def waiting_lines(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the cases that others declined in favour of the acting agency."""
    if not actor.attends or actor.agency_id is None:
        return []
    found: Sequence[Any] = rows(session, _waiting_here(actor, limit), acting(actor))
    if found:
        audit.note_read(session, actor, "sharing.transfer.list", *[row[0] for row in found])
    return [
        HomeItem(
            when=at,
            tone=Tone.OVERDUE if priority is Priority.IMMEDIATE else Tone.DUE_SOON,
            title=_("%(code)s · its competence was declined in your favour", code=code),
            note=_("%(agency)s stays in charge until you accept", agency=agency),
            url=f"/transfers/{transfer_id}",
            action_label=_("Decide on it"),
            group=HomeGroup.ALERTS,
        )
        for transfer_id, at, code, priority, agency in found
    ]


@once
def _waiting_here(actor: Actor, limit: int) -> AnyColumns:
    former = aliased(Agency)
    return (
        sa.select(
            col(Transfer.id),
            col(Transfer.declined_at),
            col(Case.code),
            col(Case.priority),
            col(former.name),
        )
        .join(Case, col(Case.id) == col(Transfer.case_id))
        .join(former, col(former.id) == col(Transfer.from_agency_id))
        .where(_received(actor))
        .order_by(col(Transfer.declined_at))
        .limit(limit)
    )


def _object(session: Session, _actor: Actor, case_id: UUID, transition: str) -> list[Objection]:
    if transition not in (Transition.CLOSE, Transition.MERGE):
        return []
    waiting = session.scalar(
        sa.select(col(Transfer.id)).where(
            col(Transfer.case_id) == case_id, col(Transfer.state) == TransferState.WAITING
        )
    )
    text = _(
        "Its competence was declined and the other authority has not answered: wait, or take the"
        " declining back"
    )
    return [Objection(text=text, where=f"/transfers/{waiting}")] if waiting else []


def register() -> None:
    """Object to closing or merging a case whose competence waits for an answer."""
    objector("sharing", _object)
