"""Tables of councils and of their sessions.

In code a session of a council is a `Meeting`; people read "sesión". A meeting and what hangs on it
is read only through `queries`. Nothing here names a child: a case enters by its brief alone.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, UniqueConstraint

from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l


class CouncilKind(StrEnum):
    """The names under which councils of the programme work; all follow the same rules."""

    REGIONAL = "regional"
    PROVINCIAL = "provincial"
    LOCAL = "local"
    INTERINSTITUTIONAL = "interinstitutional"


class Office(StrEnum):
    """What a seat does in its council (TUO of Ley 27444 art. 96)."""

    CHAIR = "chair"
    SECRETARY = "secretary"
    MEMBER = "member"


class Standing(StrEnum):
    """Whether a person holds the seat or stands in for the one who does."""

    TITULAR = "titular"
    ALTERNATE = "alternate"


class MeetingKind(StrEnum):
    """Ordinary on its fixed rhythm, or extraordinary."""

    ORDINARY = "ordinary"
    EXTRAORDINARY = "extraordinary"


class MeetingStatus(StrEnum):
    """Where a session stands; see `TRANSITIONS`."""

    DRAFT = "draft"
    CONVENED = "convened"
    IN_SESSION = "in_session"
    RECESS = "recess"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    APPROVED = "approved"
    NOT_HELD = "not_held"
    CANCELLED = "cancelled"


S = MeetingStatus
TRANSITIONS: dict[MeetingStatus, frozenset[MeetingStatus]] = {
    S.DRAFT: frozenset({S.CONVENED, S.CANCELLED}),
    S.CONVENED: frozenset({S.IN_SESSION, S.NOT_HELD, S.CANCELLED}),
    S.IN_SESSION: frozenset({S.RECESS, S.SUSPENDED, S.CLOSED}),
    S.RECESS: frozenset({S.IN_SESSION}),
    S.CLOSED: frozenset({S.APPROVED}),
    S.SUSPENDED: frozenset(),
    S.APPROVED: frozenset(),
    S.NOT_HELD: frozenset(),
    S.CANCELLED: frozenset(),
}
BEFORE = frozenset({S.DRAFT, S.CONVENED})
GOING_ON = frozenset({S.IN_SESSION, S.RECESS})
HELD = frozenset({S.SUSPENDED, S.CLOSED, S.APPROVED})


class ItemKind(StrEnum):
    """What a point of the agenda is about, in the order in which an agenda begins."""

    MINUTES = "minutes"
    FOLLOW_UP = "follow_up"
    CASE = "case"
    UNANSWERED = "unanswered"
    POINT = "point"


class ItemStatus(StrEnum):
    """Whether a point was reached; a withdrawn one stays in the record."""

    PENDING = "pending"
    DISCUSSED = "discussed"
    POSTPONED = "postponed"
    WITHDRAWN = "withdrawn"


class BriefStatus(StrEnum):
    """A brief is asked for, written by the lead's people, approved by its coordinator."""

    REQUESTED = "requested"
    WRITTEN = "written"
    APPROVED = "approved"
    DECLINED = "declined"


