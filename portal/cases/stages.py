"""The legal stage of a case and its measure: set by the module that owns the procedure.

What the core itself records of the procedure sets it too: the declaration of provisional
unprotection, from which the copies for the court run, and a reopening.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from portal import audit, clock
from portal.actor import Actor
from portal.cases import worklist
from portal.cases.models import Case, EntryKind, Level, Situation
from portal.cases.services import open_for
from portal.cases.timeline import log
from portal.texts import msgid

DECLARED = msgid("Provisional unprotection declared")


def set_stage(
    session: Session, actor: Actor, case_id: UUID, *, stage: str, measure: str | None = None
) -> None:
    """Set the stage of an open case, and the measure in force where it changes too.

    `stage` and `measure` are texts marked with `msgid`, translated where they are shown; an empty
    measure says that none is in force. By the lead. Setting what stands already does nothing.
    """
    case = open_for(session, actor, case_id, Level.LEAD)
    measure = case.measure if measure is None else measure
    if _set(session, actor, case, {"stage": stage, "measure": measure}):
        log(
            session,
            actor,
            case,
            kind=EntryKind.ACT,
            title=stage or msgid("The case is in no legal stage"),
        )


def declare_unprotection(
    session: Session, actor: Actor, case: Case, *, resolution: str, at: datetime, measure: str
) -> None:
    """Let a case of the lead stand in provisional unprotection, with its measure (DL 50).

    What the situation was before has ended with it. An empty measure leaves the one that stands.
    """
    _set(
        session,
        actor,
        case,
        {
            "stage": DECLARED,
            "measure": measure or case.measure,
            "situation": Situation.UNPROTECTION,
        },
    )
    worklist.rewrite(session, case)
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=msgid("Provisional unprotection declared by resolution %(number)s"),
        facts={"number": resolution},
        happened_at=min(at, clock.now()),
    )


def _set(session: Session, actor: Actor, case: Case, values: dict[str, str]) -> bool:
    """Set what changes of a case; says whether anything did."""
    changed = sorted(name for name, value in values.items() if getattr(case, name) != value)
    for name in changed:
        setattr(case, name, values[name])
    if changed:
        session.flush()
        audit.record(session, actor, "cases.case.stage", case.id, case=case.id, fields=changed)
    return bool(changed)
