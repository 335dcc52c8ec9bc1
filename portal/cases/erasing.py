"""Emptying cases whose erasure two people decided: the rows stay, without a person."""

import secrets
from collections.abc import Collection, Iterator
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.cases import worklist
from portal.cases.models import (
    Case,
    CaseAssignment,
    CaseBar,
    CaseChild,
    CaseGrant,
    CaseParty,
    CaseRight,
    CaseRightStep,
    Closing,
    ClosingChild,
    Entry,
    EntryMove,
    EntryReader,
    Term,
)
from portal.personal import Erased
from portal.texts import msgid

# What stands on an act that spoke of a child whose data went.
GONE = msgid("It spoke of one child only, whose data were erased")


def erase_cases(session: Session, case_ids: Collection[UUID]) -> list[Erased]:
    """Empty the cases; return how many rows of each table were emptied.

    Nobody is on them afterwards, and each has a code that nobody knows. What is sealed ends with
    the case's key, which the caller destroys: bars, readers and emergencies keep their rows.
    """
    erased = [Erased(table=table, erased=count) for table, count in _emptied(session, case_ids)]
    session.flush()
    _close(session, case_ids)
    return erased


def _emptied(session: Session, case_ids: Collection[UUID]) -> Iterator[tuple[str, int]]:
    for case in session.scalars(sa.select(Case).where(col(Case.id).in_(case_ids))):
        case.code = f"X-{secrets.token_hex(10)}"
        case.summary = case.measure = ""
        case.groups = []
        yield "portal_case", 1
    children = sa.select(CaseChild).where(col(CaseChild.case_id).in_(case_ids))
    for child in session.scalars(children):
        child.whereabouts_sealed = None
        yield "portal_case_child", 1
    for right in session.scalars(sa.select(CaseRight).where(col(CaseRight.case_id).in_(case_ids))):
        right.next_step = right.evidence = ""
        yield "portal_case_right", 1
    steps = sa.select(CaseRightStep).where(col(CaseRightStep.case_id).in_(case_ids))
    for step in session.scalars(steps):
        step.next_step = step.evidence = ""
        yield "portal_case_right_step", 1
    for entry in session.scalars(sa.select(Entry).where(col(Entry.case_id).in_(case_ids))):
        entry.title = entry.text = ""
        entry.facts, entry.text_sealed, entry.strike_reason_sealed = {}, None, None
        yield "portal_case_entry", 1
    for term in session.scalars(sa.select(Term).where(col(Term.case_id).in_(case_ids))):
        term.late_reason, term.suspensions = "", []
        yield "portal_case_term", 1
    closings = session.scalars(sa.select(Closing).where(col(Closing.case_id).in_(case_ids))).all()
    for closing in closings:
        closing.document = closing.basis = closing.explanation = closing.reopen_reason = ""
        yield "portal_case_closing", 1
    ids = [closing.id for closing in closings]
    ended = sa.select(ClosingChild).where(col(ClosingChild.closing_id).in_(ids))
    for told in session.scalars(ended):
        told.lacking_reason = ""
        yield "portal_case_closing_child", 1
    entries = sa.select(col(Entry.id)).where(col(Entry.case_id).in_(case_ids))
    for table, mine in (
        (CaseBar, col(CaseBar.case_id).in_(case_ids)),
        (CaseGrant, col(CaseGrant.case_id).in_(case_ids)),
        (EntryReader, col(EntryReader.entry_id).in_(entries)),
        (EntryMove, col(EntryMove.entry_id).in_(entries)),
    ):
        count = session.scalar(sa.select(sa.func.count()).select_from(table).where(mine))
        yield str(table.__tablename__), count or 0


def erase_child(session: Session, person_id: UUID, case_ids: Collection[UUID]) -> list[Erased]:
    """Take a child out of cases that stay for its siblings; return what went, by table.

    What does not name this child alone is the others' too, and stays. An act keeps its row and day.
    """
    erased: list[Erased] = []
    for table in (CaseChild, CaseRight, CaseRightStep):
        mine = (col(table.case_id).in_(case_ids), col(table.person_id) == person_id)
        gone = session.execute(sa.delete(table).where(*mine))
        erased.append(Erased(table=str(table.__tablename__), erased=gone.rowcount))  # type: ignore[attr-defined]
    closings = sa.select(col(Closing.id)).where(col(Closing.case_id).in_(case_ids))
    ended = (col(ClosingChild.closing_id).in_(closings), col(ClosingChild.person_id) == person_id)
    gone = session.execute(sa.delete(ClosingChild).where(*ended))
    erased.append(Erased(table="portal_case_closing_child", erased=gone.rowcount))  # type: ignore[attr-defined]
    own = (col(Entry.case_id).in_(case_ids), col(Entry.person_id) == person_id)
    entries = session.scalars(sa.select(Entry).where(*own)).all()
    for entry in entries:
        entry.title, entry.text, entry.facts = GONE, "", {}
        entry.text_sealed = entry.strike_reason_sealed = None
    ids = [entry.id for entry in entries]
    for told, whose in (
        (EntryReader, col(EntryReader.entry_id)),
        (EntryMove, col(EntryMove.entry_id)),
    ):
        session.execute(sa.update(told).where(whose.in_(ids)).values(reason_sealed=None))
    terms = session.scalars(
        sa.select(Term).where(col(Term.case_id).in_(case_ids), col(Term.person_id) == person_id)
    ).all()
    for term in terms:
        term.late_reason, term.suspensions = "", []
    session.flush()
    for case in session.scalars(sa.select(Case).where(col(Case.id).in_(case_ids))):
        worklist.rewrite(session, case)
    return [
        *erased,
        Erased(table="portal_case_entry", erased=len(entries)),
        Erased(table="portal_case_term", erased=len(terms)),
    ]


def _close(session: Session, case_ids: Collection[UUID]) -> None:
    """End every institution's and person's part in the cases, as of now."""
    now = clock.now()
    for party in session.scalars(
        sa.select(CaseParty).where(
            col(CaseParty.case_id).in_(case_ids), col(CaseParty.ended_at).is_(None)
        )
    ):
        party.ended_at = now
    session.execute(
        sa.update(CaseAssignment)
        .where(col(CaseAssignment.case_id).in_(case_ids), col(CaseAssignment.until).is_(None))
        .values(until=now)
    )
    for case in session.scalars(sa.select(Case).where(col(Case.id).in_(case_ids))):
        worklist.rewrite(session, case)
