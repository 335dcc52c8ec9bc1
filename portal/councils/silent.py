"""Referrals that nobody answers, on the next agenda of a council.

A case enters a session only by its brief. This point tells another thing: which institution owes an
answer, on which right, to whom and since when; never of whom, nor the code of the case.
"""

from collections import defaultdict
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.agencies.queries import get_agency
from portal.cases.models import Case
from portal.councils.models import (
    AgendaItem,
    Council,
    ItemKind,
    ItemStatus,
    Meeting,
    MeetingStatus,
    Seat,
)
from portal.councils.queries import is_seated
from portal.db import rows
from portal.referrals.events import (
    ReferralAccepted,
    ReferralAnswered,
    ReferralReturned,
    ReferralSilent,
    ReferralWithdrawn,
)
from portal.referrals.models import OWED, Referral, Silence
from portal.texts import _, day_text

NOT_HELD = (MeetingStatus.CANCELLED, MeetingStatus.NOT_HELD)
MINUTES = 5


def council_for(session: Session, referral: Referral) -> Council | None:
    """Return the council before which a silence is taken, or None where no seat leads to one.

    One at which the sender or the institution in charge sits; sooner one at which the receiver, or
    the institution that it is a unit of, sits too, and sooner that of the narrower territory.
    """
    case = session.get_one(Case, referral.case_id)
    receiver = get_agency(session, referral.to_agency_id)
    ours = {referral.from_agency_id, case.lead_agency_id}
    theirs = {receiver.id, receiver.parent_id, referral.via_agency_id} - {None}
    statement = (
        sa.select(Council, col(Seat.agency_id))
        .join(Seat, col(Seat.council_id) == col(Council.id))
        .where(is_seated(), col(Seat.agency_id).in_(ours | theirs))
        .order_by(col(Council.id))
    )
    councils: dict[UUID, Council] = {}
    seated: dict[UUID, set[UUID]] = defaultdict(set)
    for council, agency_id in session.execute(statement):
        councils[council.id] = council
        seated[council.id].add(agency_id)

    def nearness(council: Council) -> tuple[bool, int]:
        is_here = case.district.startswith(council.territory)
        return bool(seated[council.id] & theirs), len(council.territory) if is_here else 0

    found = [each for each in councils.values() if seated[each.id] & ours]
    return max(found, key=nearness, default=None)


def put_silent(session: Session, meeting: Meeting) -> None:
    """Put a point for each silent referral that is this council's and on no agenda yet."""
    on_agenda = (
        sa.exists()
        .where(
            col(AgendaItem.referral_id) == col(Referral.id),
            col(AgendaItem.status) != ItemStatus.WITHDRAWN,
            col(Meeting.id) == col(AgendaItem.meeting_id),
            col(Meeting.status).not_in(NOT_HELD),
        )
        .correlate(Referral)
    )
    waiting = session.scalars(
        sa.select(Referral)
        .where(col(Referral.silence) == Silence.COUNCIL, col(Referral.status).in_(OWED), ~on_agenda)
        .order_by(col(Referral.silence_at), col(Referral.id))
    ).all()
    for referral in waiting:
        council = council_for(session, referral)
        if council is not None and council.id == meeting.council_id:
            _put(session, meeting, referral)


def _put(session: Session, meeting: Meeting, referral: Referral) -> None:
    last = session.scalar(
        sa.select(sa.func.max(col(AgendaItem.position))).where(
            col(AgendaItem.meeting_id) == meeting.id
        )
    )
    session.add(
        AgendaItem(
            meeting_id=meeting.id,
            kind=ItemKind.UNANSWERED,
            position=max(last or 0, 0) + 1,
            minutes=MINUTES,
            referral_id=referral.id,
        )
    )
    session.flush()


def hear_of_silence(session: Session, event: ReferralSilent) -> None:
    """Put a silence that has led to the council on the session in preparation, where one is.

    An agenda that the members were called with stays as it is (TUO of Ley 27444 arts. 97–98); then
    the next one opens with it.
    """
    if event.step != Silence.COUNCIL:
        return
    council = council_for(session, session.get_one(Referral, event.referral_id))
    if council is None:
        return
    meeting = session.scalar(
        sa.select(Meeting)
        .where(col(Meeting.council_id) == council.id, col(Meeting.status) == MeetingStatus.DRAFT)
        .order_by(col(Meeting.starts_at))
        .limit(1)
    )
    if meeting is not None:
        put_silent(session, meeting)


def hear_of_word(
    session: Session,
    event: ReferralAccepted | ReferralAnswered | ReferralReturned | ReferralWithdrawn,
) -> None:
    """Take the point off an agenda that nobody was called with yet: the silence has ended."""
    items = session.scalars(
        sa.select(AgendaItem)
        .join(Meeting, col(Meeting.id) == col(AgendaItem.meeting_id))
        .where(
            col(AgendaItem.referral_id) == event.referral_id,
            col(AgendaItem.status) == ItemStatus.PENDING,
            col(Meeting.status) == MeetingStatus.DRAFT,
        )
    ).all()
    for item in items:
        item.status = ItemStatus.WITHDRAWN
    session.flush()


def agenda_of(session: Session, referral: Referral) -> str:
    """Return in a sentence where a silence that has led to the council stands."""
    statement = (
        sa.select(col(Meeting.number), col(Meeting.starts_at), col(Council.name))
        .join(AgendaItem, col(AgendaItem.meeting_id) == col(Meeting.id))
        .join(Council, col(Council.id) == col(Meeting.council_id))
        .where(
            col(AgendaItem.referral_id) == referral.id,
            col(AgendaItem.status) != ItemStatus.WITHDRAWN,
            col(Meeting.status).not_in(NOT_HELD),
        )
        .order_by(col(Meeting.starts_at).desc())
        .limit(1)
    )
    for number, starts_at, name in rows(session, statement):
        return _(
            "It stands on the agenda of session %(number)s, %(day)s: %(council)s",
            number=number,
            day=day_text(clock.local(starts_at).date()),
            council=name,
        )
    council = council_for(session, referral)
    if council is not None:
        return _("It enters the next agenda that is prepared: %(council)s", council=council.name)
    return _("Your institution sits on no council: take it to the provincial one by letter.")
