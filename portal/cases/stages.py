"""The legal stage of a case and its measure, kept by the module that owns the procedure."""

from uuid import UUID

from sqlmodel import Session

from portal import audit
from portal.actor import Actor
from portal.cases.models import EntryKind, Level
from portal.cases.services import open_for
from portal.cases.timeline import log
from portal.texts import msgid


def set_stage(
    session: Session, actor: Actor, case_id: UUID, *, stage: str, measure: str | None = None
) -> None:
    """Set the stage of an open case, and the measure in force where it changes too.

    `stage` and `measure` are texts marked with `msgid`, translated where they are shown; an empty
    measure says that none is in force. By the lead. Setting what stands already does nothing.
    """
    case = open_for(session, actor, case_id, Level.LEAD)
    measure = case.measure if measure is None else measure
    changed = sorted(
        name
        for name, value in (("stage", stage), ("measure", measure))
        if getattr(case, name) != value
    )
    if not changed:
        return
    case.stage, case.measure = stage, measure
    session.flush()
    audit.record(session, actor, "cases.case.stage", case.id, case=case.id, fields=changed)
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=stage or msgid("The case is in no legal stage"),
    )
