"""Tables of people with an account and of their sign-ins."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from portal.db import Identified, Versioned


class User(Identified, Versioned, table=True):
    """A person who may sign in. Nobody else ever knows the password."""

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
    it is: what is gravest asks for a proof of the last minutes (ASVS 5.0, 7.5.3).
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


class Attempt(Identified, table=True):
    """A failed sign-in, counted per account and per address to slow guessing down.

    `subject` is a keyed hash of the account's name or of the address, never the value.
    """

    __tablename__ = "portal_attempt"

    subject: str = Field(max_length=64, index=True)
    at: datetime = Field(index=True)
