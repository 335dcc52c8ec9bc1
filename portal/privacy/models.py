"""Tables of unusual readings, incidents, orders, what people ask, and copies to hand over."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l


class AlertKind(StrEnum):
    """Why a reading is unusual (SECURITY 3): it accuses nobody, a person looks into it."""

    MANY = "many"
    NEVER_ASSIGNED = "never_assigned"
    KIN = "kin"
    OWN = "own"
    COPIES = "copies"


class AlertState(StrEnum):
    """Whether a reading was looked into, and what was found."""

    OPEN = "open"
    EXPLAINED = "explained"
    NOT_EXPLAINED = "not_explained"


class ReadingMark(SQLModel, table=True):
    """The last link of the trail that was looked at; entries are linked once and in order."""

    __tablename__ = "portal_privacy_mark"

    name: str = Field(max_length=20, primary_key=True)
    seq: int = 0


class Declaration(SQLModel, table=True):
    """What a person declares to be kept from: own and kin's documents, surnames, home district.

    Voluntary, encrypted under the person's own key, opened by the watch over the trail only.
    """

    __tablename__ = "portal_privacy_declaration"

    user_id: UUID = Field(primary_key=True, foreign_key="portal_user.id")
    declared_sealed: bytes
    at: datetime


class ReadingAlert(Identified, Versioned, table=True):
    """An unusual reading: whose, of what kind, from when until when.

    `origin` names what was found, so that it is told once. `said_sealed` is what the reader says of
    it, `finding_sealed` what the privacy officer found.
    """

    __tablename__ = "portal_privacy_alert"
    __table_args__ = (
        Index("ix_portal_privacy_alert_open", "agency_id", "state", "made_at"),
        Index("ix_portal_privacy_alert_user", "user_id", "made_at"),
    )

    reference: str = Field(max_length=12, unique=True)
    origin: str = Field(max_length=160, unique=True)
    kind: AlertKind = Field(sa_column=enum_column(AlertKind))
    user_id: UUID = Field(foreign_key="portal_user.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    count: int = 1
    since: datetime
    until: datetime
    made_at: datetime
    state: AlertState = Field(default=AlertState.OPEN, sa_column=enum_column(AlertState))
    said_sealed: bytes | None = None
    said_at: datetime | None = None
    finding_sealed: bytes | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = Field(default=None, foreign_key="portal_user.id")

    def end(self, state: AlertState, *, by: UUID | None, at: datetime) -> None:
        """Note what was found; raises Conflict where somebody did already."""
        if self.state is not AlertState.OPEN:
            raise Conflict(_l("Somebody looked into this already."))
        self.state, self.ended_by, self.ended_at = state, by, at


class ReadingAlertCase(Identified, table=True):
    """A case that an unusual reading opened; its lead is told too."""

    __tablename__ = "portal_privacy_alert_case"
    __table_args__ = (UniqueConstraint("alert_id", "case_id"),)

    alert_id: UUID = Field(foreign_key="portal_privacy_alert.id")
    case_id: UUID = Field(foreign_key="portal_case.id", index=True)


class Nature(StrEnum):
    """What kind of incident it is (DS 016-2024-JUS arts. 34–35)."""

    STOLEN_ACCOUNT = "stolen_account"
    LOST_DEVICE = "lost_device"
    UNUSUAL_READING = "unusual_reading"
    OTHER = "other"


class Incident(Identified, Versioned, table=True):
    """An incident of personal data: an account, the time it concerns, whom was told when.

    Kept by the institution of the account. Every incident is documented, told or not (DS
    016-2024-JUS art. 35). What happened, what it may lead to and what was done are sealed.
    """

    __tablename__ = "portal_privacy_incident"
    __table_args__ = (Index("ix_portal_privacy_incident_agency", "agency_id", "known_at"),)

    number: str = Field(max_length=12, unique=True)
    nature: Nature = Field(sa_column=enum_column(Nature))
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    user_id: UUID = Field(foreign_key="portal_user.id", index=True)
    alert_id: UUID | None = Field(default=None, foreign_key="portal_privacy_alert.id")
    since: datetime
    until: datetime
    known_at: datetime
    opened_at: datetime
    opened_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    entries: int = 0
    happened_sealed: bytes | None = None
    consequences_sealed: bytes | None = None
    measures_sealed: bytes | None = None
    contact: str = Field(default="", max_length=200)
    authority_due_at: datetime
    authority_told_at: datetime | None = None
    centre_told_at: datetime | None = None
    persons_due_at: datetime


class IncidentRecord(Identified, table=True):
    """A case, or an alert that is no case yet, which was seen: when, how often, how closely.

    `agency_id` is who must tell the persons: the lead of the case, the authority of the alert.
    """

    __tablename__ = "portal_privacy_incident_record"
    __table_args__ = (Index("ix_portal_privacy_incident_record_incident", "incident_id"),)

    incident_id: UUID = Field(foreign_key="portal_privacy_incident.id")
    case_id: UUID | None = Field(default=None, foreign_key="portal_case.id", index=True)
    alert_id: UUID | None = Field(default=None, foreign_key="portal_alert.id", index=True)
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    children: int = 0
    times: int = 0
    was_opened: bool = False
    was_unsealed: bool = False
    first_at: datetime
    last_at: datetime


class IncidentAgency(Identified, table=True):
    """An institution whose cases were seen, and when it told the persons concerned."""

    __tablename__ = "portal_privacy_incident_agency"
    __table_args__ = (UniqueConstraint("incident_id", "agency_id"),)

    incident_id: UUID = Field(foreign_key="portal_privacy_incident.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    persons_told_at: datetime | None = None
    told_by: UUID | None = Field(default=None, foreign_key="portal_user.id")


class Piece(StrEnum):
    """A part of what is held of a child, as an order or a decision names it.

    The last three are apart: they go out only where they are named expressly.
    """

    IDENTITY = "identity"
    SITUATION = "situation"
    RIGHTS = "rights"
    TIMELINE = "timeline"
    TERMS = "terms"
    PARTIES = "parties"
    REFERRALS = "referrals"
    COUNCIL = "council"
    MODULES = "modules"
    WHEREABOUTS = "whereabouts"
    REPORTER = "reporter"
    SEALED = "sealed"


APART = (Piece.WHEREABOUTS, Piece.REPORTER, Piece.SEALED)


class Decision(StrEnum):
    """How an order or a request stands."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


