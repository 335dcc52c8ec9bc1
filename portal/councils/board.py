"""A session as a whole, read once: what the agenda, the desk, the live view, the room's screen and
the acta show.

Nothing here names a child; briefs, which only some may read, are in `briefs`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import clock
from portal.agencies.models import Agency
from portal.cases.labels import RIGHT
from portal.cases.models import Right
from portal.commitments.models import Commitment, CommitmentStatus
from portal.councils import rules
from portal.councils.models import (
    AgendaItem,
    Agreement,
    AgreementStatus,
    Attendance,
    BriefStatus,
    CaseBrief,
    Council,
    How,
    ItemKind,
    ItemStatus,
    Meeting,
    Sense,
    Standing,
    Vote,
)
from portal.councils.queries import SeatRow, list_seats
from portal.db import AnyColumns, rows
from portal.referrals.models import Referral
from portal.texts import _, day_text, inline


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """An agreement as everybody of the session reads it."""

    id: UUID
    item_id: UUID
    meeting_id: UUID
    number: int
    text: str
    agency_id: UUID
    agency: str
    due_on: date
    verifier: str
    how: How
    status: AgreementStatus
    objection: str
    withdrawn_reason: str
    recorded_at: datetime
    commitment_id: UUID | None
    commitment_status: CommitmentStatus | None
    commitment_due_on: date | None
    session_number: int

    @property
    def can_change(self) -> bool:
        """Tell whether the secretary may still correct it."""
        return self.status in (AgreementStatus.PROPOSED, AgreementStatus.OBJECTED)

    @property
    def day(self) -> date:
        """Return the day it is owed on now: postponed ones show the later day."""
        return self.commitment_due_on or self.due_on


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A point of the agenda; `asks` is what a case's approved brief asks of the council."""

    id: UUID
    kind: ItemKind
    status: ItemStatus
    title: str
    letter: str
    case_id: UUID | None
    agreement_id: UUID | None
    minutes_of_id: UUID | None
    minutes: int
    off_agenda: bool
    started_at: datetime | None
    notes: str
    noted_at: datetime | None
    brief: BriefStatus | None
    asks: str
    asked_of: str
    asked_by: str
    asked_right: Right | None
    asked_at: datetime | None
    follows: AgreementRow | None

    @property
    def name(self) -> str:
        """Return how the point is called, in the room as well."""
        if self.kind is ItemKind.CASE:
            return _("Case %(letter)s", letter=self.letter)
        if self.kind is ItemKind.MINUTES:
            return _("Acta of the session before")
        if self.asked_right is not None and self.asked_at is not None:
            return _(
                "No answer from %(agency)s: %(right)s, asked by %(sender)s on %(day)s",
                agency=self.asked_of,
                right=inline(RIGHT[self.asked_right]),
                sender=self.asked_by,
                day=day_text(clock.local(self.asked_at).date()),
            )
        if self.follows is not None:
            return _(
                "Agreement %(number)s of session %(session)s: %(agency)s",
                number=self.follows.number,
                session=self.follows.session_number,
                agency=self.follows.agency,
            )
        return self.title


@dataclass(frozen=True, slots=True)
class Presence:
    """A seat's row of attendance."""

    id: UUID
    seat_id: UUID
    name: str
    standing: Standing
    arrived_at: datetime | None
    left_at: datetime | None
    excuse: str


@dataclass(frozen=True, slots=True)
class VoteRow:
    """The vote of a seat on an agreement."""

    agreement_id: UUID
    seat_id: UUID
    sense: Sense
    reason: str


@dataclass(frozen=True, slots=True)
class Board:
    """A session with its agenda, its seats, who is there and what was agreed."""

    meeting: Meeting
    council: Council
    items: list[ItemRow]
    seats: list[SeatRow]
    attendance: list[Presence]
    agreements: list[AgreementRow]
    quorum: rules.Quorum

    @property
    def shown_items(self) -> list[ItemRow]:
        """Return the points that stand on the agenda: one taken off is only on record."""
        return [item for item in self.items if item.status is not ItemStatus.WITHDRAWN]

    @property
    def current(self) -> ItemRow | None:
        """Return the point being dealt with."""
        return next((i for i in self.items if i.id == self.meeting.current_item_id), None)

    @property
    def place(self) -> int:
        """Return the place of the present point on the agenda, counted from one; 0 for none."""
        shown = [item.id for item in self.shown_items]
        current = self.meeting.current_item_id
        return shown.index(current) + 1 if current in shown else 0

    def beside(self, step: int) -> ItemRow | None:
        """Return the point before (-1) or after (1) the present one."""
        at = self.place - 1 + step
        return self.shown_items[at] if 0 <= at < len(self.shown_items) else None

    def of_item(self, item_id: UUID | None) -> list[AgreementRow]:
        """Return the agreements of a point, in their order."""
        return [each for each in self.agreements if each.item_id == item_id]

    def present(self, seat_id: UUID) -> Presence | None:
        """Return who is there for a seat now."""
        return next(
            (
                each
                for each in self.attendance
                if each.seat_id == seat_id and each.arrived_at and not each.left_at
            ),
            None,
        )

    def came(self, seat_id: UUID) -> list[Presence]:
        """Return who came for a seat at any time of the session, in order."""
        return [each for each in self.attendance if each.seat_id == seat_id and each.arrived_at]

    def excuse(self, seat_id: UUID) -> str:
        """Return why a seat could not come."""
        return next((e.excuse for e in self.attendance if e.seat_id == seat_id and e.excuse), "")


