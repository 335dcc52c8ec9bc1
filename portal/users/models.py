"""Tables of people with an account and of their sign-ins."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from portal.db import Identified, Versioned, enum_column


class Stage(StrEnum):
    """How far a sign-in has come; only with an open one does anybody act."""

    OPEN = "open"
    ENROL = "enrol"


class User(Identified, Versioned, table=True):
    """A person who may sign in. Nobody else ever knows the password.

    `password_hash` is empty while none was chosen: nothing that is typed is then right.
    """

    __tablename__ = "portal_user"

    username: str = Field(max_length=60, unique=True)
    name: str = Field(max_length=120)
    password_hash: str = Field(max_length=200)
    locale: str = Field(default="es", max_length=5)
    created_at: datetime
    disabled_at: datetime | None = None


class SignIn(Identified, table=True):
    """A signed-in browser. The cookie holds the token, the row only its SHA-256.

    `agency_id` is the agency acted for (None for the instance's own people). A new row and token
    replace this one when the acting agency changes. `proved_at` is when the person last proved who
    it is: what is gravest asks for a proof of the last minutes (ASVS 5.0, 7.5.3). Before its
    `stage` is open it leads to the next step of signing in and to nothing else.
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
