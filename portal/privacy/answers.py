"""What a person asks about own data: who asks, decided with reasons, answered in time."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.models import SignerAct
from portal.access.queries import current_signers, people_with
from portal.actor import CASE_ROLES, Actor, Role
from portal.agencies.queries import get_agency
from portal.cases.models import Case, CaseChild
from portal.db import AnyColumns, acting, once, rows
from portal.db.sealing import seal, unseal
from portal.deadlines.counting import Due
from portal.deadlines.moving import Move
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.notifications.services import tell
from portal.people.models import Person
from portal.people.rules import age_on
from portal.privacy.inputs import DecideRequest, RegisterRequest
from portal.privacy.models import (
    Authority,
    Decision,
    Piece,
    RequestKind,
    Standing,
    SubjectRequest,
)
from portal.privacy.orders import led_case
from portal.privacy.rules import new_reference
from portal.privacy.terms import ANSWERS, MORE, count
from portal.texts import _, _l, msgid

Condition = sa.ColumnElement[bool]
TABLE = "portal_privacy_request"
PAGE = 50
OF_AGE_TO_ASK = 14
CORRECTS = (RequestKind.RECTIFICATION, RequestKind.CANCELLATION, RequestKind.OPPOSITION)


def visible_requests(actor: Actor) -> Condition:
    """Return the condition under which `SubjectRequest` rows are visible to the actor.

    The institution's coordinators and privacy officers.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or not actor.has_role(Role.COORDINATOR, Role.PRIVACY_OFFICER):
        return sa.false()
    return col(SubjectRequest.agency_id) == actor.agency_id


def get_request(session: Session, actor: Actor, request_id: UUID) -> SubjectRequest:
    """Return a visible request and note the read; raises NotFound."""
    request = session.scalar(
        sa.select(SubjectRequest).where(
            col(SubjectRequest.id) == request_id, visible_requests(actor)
        )
    )
    if request is None:
        raise NotFound
    audit.note_read(session, actor, "privacy.request.read", request.id, case=request.case_id)
    return request


def register_request(
    session: Session, actor: Actor, code: str, given: RegisterRequest
) -> SubjectRequest:
    """Register what somebody asks of a child's data; the term runs from its receipt.

    Raises Invalid where the child is not of the case, or too young to ask without others.
    """
    case = led_case(session, actor, code)
    _check_child(session, case, given)
    agency = get_agency(session, case.lead_agency_id)
    term = count(session, ANSWERS[given.kind], given.received_at, agency)
    request = SubjectRequest(
        number=new_reference("S"),
        kind=given.kind,
        standing=given.standing,
        agency_id=agency.id,
        case_id=case.id,
        person_id=given.person_id,
        who_sealed=b"",
        identified=given.identified,
        asked_sealed=b"",
        received_at=given.received_at,
        made_by=actor.user_id,
        due_on=term.day,
        due_at=term.at,
        steps=term.steps_as_json(),
        more_until=count(session, MORE, given.received_at, agency).day,
    )
    for column, text in (("who_sealed", given.who), ("asked_sealed", given.asked)):
        setattr(request, column, seal(session, request.id, TABLE, column, request.id, text))
    session.add(request)
    session.flush()
    audit.record(
        session, actor, "privacy.request.register", request.id, case=case.id, kind=given.kind.value
    )
    people = people_with(session, agency.id, Role.COORDINATOR, Role.PRIVACY_OFFICER)
    tell(
        session,
        {user_id for user_id, _name in people} - {actor.user_id},
        agency_id=agency.id,
        origin=f"request:{request.id}",
        text=msgid("Somebody asks about own data: %(number)s waits for a decision"),
        facts={"number": request.number},
        url=f"/privacy/requests/{request.id}",
    )
    return request


def _check_child(session: Session, case: Case, given: RegisterRequest) -> None:
    person = session.scalar(
        sa.select(Person)
        .join(CaseChild, col(CaseChild.person_id) == col(Person.id))
        .where(col(CaseChild.case_id) == case.id, col(Person.id) == given.person_id)
    )
    if person is None:
        raise Invalid(Problem("person_id", _l("Choose among the children of this case.")))
    age = age_on(person, clock.today())
    if given.standing is Standing.SELF and age is not None and age < OF_AGE_TO_ASK:
        raise Invalid(
            Problem(
                "standing",
                _l(
                    "Under 14 the mother, the father or the guardian asks (DS 016-2024-JUS, 22–25)."
                ),
            )
        )


def ask_for_more(session: Session, actor: Actor, request_id: UUID) -> SubjectRequest:
    """Note that the person was asked for what is missing, within seven business days."""
    request = to_decide(session, actor, request_id)
    if request.more_asked_at is not None:
        raise Conflict(_l("This was noted already."))
    if clock.today() > request.more_until:
        raise Conflict(_l("The days to ask for more have passed: decide on what there is."))
    request.more_asked_at = clock.now()
    session.flush()
    audit.record(session, actor, "privacy.request.ask_more", request.id, case=request.case_id)
    return request


