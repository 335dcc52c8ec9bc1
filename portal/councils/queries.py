"""Who sees which council and session, and who may run one or speak for a seat.

A session is read by the people of the agencies that hold a seat; one in preparation by those who
run it. What a council may know of a case stands in `briefs`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import CASE_ROLES, Actor, Role
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseParty
from portal.cases.queries import is_current, visible_cases
from portal.councils.models import (
    BEFORE,
    GOING_ON,
    AgendaItem,
    Agreement,
    AgreementStatus,
    BriefStatus,
    CaseBrief,
    Council,
    Meeting,
    MeetingStatus,
    Office,
    Seat,
    SeatPerson,
)
from portal.db import TODAY, AnyColumns, acting, given, once, rows
from portal.errors import NotFound
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.texts import _

Condition = sa.ColumnElement[bool]
RUNNING_OFFICES = (Office.CHAIR, Office.SECRETARY)
PAGE = 50
SOON = timedelta(days=7)


def is_seated(seat: type[Seat] = Seat, day: date | None = None) -> Condition:
    """Return the condition that a seat is held on a day; today when none is given."""
    on = day or TODAY
    return sa.and_(col(seat.since) <= on, sa.or_(col(seat.until).is_(None), col(seat.until) > on))


def visible_councils(actor: Actor) -> Condition:
    """Return the condition under which `Council` rows are visible: by the agency's seat.

    The platform's administrators see every council's composition, and no session of any.
    """
    if actor.is_system or actor.has_role(Role.PLATFORM_ADMIN):
        return sa.true()
    if actor.agency_id is None or not actor.has_role(*CASE_ROLES):
        return sa.false()
    return sa.exists().where(
        col(Seat.council_id) == col(Council.id),
        col(Seat.agency_id) == actor.agency_id,
        is_seated(),
    )


def _own_seat(actor: Actor, council_id: Any, *more: Condition) -> Condition:
    """Return that the actor speaks for a seat: named to it, or its agency's coordinator."""
    named = sa.exists().where(
        col(SeatPerson.seat_id) == col(Seat.id),
        col(SeatPerson.user_id) == actor.user_id,
        col(SeatPerson.until).is_(None),
    )
    speaks = sa.true() if actor.has_role(Role.COORDINATOR) else named
    return sa.exists().where(
        col(Seat.council_id) == council_id,
        col(Seat.agency_id) == actor.agency_id,
        is_seated(),
        speaks,
        *more,
    )


def visible_meetings(actor: Actor) -> Condition:
    """Return the condition under which `Meeting` rows are visible."""
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or not actor.has_role(*CASE_ROLES):
        return sa.false()
    seated = sa.exists().where(
        col(Seat.council_id) == col(Meeting.council_id),
        col(Seat.agency_id) == actor.agency_id,
        is_seated(),
    )
    runs = _own_seat(actor, col(Meeting.council_id), col(Seat.office).in_(RUNNING_OFFICES))
    return sa.or_(sa.and_(seated, col(Meeting.status) != MeetingStatus.DRAFT), runs)


def list_councils(session: Session, actor: Actor) -> Sequence[Council]:
    """Return the visible councils by name."""
    return session.scalars(
        sa.select(Council).where(visible_councils(actor)).order_by(col(Council.name)).limit(PAGE)
    ).all()


def get_council(session: Session, actor: Actor, council_id: UUID) -> Council:
    """Return a visible council; raises NotFound."""
    found = session.scalar(
        sa.select(Council).where(col(Council.id) == council_id, visible_councils(actor))
    )
    if found is None:
        raise NotFound
    return found


def get_meeting(session: Session, actor: Actor, meeting_id: UUID) -> Meeting:
    """Return a visible session and note the read; raises NotFound."""
    found = session.scalar(
        sa.select(Meeting).where(col(Meeting.id) == meeting_id, visible_meetings(actor))
    )
    if found is None:
        raise NotFound
    audit.note_read(session, actor, "councils.meeting.read", meeting_id)
    return found