class AgreementStatus(StrEnum):
    """What the responsible agency answered; a withdrawn agreement stays, struck."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"


class How(StrEnum):
    """How an agreement was reached."""

    CONSENSUS = "consensus"
    VOTES = "votes"


class Sense(StrEnum):
    """The sense of one vote (TUO of Ley 27444 art. 102.1)."""

    FOR = "for"
    AGAINST = "against"
    ABSTAINED = "abstained"


class Council(Identified, Versioned, table=True):
    """A council: its name, territory and its rules as data (`rules.CouncilRules`).

    `territory` is the INEI UBIGEO of a department, province or district.
    """

    __tablename__ = "portal_council"

    kind: CouncilKind = Field(sa_column=enum_column(CouncilKind))
    name: str = Field(max_length=160, unique=True)
    programme: str = Field(default="", max_length=120)
    territory: str = Field(max_length=6)
    rules: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    created_at: datetime


class Seat(Identified, Versioned, table=True):
    """An agency's place at a council, with its office; `until` is the first day without it."""

    __tablename__ = "portal_council_seat"
    __table_args__ = (
        Index(
            "uq_portal_council_seat_current",
            "council_id",
            "agency_id",
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        ),
        Index("ix_portal_council_seat_agency", "agency_id", "council_id"),
    )

    council_id: UUID = Field(foreign_key="portal_council.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    office: Office = Field(default=Office.MEMBER, sa_column=enum_column(Office))
    position: int = 0
    since: date
    until: date | None = None


class SeatPerson(Identified, table=True):
    """Who sits there: titular or alternate, named by the agency; with or without an account."""

    __tablename__ = "portal_council_seat_person"

    seat_id: UUID = Field(foreign_key="portal_council_seat.id", index=True)
    user_id: UUID | None = Field(default=None, foreign_key="portal_user.id", index=True)
    name: str = Field(max_length=120)
    post: str = Field(default="", max_length=120)
    standing: Standing = Field(sa_column=enum_column(Standing))
    since: date
    until: date | None = None


class Meeting(Identified, Versioned, table=True):
    """One session of a council.

    `call` is 2 for a second call (TUO art. 99.2) and `part` counts the continuations of a suspended
    session; both keep the number. Briefs are read from `opens_at` until `readable_until`.
    `live_version` grows with every change that a live view shows. `council_name` is what the
    council was called when the session ended, `seat_ids` who had a seat, `trail_size` and
    `trail_head` the checkpoint of the trail then: the acta prints them.
    """

    __tablename__ = "portal_meeting"
    __table_args__ = (
        UniqueConstraint("council_id", "number", "call", "part"),
        Index("ix_portal_meeting_starts", "council_id", "starts_at"),
    )

    council_id: UUID = Field(foreign_key="portal_council.id")
    number: int
    call: int = 1
    part: int = 1
    kind: MeetingKind = Field(default=MeetingKind.ORDINARY, sa_column=enum_column(MeetingKind))
    status: MeetingStatus = Field(default=S.DRAFT, sa_column=enum_column(MeetingStatus, index=True))
    place: str = Field(max_length=200)
    starts_at: datetime
    convened_at: datetime | None = None
    opens_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    council_name: str = Field(default="", max_length=160)
    seat_ids: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    readable_until: datetime | None = None
    approved_at: datetime | None = None
    resumes_at: datetime | None = None
    reason: str = Field(default="", max_length=400)
    current_item_id: UUID | None = None
    live_version: int = 1
    trail_size: int | None = None
    trail_head: str = Field(default="", max_length=16)

    def must_be(self, *states: MeetingStatus) -> None:
        """Raise Conflict where the session stands in none of these states."""
        if self.status not in states:
            raise Conflict(
                _l("The session is no longer in the state that this needs. Load the page again.")
            )

    def must_lead(self, to: MeetingStatus) -> None:
        """Raise Conflict where the way does not lead to another state."""
        self.must_be(*(state for state, ways in TRANSITIONS.items() if to in ways))

    def move(self, to: MeetingStatus) -> None:
        """Pass to another state; raises Conflict where the way does not lead there."""
        self.must_lead(to)
        self.status = to

    @property
    def is_going_on(self) -> bool:
        """Tell whether the session is open, in recess or not."""
        return self.status in GOING_ON

    @property
    def is_before(self) -> bool:
        """Tell whether the session has neither begun nor failed yet."""
        return self.status in BEFORE

    @property
    def was_held(self) -> bool:
        """Tell whether there is an acta of the session."""
        return self.status in HELD


class AgendaItem(Identified, Versioned, table=True):
    """A point of an agenda.

    `letter` is how a case is called in this session ("Caso A"). `agreement_id` is the earlier
    agreement that a follow-up looks at and `minutes_of_id` the session whose acta is to be
    approved; neither is a foreign key, because the tables would need each other. `referral_id` is
    one that nobody answers: the point names institutions and the right, and no case. `off_agenda`
    was added once the session was open (TUO art. 98.4). `notes` go to the acta.
    """

    __tablename__ = "portal_meeting_item"
    __table_args__ = (Index("ix_portal_meeting_item_order", "meeting_id", "position"),)

    meeting_id: UUID = Field(foreign_key="portal_meeting.id")
    kind: ItemKind = Field(sa_column=enum_column(ItemKind))
    status: ItemStatus = Field(default=ItemStatus.PENDING, sa_column=enum_column(ItemStatus))
    position: int
    title: str = Field(default="", max_length=200)
    letter: str = Field(default="", max_length=2)
    case_id: UUID | None = Field(default=None, foreign_key="portal_case.id", index=True)
    agreement_id: UUID | None = Field(default=None, index=True)
    minutes_of_id: UUID | None = None
    referral_id: UUID | None = Field(default=None, foreign_key="portal_referral.id", index=True)
    minutes: int = 10
    off_agenda: bool = False
    started_at: datetime | None = None
    notes: str = Field(default="", max_length=4000)
    noted_at: datetime | None = None


class CaseBrief(Identified, Versioned, table=True):
    """What a council may know of a case (resumen para la sesión): written for it, names nobody.

    `body_sealed` holds `rules.BriefBody` as text, sealed under the case. `asks` is what is asked of
    the council: it is shown on the room's screen and printed in the acta.
    """

    __tablename__ = "portal_meeting_brief"

    item_id: UUID = Field(foreign_key="portal_meeting_item.id", unique=True)
    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    status: BriefStatus = Field(
        default=BriefStatus.REQUESTED, sa_column=enum_column(BriefStatus, index=True)
    )
    requested_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    requested_agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    requested_at: datetime
    written_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    written_at: datetime | None = None
    approved_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    approved_agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    approved_at: datetime | None = None
    declined_reason: str = Field(default="", max_length=400)
    asks: str = Field(default="", max_length=300)
    body_sealed: bytes | None = None

    def approve(self, *, at: datetime, by: UUID | None, agency_id: UUID | None) -> None:
        """Release the brief to the session; raises Conflict where there is nothing to approve."""
        if self.status is not BriefStatus.WRITTEN:
            raise Conflict(_l("There is no written brief that waits for approval."))
        self.status, self.approved_at = BriefStatus.APPROVED, at
        self.approved_by, self.approved_agency_id = by, agency_id


class Attendance(Identified, table=True):
    """A seat at a session: who came, in what standing, from when until when; or its excuse.

    A seat has several rows where its people took turns, at most one of them present.
    """

    __tablename__ = "portal_meeting_attendance"
    __table_args__ = (
        Index(
            "uq_portal_meeting_attendance_present",
            "meeting_id",
            "seat_id",
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        ),
    )

    meeting_id: UUID = Field(foreign_key="portal_meeting.id", index=True)
    seat_id: UUID = Field(foreign_key="portal_council_seat.id")
    person_id: UUID | None = Field(default=None, foreign_key="portal_council_seat_person.id")
    name: str = Field(default="", max_length=120)
    standing: Standing = Field(sa_column=enum_column(Standing))
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    excuse: str = Field(default="", max_length=200)


class Agreement(Identified, Versioned, table=True):
    """One agreement of a session (acuerdo): who does what until when, and who verifies it.

    `number` counts within the session. Once accepted by the responsible agency it is a commitment
    (`commitment_id`). `settled_in_id` is the later session that was told its end; until then every
    agenda opens with it. `party_proposed` holds while the lead has not answered the proposal to
    bring the responsible agency onto the case.
    """

    __tablename__ = "portal_meeting_agreement"
    __table_args__ = (UniqueConstraint("meeting_id", "number"),)

    meeting_id: UUID = Field(foreign_key="portal_meeting.id")
    item_id: UUID = Field(foreign_key="portal_meeting_item.id", index=True)
    council_id: UUID = Field(foreign_key="portal_council.id", index=True)
    case_id: UUID | None = Field(default=None, foreign_key="portal_case.id", index=True)
    number: int
    text: str = Field(max_length=400)
    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    due_on: date
    verifier_agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    how: How = Field(default=How.CONSENSUS, sa_column=enum_column(How))
    status: AgreementStatus = Field(
        default=AgreementStatus.PROPOSED, sa_column=enum_column(AgreementStatus)
    )
    recorded_at: datetime
    recorded_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    answered_at: datetime | None = None
    answered_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    objection: str = Field(default="", max_length=400)
    withdrawn_reason: str = Field(default="", max_length=400)
    commitment_id: UUID | None = Field(default=None, foreign_key="portal_commitment.id")
    settled_in_id: UUID | None = None
    party_proposed: bool = False

    def must_wait(self) -> None:
        """Raise Conflict where it does not wait for an answer."""
        if self.status is not AgreementStatus.PROPOSED:
            raise Conflict(_l("This agreement was answered or withdrawn already."))

    def answer(self, to: AgreementStatus, *, at: datetime, by: UUID | None) -> None:
        """Take the responsible agency's answer; raises Conflict where one was given already."""
        self.must_wait()
        self.status, self.answered_at, self.answered_by = to, at, by

    @property
    def can_change(self) -> bool:
        """Tell whether the secretary may still correct it: nobody has taken it on."""
        return self.status in (AgreementStatus.PROPOSED, AgreementStatus.OBJECTED)


class Vote(Identified, table=True):
    """The sense of one seat's vote on an agreement, with the reason of a dissent (TUO 100–102)."""

    __tablename__ = "portal_meeting_vote"
    __table_args__ = (UniqueConstraint("agreement_id", "seat_id"),)

    agreement_id: UUID = Field(foreign_key="portal_meeting_agreement.id")
    seat_id: UUID = Field(foreign_key="portal_council_seat.id")
    sense: Sense = Field(sa_column=enum_column(Sense))
    reason: str = Field(default="", max_length=300)