def seats_of(session: Session, meeting: Meeting) -> list[SeatRow]:
    """Return the seats of a session: those of its day, and once it ended those of its end."""
    day, kept = clock.local(meeting.starts_at).date(), [UUID(each) for each in meeting.seat_ids]
    return list_seats(session, meeting.council_id, day, of=kept)


def load_board(session: Session, meeting: Meeting) -> Board:
    """Return a session's board; the caller has asked whether it may be read. Eight statements."""
    council = session.get_one(Council, meeting.council_id)
    seats = seats_of(session, meeting)
    attendance = _attendance(session, meeting)
    agreements = _agreements(session, col(Agreement.meeting_id) == meeting.id)
    here = {each.seat_id for each in attendance if each.arrived_at and not each.left_at}
    own = rules.CouncilRules.model_validate(council.rules)
    count = len(here & {seat.id for seat in seats})
    return Board(
        meeting=meeting,
        council=council,
        items=_items(session, meeting),
        seats=seats,
        attendance=attendance,
        agreements=agreements,
        quorum=rules.quorum(count, len(seats), call=meeting.call, rules=own),
    )


def _items(session: Session, meeting: Meeting) -> list[ItemRow]:
    asked_of, asked_by = aliased(Agency), aliased(Agency)
    statement: AnyColumns = (
        sa.select(
            col(AgendaItem.id),
            col(AgendaItem.kind),
            col(AgendaItem.status),
            col(AgendaItem.title),
            col(AgendaItem.letter),
            col(AgendaItem.case_id),
            col(AgendaItem.agreement_id),
            col(AgendaItem.minutes_of_id),
            col(AgendaItem.minutes),
            col(AgendaItem.off_agenda),
            col(AgendaItem.started_at),
            col(AgendaItem.notes),
            col(AgendaItem.noted_at),
            col(CaseBrief.status),
            sa.case((col(CaseBrief.status) == BriefStatus.APPROVED, col(CaseBrief.asks)), else_=""),
            sa.func.coalesce(col(asked_of.name), ""),
            sa.func.coalesce(col(asked_by.name), ""),
            col(Referral.right),
            col(Referral.sent_at),
        )
        .join(CaseBrief, col(CaseBrief.item_id) == col(AgendaItem.id), isouter=True)
        .join(Referral, col(Referral.id) == col(AgendaItem.referral_id), isouter=True)
        .join(asked_of, col(asked_of.id) == col(Referral.to_agency_id), isouter=True)
        .join(asked_by, col(asked_by.id) == col(Referral.from_agency_id), isouter=True)
        .where(col(AgendaItem.meeting_id) == meeting.id)
        .order_by(col(AgendaItem.position), col(AgendaItem.id))
    )
    found = list(rows(session, statement))
    followed = [row[6] for row in found if row[6] is not None]
    earlier = _agreements(session, col(Agreement.id).in_(followed)) if followed else []
    by_id = {each.id: each for each in earlier}
    return [ItemRow(*(*row, by_id.get(row[6]))) for row in found]


def _attendance(session: Session, meeting: Meeting) -> list[Presence]:
    statement = (
        sa.select(
            col(Attendance.id),
            col(Attendance.seat_id),
            col(Attendance.name),
            col(Attendance.standing),
            col(Attendance.arrived_at),
            col(Attendance.left_at),
            col(Attendance.excuse),
        )
        .where(col(Attendance.meeting_id) == meeting.id)
        .order_by(col(Attendance.arrived_at), col(Attendance.id))
    )
    return [Presence(*row) for row in rows(session, statement)]


def _agreements(session: Session, wanted: sa.ColumnElement[bool]) -> list[AgreementRow]:
    verifier = aliased(Agency)
    statement: AnyColumns = (
        sa.select(
            col(Agreement.id),
            col(Agreement.item_id),
            col(Agreement.meeting_id),
            col(Agreement.number),
            col(Agreement.text),
            col(Agreement.agency_id),
            col(Agency.name),
            col(Agreement.due_on),
            sa.func.coalesce(verifier.name, ""),
            col(Agreement.how),
            col(Agreement.status),
            col(Agreement.objection),
            col(Agreement.withdrawn_reason),
            col(Agreement.recorded_at),
            col(Agreement.commitment_id),
            col(Commitment.status),
            col(Commitment.due_on),
            col(Meeting.number),
        )
        .join(Agency, col(Agency.id) == col(Agreement.agency_id))
        .join(Meeting, col(Meeting.id) == col(Agreement.meeting_id))
        .join(verifier, col(verifier.id) == col(Agreement.verifier_agency_id), isouter=True)
        .join(Commitment, col(Commitment.id) == col(Agreement.commitment_id), isouter=True)
        .where(wanted)
        .order_by(col(Agreement.number))
    )
    return [AgreementRow(*row) for row in rows(session, statement)]


def list_votes(session: Session, meeting_id: UUID) -> list[VoteRow]:
    """Return the votes of a session, for its acta."""
    statement = (
        sa.select(col(Vote.agreement_id), col(Vote.seat_id), col(Vote.sense), col(Vote.reason))
        .join(Agreement, col(Agreement.id) == col(Vote.agreement_id))
        .where(col(Agreement.meeting_id) == meeting_id)
    )
    return [VoteRow(*row) for row in rows(session, statement)]


def open_agreements(session: Session, council_id: UUID) -> list[AgreementRow]:
    """Return what earlier sessions agreed and no session was told the end of, oldest first."""
    return sorted(
        _agreements(
            session,
            sa.and_(
                col(Agreement.council_id) == council_id,
                col(Agreement.settled_in_id).is_(None),
                col(Agreement.status) != AgreementStatus.WITHDRAWN,
            ),
        ),
        key=lambda each: (each.session_number, each.number),
    )