def decide_request(
    session: Session, actor: Actor, request_id: UUID, given: DecideRequest
) -> SubjectRequest:
    """Decide with reasons: first who asks, then what is given and what stays apart.

    Whose parental authority is suspended gets nothing (DL 1297 art. 51). Who told it is never
    given. Raises Invalid on the field concerned.
    """
    request = to_decide(session, actor, request_id)
    _check_decision(request, given)
    request.decision = given.decision
    request.authority = given.authority
    granted = given.decision is Decision.GRANTED
    request.pieces = [each.value for each in given.pieces] if granted else []
    request.decided_by, request.decided_at = actor.user_id, clock.now()
    if given.thirds:
        text = json.dumps(given.thirds)
        request.names_sealed = seal(session, request.id, TABLE, "names_sealed", request.id, text)
    request.reason_sealed = seal(
        session, request.id, TABLE, "reason_sealed", request.id, given.reason
    )
    session.flush()
    audit.record(
        session,
        actor,
        "privacy.request.decide",
        request.id,
        case=request.case_id,
        reason=given.reason,
        decision=given.decision.value,
        late=int(request.decided_at > request.due_at),
    )
    return request


def _check_decision(request: SubjectRequest, given: DecideRequest) -> None:
    granted = given.decision is Decision.GRANTED
    suspended = given.authority is Authority.SUSPENDED
    of_self = request.standing is Standing.SELF
    if granted and suspended:
        raise Invalid(
            Problem(
                "decision",
                _l("Parental authority is suspended: it cannot be granted (DL 1297 art. 51)."),
            )
        )
    if (given.authority is Authority.NOT_NEEDED) != of_self:
        raise Invalid(Problem("authority", _l("Look again at who asks.")))
    if granted and request.kind is RequestKind.ACCESS and not given.pieces:
        raise Invalid(Problem("pieces", _l("Choose at least one.")))
    if Piece.REPORTER in given.pieces:
        raise Invalid(Problem("pieces", _l("Who told it is given to nobody who asks (R 23.2).")))


def to_decide(session: Session, actor: Actor, request_id: UUID) -> SubjectRequest:
    """Return a request that waits for the actor's decision; its form asks this first."""
    request = get_request(session, actor, request_id)
    _require_signer(session, actor)
    if request.decision is not Decision.OPEN:
        raise Conflict(_l("This was decided already."))
    return request


def who_decides(session: Session, agency_id: UUID) -> dict[UUID, str]:
    """Return who decides what is asked of an institution: its coordinators who sign answers.

    An institution that has named no such signer is not stopped by that: then any coordinator does.
    """
    coordinators = dict(people_with(session, agency_id, Role.COORDINATOR))
    signers = current_signers(session, agency_id, act=SignerAct.DATA_ANSWER)
    able = {signer.user_id for signer in signers if signer.user_id in coordinators}
    return {user_id: name for user_id, name in coordinators.items() if not able or user_id in able}


def _require_signer(session: Session, actor: Actor) -> None:
    """Go on only for who decides for the acting institution; raises Forbidden, naming who does."""
    if actor.agency_id is None or not actor.has_role(Role.COORDINATOR):
        raise Forbidden(_l("A coordinator of your institution decides this."))
    able = who_decides(session, actor.agency_id)
    if actor.user_id not in able:
        raise Forbidden(decided_by(able))


def decided_by(able: Mapping[UUID, str]) -> Any:
    """Return the sentence that names who decides."""
    names = ", ".join(sorted(able.values()))
    return _l("Whoever signs for your institution decides this: %(names)s.", names=names)


def note_corrected(session: Session, actor: Actor, request_id: UUID) -> SubjectRequest:
    """Note that what was granted was carried out: corrected, erased, or no longer used so."""
    request = get_request(session, actor, request_id)
    _require_signer(session, actor)
    if not waits_for_correction(request):
        raise Conflict(_l("Nothing waits to be corrected here."))
    request.corrected_at = clock.now()
    session.flush()
    audit.record(session, actor, "privacy.request.correct", request.id, case=request.case_id)
    return request


def waits_for_correction(request: SubjectRequest) -> bool:
    """Tell whether a correction was granted and is still to be carried out."""
    granted = request.decision is Decision.GRANTED and request.kind in CORRECTS
    return granted and request.corrected_at is None


def words_of(session: Session, actor: Actor, request: SubjectRequest) -> dict[str, str]:
    """Return who asks, what, and on what it was decided; the officer does not read them."""
    if not actor.has_role(*CASE_ROLES):
        return {"who": "", "asked": "", "reason": ""}
    return {
        name: unseal(session, request.id, TABLE, f"{name}_sealed", request.id, cell)
        if (cell := getattr(request, f"{name}_sealed"))
        else ""
        for name in ("who", "asked", "reason")
    }


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in a list: number, kind, day; nobody's name."""

    id: UUID
    number: str
    kind: RequestKind
    decision: Decision
    code: str
    due_on: date
    due_at: datetime
    decided_at: datetime | None
    corrected_at: datetime | None

    @property
    def is_late(self) -> bool:
        """Tell whether it was or is decided after its last day."""
        return (self.decided_at or clock.now()) > self.due_at

    @property
    def needs_somebody(self) -> bool:
        """Tell whether it waits for a decision, or for a correction that was granted."""
        corrects = self.decision is Decision.GRANTED and self.kind in CORRECTS
        return self.decision is Decision.OPEN or (corrects and self.corrected_at is None)


