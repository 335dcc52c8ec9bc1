"""The work of retention: each record of an approved erasure is a task of its own."""

from typing import Any, cast
from uuid import UUID

from flask import current_app
from sqlmodel import Session

from portal import events
from portal.db import WritingSession
from portal.retention import erasing
from portal.retention.services import JOB


def _erase(session: Session, payload: dict[str, Any]) -> None:
    folder = current_app.extensions["portal"].settings.data_dir
    erasing.carry_out(cast(WritingSession, session), UUID(payload["item"]), folder)


def register() -> None:
    """Let the worker erase what two people approved."""
    events.job(JOB, _erase)