def codes_on_agenda(session: Session, actor: Actor, wanted: Mapping[UUID, UUID]) -> dict[UUID, str]:
    """Return the codes of an agenda's cases that the actor is on; nobody else learns them.

    `wanted` holds the cases by the points of the agenda. The read is noted.
    """
    statement = sa.select(col(Case.id), col(Case.code)).where(
        col(Case.id).in_(wanted.values()), visible_cases(actor)
    )
    known = dict(rows(session, statement)) if wanted else {}
    if known:
        audit.note_read(session, actor, "cases.case.list", *known)
    return {item_id: known[case_id] for item_id, case_id in wanted.items() if case_id in known}


def runs(session: Session, actor: Actor, council_id: UUID) -> bool:
    """Tell whether the actor prepares and conducts the sessions: chair or secretariat."""
    if actor.is_system:
        return True
    office = col(Seat.office).in_(RUNNING_OFFICES)
    return bool(session.scalar(sa.select(_own_seat(actor, sa.literal(council_id), office))))


def speaks_for(session: Session, actor: Actor, council_id: UUID) -> bool:
    """Tell whether the actor answers for the acting agency's seat."""
    return bool(session.scalar(sa.select(_own_seat(actor, sa.literal(council_id)))))


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of a seat."""

    id: UUID
    seat_id: UUID
    user_id: UUID | None
    name: str
    post: str
    standing: str


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat with its agency and its people, titulars first."""

    id: UUID
    agency_id: UUID
    agency: str
    office: Office
    people: tuple[PersonRow, ...] = ()


def list_seats(
    session: Session, council_id: UUID, day: date | None = None, *, of: Collection[UUID] = ()
) -> list[SeatRow]:
    """Return the seats held on a day, or those of `of`, offices first, then in their order.

    Two statements.
    """
    seats = rows(
        session,
        sa.select(col(Seat.id), col(Seat.agency_id), col(Agency.name), col(Seat.office))
        .join(Agency, col(Agency.id) == col(Seat.agency_id))
        .where(
            col(Seat.council_id) == council_id,
            col(Seat.id).in_(of) if of else is_seated(day=day),
        )
        .order_by(col(Seat.position), col(Agency.name)),
    )
    people: dict[UUID, list[PersonRow]] = {}
    statement = (
        sa.select(
            col(SeatPerson.id),
            col(SeatPerson.seat_id),
            col(SeatPerson.user_id),
            col(SeatPerson.name),
            col(SeatPerson.post),
            col(SeatPerson.standing),
        )
        .join(Seat, col(Seat.id) == col(SeatPerson.seat_id))
        .where(col(Seat.council_id) == council_id, col(SeatPerson.until).is_(None))
        .order_by(col(SeatPerson.standing).desc(), col(SeatPerson.name))
    )
    for row in rows(session, statement):
        people.setdefault(row[1], []).append(PersonRow(*row))
    found = [SeatRow(*row, people=tuple(people.get(row[0], ()))) for row in seats]
    order = list(Office)
    return sorted(found, key=lambda seat: order.index(seat.office))