def list_requests(
    session: Session, actor: Actor, *, is_open: bool = False, limit: int = PAGE
) -> list[RequestRow]:
    """Return visible requests, soonest first; `is_open` keeps those that need somebody."""
    found = [
        RequestRow(*row)
        for row in rows(session, _listed(actor, limit, is_open=is_open), acting(actor))
    ]
    if found:
        audit.note_read(session, actor, "privacy.request.list", *[row.id for row in found])
    return found


@once
def _listed(actor: Actor, limit: int, *, is_open: bool) -> AnyColumns:
    statement: AnyColumns = (
        sa.select(
            col(SubjectRequest.id),
            col(SubjectRequest.number),
            col(SubjectRequest.kind),
            col(SubjectRequest.decision),
            col(Case.code),
            col(SubjectRequest.due_on),
            col(SubjectRequest.due_at),
            col(SubjectRequest.decided_at),
            col(SubjectRequest.corrected_at),
        )
        .join(Case, col(Case.id) == col(SubjectRequest.case_id))
        .where(visible_requests(actor))
        .order_by(col(SubjectRequest.decision) != Decision.OPEN, col(SubjectRequest.due_at))
        .limit(limit)
    )
    if not is_open:
        return statement
    granted = sa.and_(
        col(SubjectRequest.decision) == Decision.GRANTED,
        col(SubjectRequest.kind).in_(CORRECTS),
        col(SubjectRequest.corrected_at).is_(None),
    )
    return statement.where(sa.or_(col(SubjectRequest.decision) == Decision.OPEN, granted))


def lines(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return for the home page what is asked and not decided, or granted and not carried out.

    To whoever decides it, and to the privacy officer, who keeps its day in sight.
    """
    if actor.agency_id is None:
        return []
    decides = actor.user_id in who_decides(session, actor.agency_id)
    if not decides and not actor.has_role(Role.PRIVACY_OFFICER):
        return []
    found = list_requests(session, actor, is_open=True, limit=limit)
    return [_line(row, decides=decides) for row in found]


def _line(row: RequestRow, *, decides: bool) -> HomeItem:
    days = (row.due_on - clock.today()).days
    is_open = row.decision is Decision.OPEN
    act = _("Decide") if is_open else _("Attend to it")
    return HomeItem(
        when=row.due_on,
        tone=Tone.OVERDUE if row.is_late else Tone.DUE_SOON if days <= 2 else Tone.IN_TIME,
        title=_("Request %(number)s about own data", number=row.number),
        note=_("to be decided with reasons") if is_open else _("granted: to be carried out"),
        url=f"/privacy/requests/{row.id}",
        action_label=act if decides else _("See"),
        group=HomeGroup.TERMS,
    )


def recount(session: Session) -> int:
    """Count the open requests anew after a change of calendar; returns how many moved.

    Who decides in each institution, and its privacy officers, are told once of all of its own.
    """
    moved = _moving(session)
    for agency_id, count_moved in Counter(request.agency_id for request, _term in moved).items():
        officers = people_with(session, agency_id, Role.PRIVACY_OFFICER)
        tell(
            session,
            {*who_decides(session, agency_id), *dict(officers)},
            agency_id=agency_id,
            origin=f"requests:{agency_id}:{clock.now().isoformat()}",
            text=msgid("A change of calendar moved a request about own data: see its new day")
            if count_moved == 1
            else msgid(
                "A change of calendar moved %(count)s requests about own data: see their new days"
            ),
            facts={"count": str(count_moved)},
            url="/",
        )
    for request, term in moved:
        agency = get_agency(session, request.agency_id)
        request.due_on, request.due_at = term.day, term.at
        request.steps = term.steps_as_json()
        request.more_until = count(session, MORE, request.received_at, agency).day
    session.flush()
    return len(moved)


def moves(session: Session) -> list[Move]:
    """Return the open requests that would move by the calendars that the session supposes."""
    return [
        Move(request.agency_id, ANSWERS[request.kind].code, request.due_on, term.day)
        for request, term in _moving(session)
    ]


def _moving(session: Session) -> list[tuple[SubjectRequest, Due]]:
    """Return the open requests whose last day is another than it was, with the new count."""
    waiting = session.scalars(
        sa.select(SubjectRequest).where(col(SubjectRequest.decision) == Decision.OPEN)
    ).all()
    counted = [
        (
            request,
            count(
                session,
                ANSWERS[request.kind],
                request.received_at,
                get_agency(session, request.agency_id),
            ),
        )
        for request in waiting
    ]
    return [(request, term) for request, term in counted if term.at != request.due_at]
