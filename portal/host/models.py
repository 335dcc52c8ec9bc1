"""Tables of the plugin host: what is admitted, where it is on, and how it fares."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, UniqueConstraint

from portal.db import Identified, Versioned


class Module(Versioned, table=True):
    """A plugin that the platform's administrator admitted: its tables are there, it may be on.

    `version` is the one that was admitted; `settings` are the instance's values, over which each
    agency may set its own.
    """

    __tablename__ = "portal_plugin"

    slug: str = Field(primary_key=True, max_length=20)
    version: str = Field(max_length=40)
    admitted_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    admitted_at: datetime
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class ModuleSwitch(Identified, Versioned, table=True):
    """Whether a module is on for an agency. Off keeps the row, the settings and all data."""

    __tablename__ = "portal_plugin_switch"
    __table_args__ = (UniqueConstraint("agency_id", "slug"),)

    slug: str = Field(foreign_key="portal_plugin.slug", max_length=20, index=True)
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    is_on: bool
    switched_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    switched_at: datetime
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class ModuleInsistence(Identified, table=True):
    """The first of two people who switch a module off against its objections, with the reason.

    A second person confirms within a day, or the insistence lapses.
    """

    __tablename__ = "portal_plugin_insistence"
    __table_args__ = (UniqueConstraint("agency_id", "slug"),)

    slug: str = Field(foreign_key="portal_plugin.slug", max_length=20)
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    user_id: UUID = Field(foreign_key="portal_user.id")
    reason_sealed: bytes
    insisted_at: datetime


class ModuleChange(SQLModel, table=True):
    """One number, raised by every switch: read with the sign-in, it tells what to look up anew."""

    __tablename__ = "portal_plugin_change"

    id: int = Field(primary_key=True)
    number: int


class ModuleHealth(SQLModel, table=True):
    """How a module answers one hook: calls, time in milliseconds, failures since it was admitted.

    `last_error` is the type of the error and the line of code, never its text.
    """

    __tablename__ = "portal_plugin_health"

    slug: str = Field(primary_key=True, max_length=20)
    hook: str = Field(primary_key=True, max_length=40)
    calls: int = 0
    milliseconds: int = 0
    slowest: int = 0
    failures: int = 0
    last_failure_at: datetime | None = None
    last_error: str = Field(default="", max_length=200)