class OrderKind(StrEnum):
    """What was received: a written order, or a call that only says it is urgent."""

    ORDER = "order"
    CALL = "call"


class LegalOrder(Identified, Versioned, table=True):
    """An order of an authority (mandato), or an urgent call: what it asks, of whom, how far.

    Two people agree before anything goes out; three where it names sealed pieces.
    """

    __tablename__ = "portal_privacy_order"
    __table_args__ = (Index("ix_portal_privacy_order_agency", "agency_id", "decision", "made_at"),)

    number: str = Field(max_length=12, unique=True)
    kind: OrderKind = Field(sa_column=enum_column(OrderKind))
    authority: str = Field(max_length=200)
    order_number: str = Field(default="", max_length=120)
    dated: date | None = None
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    person_ids: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    pieces: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    since: date | None = None
    until: date | None = None
    asked_sealed: bytes
    names_sealed: bytes | None = None
    made_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    made_at: datetime
    decision: Decision = Field(default=Decision.OPEN, sa_column=enum_column(Decision))
    first_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    decided_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    decided_at: datetime | None = None
    reason_sealed: bytes | None = None

    @property
    def names_what_is_sealed(self) -> bool:
        """Tell whether sealed pieces are within its scope."""
        return Piece.SEALED.value in self.pieces


class RequestKind(StrEnum):
    """What a person asks about own data (Ley 29733; DS 016-2024-JUS arts. 69–70)."""

    INFORMATION = "information"
    ACCESS = "access"
    RECTIFICATION = "rectification"
    CANCELLATION = "cancellation"
    OPPOSITION = "opposition"


class Standing(StrEnum):
    """Who asks: the adolescent or adult, mother or father, guardian, or who acts for them."""

    SELF = "self"
    MOTHER = "mother"
    FATHER = "father"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"


class Authority(StrEnum):
    """How parental authority or guardianship stands (DL 1297 art. 51)."""

    HOLDS = "holds"
    SUSPENDED = "suspended"
    NOT_NEEDED = "not_needed"


class SubjectRequest(Identified, Versioned, table=True):
    """What somebody asks of the data that are held of a child, and how it was decided.

    Who asks and what is asked are sealed. `pieces` are those given out; `corrected_at` is when the
    correction or erasure that was granted was carried out.
    """

    __tablename__ = "portal_privacy_request"
    __table_args__ = (Index("ix_portal_privacy_request_due", "agency_id", "decision", "due_at"),)

    number: str = Field(max_length=12, unique=True)
    kind: RequestKind = Field(sa_column=enum_column(RequestKind))
    standing: Standing = Field(sa_column=enum_column(Standing))
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    person_id: UUID = Field(foreign_key="portal_person.id", index=True)
    who_sealed: bytes
    identified: str = Field(max_length=200)
    asked_sealed: bytes
    received_at: datetime
    made_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    due_on: date
    due_at: datetime
    steps: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    more_until: date
    more_asked_at: datetime | None = None
    decision: Decision = Field(default=Decision.OPEN, sa_column=enum_column(Decision))
    authority: Authority | None = Field(
        default=None, sa_column=enum_column(Authority, nullable=True)
    )
    pieces: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    names_sealed: bytes | None = None
    reason_sealed: bytes | None = None
    decided_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    decided_at: datetime | None = None
    corrected_at: datetime | None = None


class ExportState(StrEnum):
    """How a copy stands: being made, ready, fetched or run out."""

    WAITING = "waiting"
    READY = "ready"
    GONE = "gone"


class ExportFile(Identified, Versioned, table=True):
    """A copy to hand over: it belongs to its maker, for fifteen minutes, and is fetched once.

    `entry_id` is its entry in the trail: nothing is drawn before that is linked in the chain.
    """

    __tablename__ = "portal_privacy_export"

    number: str = Field(max_length=12, unique=True)
    order_id: UUID | None = Field(default=None, foreign_key="portal_privacy_order.id", index=True)
    request_id: UUID | None = Field(
        default=None, foreign_key="portal_privacy_request.id", index=True
    )
    owner_id: UUID = Field(foreign_key="portal_user.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    entry_id: UUID
    state: ExportState = Field(default=ExportState.WAITING, sa_column=enum_column(ExportState))
    made_at: datetime
    ready_at: datetime | None = None
    gone_at: datetime | None = None
    content_sealed: bytes | None = None
