"""Tables of memberships and of the duty roster."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from portal.actor import Role
from portal.db import Identified, Versioned, enum_column


class Membership(Identified, Versioned, table=True):
    """One role of a person in an agency (None: on the instance), from `since` until `until`.

    Acts from the next request; `until` is the first moment at which it is no longer held.
    """

    __tablename__ = "portal_membership"

    user_id: UUID = Field(foreign_key="portal_user.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id", index=True)
    role: Role = Field(sa_column=enum_column(Role))
    since: datetime
    until: datetime | None = None
    granted_by: UUID | None = Field(default=None, foreign_key="portal_user.id")


class DutyShift(Identified, Versioned, table=True):
    """A turn of the duty roster (rol de turno): who answers the telephone, from when until when."""

    __tablename__ = "portal_duty_shift"

    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    user_id: UUID = Field(foreign_key="portal_user.id")
    telephone: str = Field(max_length=20)
    starts_at: datetime
    ends_at: datetime
