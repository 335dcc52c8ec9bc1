"""What the councils hold of a child, and of those who sit there."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import Session, col

from portal.agencies.queries import names_of
from portal.cases.models import CaseChild
from portal.councils.labels import AGREEMENT, BRIEF, DETAIL, ITEM_STATUS, OFFICE, SENSE, STANDING
from portal.councils.models import (
    AgendaItem,
    Agreement,
    Attendance,
    CaseBrief,
    Council,
    Meeting,
    Seat,
    SeatPerson,
    Vote,
)
from portal.councils.rules import BriefBody
from portal.db.sealing import opened
from portal.personal import Ending, Erased, PersonExport, readable
from portal.referrals.models import Referral
from portal.referrals.personal import referrals_of
from portal.texts import _, _l


def cases_of(person_id: UUID) -> sa.Select[UUID]:
    """Return the identifiers of the cases whose child a person is."""
    return sa.select(col(CaseChild.case_id)).where(col(CaseChild.person_id) == person_id)


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return what sessions of councils noted, read and agreed on the cases of a child."""
    return [
        PersonExport(
            table="portal_meeting_item",
            title=_l("Points of council sessions"),
            rows=_items(session, person_id),
        ),
        PersonExport(
            table="portal_meeting_brief",
            title=_l("Briefs for council sessions"),
            rows=_briefs(session, person_id),
        ),
        PersonExport(
            table="portal_meeting_agreement",
            title=_l("Agreements of council sessions"),
            rows=_agreements(session, person_id),
        ),
    ]


def _items(session: Session, person_id: UUID) -> list[dict[str, str]]:
    statement = (
        sa.select(AgendaItem, Meeting, Council)
        .join(Meeting, col(Meeting.id) == col(AgendaItem.meeting_id))
        .join(Council, col(Council.id) == col(Meeting.council_id))
        .where(
            sa.or_(
                col(AgendaItem.case_id).in_(cases_of(person_id)),
                col(AgendaItem.referral_id).in_(referrals_of(person_id)),
            )
        )
        .order_by(col(Meeting.starts_at))
    )
    return [
        readable(
            (_("Council"), council.name),
            (_("Session"), meeting.starts_at),
            (_("Called"), _("Case %(letter)s", letter=item.letter) if item.letter else item.title),
            (_("Status"), ITEM_STATUS[item.status]),
            (_("Notes"), item.notes),
        )
        for item, meeting, council in session.execute(statement)
    ]


def _briefs(session: Session, person_id: UUID) -> list[dict[str, str]]:
    briefs = session.scalars(
        sa.select(CaseBrief)
        .where(col(CaseBrief.case_id).in_(cases_of(person_id)))
        .order_by(col(CaseBrief.requested_at))
    ).all()
    return [
        readable(
            (_("Asked for at"), brief.requested_at),
            (_("Status"), BRIEF[brief.status]),
            (_("What is asked of the council"), brief.asks),
            *_body(session, brief),
            (_("Why it was declined"), brief.declined_reason),
        )
        for brief in briefs
    ]


def _body(session: Session, brief: CaseBrief) -> list[tuple[str, str]]:
    text = opened(
        session, brief.case_id, "portal_meeting_brief", "body_sealed", brief.id, brief.body_sealed
    )
    try:
        body = BriefBody.model_validate_json(text)
    except ValidationError:
        return [(_("Text"), text)]
    details = [(str(DETAIL[name]), said) for name, said in body.details()]
    return [(_("Text"), body.text), *details]