def get_seat(session: Session, seat_id: UUID) -> Seat:
    """Return a seat; raises NotFound. The caller asks for its council."""
    seat = session.get(Seat, seat_id)
    if seat is None:
        raise NotFound
    return seat


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A session in a list."""

    id: UUID
    number: int
    call: int
    part: int
    kind: str
    status: MeetingStatus
    starts_at: datetime
    place: str


def list_meetings(
    session: Session, actor: Actor, council_id: UUID, *, limit: int = PAGE
) -> list[MeetingRow]:
    """Return the visible sessions of a council, the latest first."""
    return [
        MeetingRow(*row)
        for row in rows(
            session,
            _meetings(actor)
            .where(col(Meeting.council_id) == council_id)
            .order_by(col(Meeting.starts_at).desc())
            .limit(limit),
        )
    ]


def _meetings(actor: Actor) -> AnyColumns:
    return sa.select(
        col(Meeting.id),
        col(Meeting.number),
        col(Meeting.call),
        col(Meeting.part),
        col(Meeting.kind),
        col(Meeting.status),
        col(Meeting.starts_at),
        col(Meeting.place),
    ).where(visible_meetings(actor))


def coming_meetings(session: Session, actor: Actor, limit: int) -> list[MeetingRow]:
    """Return the sessions that go on now or are called for the next days, soonest first."""
    return [
        MeetingRow(*row)
        for row in rows(session, _coming(actor, limit), acting(actor, soon=clock.now() + SOON))
    ]


@once
def _coming(actor: Actor, limit: int) -> AnyColumns:
    return (
        _meetings(actor)
        .where(
            sa.or_(
                col(Meeting.status).in_(GOING_ON),
                sa.and_(
                    col(Meeting.status).in_(BEFORE),
                    col(Meeting.starts_at) < given("soon", col(Meeting.starts_at)),
                ),
            )
        )
        .order_by(col(Meeting.starts_at))
        .limit(limit)
    )


def joinable_meetings(session: Session, actor: Actor) -> list[tuple[UUID, str, int, datetime]]:
    """Return the sessions to which a case may still be taken: id, council, number, start.

    A member sees one in preparation here too: by its number and day alone.
    """
    statement = (
        sa.select(col(Meeting.id), col(Council.name), col(Meeting.number), col(Meeting.starts_at))
        .join(Council, col(Council.id) == col(Meeting.council_id))
        .where(visible_councils(actor), col(Meeting.status).in_(BEFORE))
        .order_by(col(Meeting.starts_at))
        .limit(PAGE)
    )
    return list(rows(session, statement))


def next_start(session: Session, council_id: UUID, after: datetime) -> datetime | None:
    """Return when the session after an instant is called for, if one is."""
    return session.scalar(
        sa.select(sa.func.min(col(Meeting.starts_at))).where(
            col(Meeting.council_id) == council_id,
            col(Meeting.starts_at) > after,
            col(Meeting.status).in_(BEFORE),
        )
    )


def get_item(session: Session, meeting: Meeting, item_id: UUID) -> AgendaItem:
    """Return a point of a session's agenda; raises NotFound."""
    item = session.scalar(
        sa.select(AgendaItem).where(
            col(AgendaItem.id) == item_id, col(AgendaItem.meeting_id) == meeting.id
        )
    )
    if item is None:
        raise NotFound
    return item


def get_agreement(session: Session, actor: Actor, agreement_id: UUID) -> Agreement:
    """Return an agreement of a visible session; raises NotFound."""
    agreement = session.get(Agreement, agreement_id)
    if agreement is None:
        raise NotFound
    get_meeting(session, actor, agreement.meeting_id)
    return agreement


