"""Tables of people with an account and of their sign-ins."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.orm import Mapper
from sqlmodel import Field, SQLModel

from portal.actor import Role
from portal.db import Identified, Versioned, enum_column
from portal.places import fold


class Stage(StrEnum):
    """How far a sign-in has come; only with an open one does anybody act."""

    OPEN = "open"
    SECOND = "second"
    ENROL = "enrol"
    LOCKED = "locked"


class User(Identified, Versioned, table=True):
    """A person who may sign in. Nobody else ever knows the password.

    `password_hash` is empty while none was chosen: nothing that is typed is then right.
    `erased_at` is when the person's data went; the row stays, since the trail names it.
    `search_key` is the folded name, kept by itself, since people leave out accents.
    """

    __tablename__ = "portal_user"

    username: str = Field(max_length=60, unique=True)
    name: str = Field(max_length=120)
    password_hash: str = Field(max_length=200)
    locale: str = Field(default="es", max_length=5)
    created_at: datetime
    disabled_at: datetime | None = None
    erased_at: datetime | None = None
    search_key: str = Field(default="", max_length=200)


@event.listens_for(User, "before_insert")
@event.listens_for(User, "before_update")
def _keep_search_key(_mapper: Mapper[User], _connection: Connection, row: User) -> None:
    row.search_key = fold(f"{row.name} {row.username}")


class SignIn(Identified, table=True):
    """A signed-in browser. The cookie holds the token, the row only its SHA-256.

    `agency_id` is the agency acted for (None for the instance's own people). A new row and token
    replace this one when the acting agency changes. `proved_at` is when the person last proved who
    it is: what is gravest asks for a proof of the last minutes (ASVS 5.0, 7.5.3). Before its
    `stage` is open it leads to the next step of signing in and to nothing else. One that came in by
    PIN on a shared `device_id` holds `only_role`, whatever else the person may do.
    """

    __tablename__ = "portal_sign_in"

    token_hash: str = Field(max_length=64, unique=True)
    user_id: UUID = Field(foreign_key="portal_user.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    device: str = Field(default="", max_length=120)
    created_at: datetime
    proved_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None
    stage: Stage = Field(default=Stage.OPEN, sa_column=enum_column(Stage))
    only_role: Role | None = Field(default=None, sa_column=enum_column(Role, nullable=True))
    device_id: UUID | None = Field(default=None, foreign_key="portal_device.id", index=True)


class Attempt(Identified, table=True):
    """A failed sign-in, counted per account and per address to slow guessing down.

    `subject` is a keyed hash of the account's name or of the address, never the value.
    """

    __tablename__ = "portal_attempt"

    subject: str = Field(max_length=64, index=True)
    at: datetime = Field(index=True)


class FirstCode(Identified, table=True):
    """The code with which a person comes in for the first time, or again after losing a factor.

    Given in person, used once, within a day (ASVS 5.0, 6.4.1). The row goes when the code is used;
    while it stands, even expired, the account is entered with a code only.
    """

    __tablename__ = "portal_first_code"

    user_id: UUID = Field(foreign_key="portal_user.id", unique=True)
    code_hash: str = Field(max_length=64)
    issued_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    issued_at: datetime
    expires_at: datetime


class Passkey(Identified, table=True):
    """A passkey of a person: its public half, and how often its device says it has signed.

    The device's number and the public key stand in base64, as browsers write them.
    """

    __tablename__ = "portal_passkey"

    user_id: UUID = Field(foreign_key="portal_user.id", index=True)
    credential_id: str = Field(max_length=1400, unique=True)
    public_key: str = Field(max_length=2000)
    sign_count: int = Field(sa_type=sa.BigInteger)
    name: str = Field(max_length=60)
    created_at: datetime
    used_at: datetime | None = None


class SpentChallenge(SQLModel, table=True):
    """A challenge that a passkey answered: it is not answered twice. Forgotten within the hour."""

    __tablename__ = "portal_spent_challenge"

    mark: str = Field(max_length=64, primary_key=True)
    at: datetime = Field(index=True)


class CodeApp(Identified, table=True):
    """A person's app of one-time codes (RFC 6238); `last_step` is the last half minute taken."""

    __tablename__ = "portal_code_app"

    user_id: UUID = Field(foreign_key="portal_user.id", unique=True)
    secret_sealed: bytes
    last_step: int
    created_at: datetime


class RecoveryCode(Identified, table=True):
    """A code on paper for the day on which the telephone is lost: 120 random bits, kept hashed."""

    __tablename__ = "portal_recovery_code"

    user_id: UUID = Field(foreign_key="portal_user.id", index=True)
    code_hash: str = Field(max_length=64)
    used_at: datetime | None = None


class CalendarKey(Identified, table=True):
    """What opens a person's calendar of terms in a program of calendars: 256 bits, kept hashed.

    It ends with the person's other sign-ins, since whoever took them may have it too.
    """

    __tablename__ = "portal_calendar_key"

    user_id: UUID = Field(foreign_key="portal_user.id", unique=True)
    token_hash: str = Field(max_length=64, unique=True)
    made_at: datetime
    read_at: datetime | None = None


class ResetRequest(Identified, table=True):
    """A colleague lost what opens the account: one asks, another confirms, within a day."""

    __tablename__ = "portal_reset_request"

    user_id: UUID = Field(foreign_key="portal_user.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    asked_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    asked_at: datetime = Field(index=True)
    also_password: bool = False
    confirmed_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    confirmed_at: datetime | None = None


class Device(Identified, table=True):
    """A browser at a shared desk, enrolled by an administrator; its cookie's token only hashed."""

    __tablename__ = "portal_device"

    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=60)
    enrolled_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    enrolled_at: datetime
    revoked_at: datetime | None = None


class Pin(Identified, table=True):
    """A carer's PIN: it opens the role of carer on an enrolled device and nothing elsewhere."""

    __tablename__ = "portal_pin"

    user_id: UUID = Field(foreign_key="portal_user.id", unique=True)
    pin_hash: str = Field(max_length=200)
    set_at: datetime
