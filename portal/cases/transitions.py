"""Objections to closing, merging or transferring a case, asked of whoever registered.

Contexts above `cases` (referrals, commitments) register a function here from the factory, and
modules answer through their `check_transition` hook: both speak the same words.
"""

from collections.abc import Callable
from uuid import UUID

from sqlmodel import Session, col, select

from portal import host
from portal.actor import Actor
from portal.cases.models import CaseParty
from portal.host.slots import Objection

Objector = Callable[[Session, Actor, UUID, str], list[Objection]]

_objectors: dict[str, Objector] = {}


def objector(name: str, ask: Objector) -> None:
    """Register who may object to a transition of a case; the same name replaces."""
    _objectors[name] = ask


def objections(session: Session, actor: Actor, case_id: UUID, transition: str) -> list[Objection]:
    """Return every reason against a transition, the core's first, then the modules'."""
    found = [
        objection
        for ask in _objectors.values()
        for objection in ask(session, actor, case_id, transition)
    ]
    agencies = session.exec(
        select(col(CaseParty.agency_id)).where(
            col(CaseParty.case_id) == case_id, col(CaseParty.ended_at).is_(None)
        )
    ).all()
    return found + host.case_objections(session, actor, case_id, transition, frozenset(agencies))
