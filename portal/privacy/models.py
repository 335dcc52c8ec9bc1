"""Tables of unusual readings and of what people declare of their kin."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

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