def due_days(session: Session, actor: Actor, until: date) -> Collection[date]:
    """Return the days up to one on which a council sits to which the actor goes."""
    if actor.agency_id is None or not actor.has_role(*CASE_ROLES):
        return []
    days = {clock.local(row.starts_at).date() for row in coming_meetings(session, actor, PAGE)}
    return [day for day in days if day <= until]


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return sessions to attend, agreements to answer, briefs to write or approve."""
    if actor.agency_id is None or not actor.has_role(*CASE_ROLES):
        return []
    return [
        *(_meeting_line(row) for row in coming_meetings(session, actor, limit)),
        *_agreement_lines(session, actor, limit),
        *_brief_lines(session, actor, limit),
        *_party_lines(session, actor, limit),
    ]


def _meeting_line(row: MeetingRow) -> HomeItem:
    going = row.status in GOING_ON
    near = going or row.starts_at - clock.now() <= timedelta(days=1)
    return HomeItem(
        when=row.starts_at,
        tone=Tone.DUE_SOON if near else Tone.IN_TIME,
        title=_("Council, session %(number)s", number=row.number),
        note=_("in session now") if going else row.place,
        url=f"/sessions/{row.id}",
        action_label=_("Enter") if going else _("See the agenda"),
        action_url=f"/sessions/{row.id}/live" if going else "",
        group=HomeGroup.COUNCIL,
    )


def _agreement_lines(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    return [
        HomeItem(
            when=due_on,
            tone=Tone.OVERDUE if due_on < clock.today() else Tone.IN_TIME,
            title=text,
            note=_("agreement of the council, to be accepted"),
            url=f"/agreements/{agreement_id}",
            action_label=_("Accept or object"),
            group=HomeGroup.COMMITMENTS,
        )
        for agreement_id, text, due_on in rows(session, _to_accept(actor, limit), acting(actor))
    ]


@once
def _to_accept(actor: Actor, limit: int) -> AnyColumns:
    waiting = sa.and_(
        col(Agreement.agency_id) == actor.agency_id,
        col(Agreement.status) == AgreementStatus.PROPOSED,
        _own_seat(actor, col(Agreement.council_id)),
    )
    return (
        sa.select(col(Agreement.id), col(Agreement.text), col(Agreement.due_on))
        .where(waiting)
        .order_by(col(Agreement.due_on))
        .limit(limit)
    )


def _brief_lines(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    return [
        HomeItem(
            when=starts_at,
            tone=Tone.DUE_SOON,
            title=code,
            note=_("brief for the council"),
            url=f"/briefs/{item_id}",
            action_label=_("Write the brief")
            if status is BriefStatus.REQUESTED
            else _("Approve the brief"),
            group=HomeGroup.COUNCIL,
        )
        for item_id, code, status, starts_at in rows(session, _briefs(actor, limit), acting(actor))
    ]


@once
def _briefs(actor: Actor, limit: int) -> AnyColumns:
    wanted = [BriefStatus.REQUESTED]
    if actor.has_role(Role.COORDINATOR):
        wanted.append(BriefStatus.WRITTEN)
    return (
        sa.select(
            col(CaseBrief.item_id), col(Case.code), col(CaseBrief.status), col(Meeting.starts_at)
        )
        .join(Case, col(Case.id) == col(CaseBrief.case_id))
        .join(AgendaItem, col(AgendaItem.id) == col(CaseBrief.item_id))
        .join(Meeting, col(Meeting.id) == col(AgendaItem.meeting_id))
        .where(
            col(CaseBrief.status).in_(wanted),
            col(Case.lead_agency_id) == actor.agency_id,
            col(Meeting.status).in_(BEFORE),
            visible_cases(actor),
        )
        .order_by(col(Meeting.starts_at))
        .limit(limit)
    )


def _party_lines(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return, for the lead, who took something on about its case without being on it."""
    if not actor.has_role(Role.COORDINATOR):
        return []
    return [
        HomeItem(
            when=due_on,
            tone=Tone.IN_TIME,
            title=_("%(agency)s took on an agreement about %(code)s", agency=agency, code=code),
            note=_("it is not on the case and knows the text only"),
            url=f"/cases/{code}",
            action_label=_("Bring it onto the case"),
            action_url=f"/cases/{code}/parties/new?agency={agency_id}",
            group=HomeGroup.COUNCIL,
        )
        for due_on, agency_id, agency, code in rows(
            session, _beside_the_case(actor, limit), acting(actor)
        )
    ]


@once
def _beside_the_case(actor: Actor, limit: int) -> AnyColumns:
    on_it = sa.exists().where(
        col(CaseParty.case_id) == col(Case.id),
        col(CaseParty.agency_id) == col(Agreement.agency_id),
        is_current(),
    )
    return (
        sa.select(col(Agreement.due_on), col(Agreement.agency_id), col(Agency.name), col(Case.code))
        .join(Case, col(Case.id) == col(Agreement.case_id))
        .join(Agency, col(Agency.id) == col(Agreement.agency_id))
        .where(
            col(Agreement.party_proposed),
            col(Agreement.status) == AgreementStatus.ACCEPTED,
            col(Agreement.due_on) >= TODAY,
            col(Case.lead_agency_id) == actor.agency_id,
            visible_cases(actor),
            ~on_it,
        )
        .order_by(col(Agreement.due_on))
        .limit(limit)
    )
