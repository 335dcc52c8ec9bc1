"""The one task table: events to deliver, jobs to run, periodic work."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Index

from portal.db import Identified


class Task(Identified, table=True):
    """Work written in the transaction of the act that asks for it, done at least once.

    `name` is an event's class name or a job's name; `payload` holds identifiers, never contents.
    `finished` names the handlers that are through, so that a retry repeats only the others.
    """

    __tablename__ = "portal_task"
    __table_args__ = (Index("ix_portal_task_due", "done_at", "parked_at", "due_at"),)

    kind: str = Field(max_length=10)
    name: str = Field(max_length=80)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    due_at: datetime
    taken_until: datetime | None = None
    attempts: int = 0
    finished: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    done_at: datetime | None = None
    parked_at: datetime | None = None
    error: str = Field(default="", max_length=200)
    created_at: datetime