def _agreements(session: Session, person_id: UUID) -> list[dict[str, str]]:
    found = session.scalars(
        sa.select(Agreement)
        .where(col(Agreement.case_id).in_(cases_of(person_id)))
        .order_by(col(Agreement.recorded_at))
    ).all()
    names = names_of(session, {agreement.agency_id for agreement in found})
    return [
        readable(
            (_("Recorded at"), agreement.recorded_at),
            (_("Who owes it"), names[agreement.agency_id]),
            (_("Text"), agreement.text),
            (_("Due on"), agreement.due_on),
            (_("Status"), AGREEMENT[agreement.status]),
            (_("Objection"), agreement.objection),
            (_("Why it was taken back"), agreement.withdrawn_reason),
        )
        for agreement in found
    ]


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Empty notes and briefs of the cases that end; agreements and the acta name no child."""
    of_cases = sa.select(col(Referral.id)).where(col(Referral.case_id).in_(ending.case_ids))
    items = session.scalars(
        sa.select(AgendaItem).where(
            sa.or_(
                col(AgendaItem.case_id).in_(ending.case_ids),
                col(AgendaItem.referral_id).in_(of_cases),
            )
        )
    ).all()
    for item in items:
        item.title = item.notes = ""
    briefs = session.scalars(
        sa.select(CaseBrief).where(col(CaseBrief.case_id).in_(ending.case_ids))
    ).all()
    for brief in briefs:
        brief.asks, brief.declined_reason, brief.body_sealed = "", "", None
    session.flush()
    return [
        Erased(table="portal_meeting_item", erased=len(items)),
        Erased(table="portal_meeting_brief", erased=len(briefs)),
    ]


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return the seats of a person with an account, the sessions attended and the votes given."""
    return [
        PersonExport(
            table="portal_council_seat_person",
            title=_l("Seats at councils"),
            rows=_seats(session, user_id),
        ),
        PersonExport(
            table="portal_meeting_attendance",
            title=_l("Sessions attended"),
            rows=_attended(session, user_id),
        ),
        PersonExport(table="portal_meeting_vote", title=_l("Votes"), rows=_votes(session, user_id)),
    ]


def _seats(session: Session, user_id: UUID) -> list[dict[str, str]]:
    statement = (
        sa.select(SeatPerson, Seat, Council)
        .join(Seat, col(Seat.id) == col(SeatPerson.seat_id))
        .join(Council, col(Council.id) == col(Seat.council_id))
        .where(col(SeatPerson.user_id) == user_id)
        .order_by(col(SeatPerson.since))
    )
    return [
        readable(
            (_("Council"), council.name),
            (_("Office"), OFFICE[seat.office]),
            (_("Name"), person.name),
            (_("Post"), person.post),
            (_("Standing"), STANDING[person.standing]),
            (_("Since"), person.since),
            (_("Until"), person.until),
        )
        for person, seat, council in session.execute(statement)
    ]


def _mine(user_id: UUID) -> sa.Select[UUID]:
    return sa.select(col(SeatPerson.id)).where(col(SeatPerson.user_id) == user_id)


def _attended(session: Session, user_id: UUID) -> list[dict[str, str]]:
    statement = (
        sa.select(Attendance, Meeting)
        .join(Meeting, col(Meeting.id) == col(Attendance.meeting_id))
        .where(col(Attendance.person_id).in_(_mine(user_id)))
        .order_by(col(Meeting.starts_at))
    )
    return [
        readable(
            (_("Session"), meeting.starts_at),
            (_("Standing"), STANDING[attendance.standing]),
            (_("Arrived at"), attendance.arrived_at),
            (_("Left at"), attendance.left_at),
            (_("Excuse"), attendance.excuse),
        )
        for attendance, meeting in session.execute(statement)
    ]


def _votes(session: Session, user_id: UUID) -> list[dict[str, str]]:
    """Return the votes of the seat at the sessions that the person attended for it."""
    statement = (
        sa.select(Vote, Agreement, Meeting)
        .join(Agreement, col(Agreement.id) == col(Vote.agreement_id))
        .join(Meeting, col(Meeting.id) == col(Agreement.meeting_id))
        .where(
            sa.exists().where(
                col(Attendance.meeting_id) == col(Meeting.id),
                col(Attendance.seat_id) == col(Vote.seat_id),
                col(Attendance.person_id).in_(_mine(user_id)),
            )
        )
        .order_by(col(Meeting.starts_at), col(Agreement.number))
    )
    return [
        readable(
            (_("Session"), meeting.starts_at),
            (_("Agreement"), agreement.number),
            (_("Sense of the vote"), SENSE[vote.sense]),
            (_("Reason"), vote.reason),
        )
        for vote, agreement, meeting in session.execute(statement)
    ]
