"""Who may read a piece, changed after it was written: narrowed, widened with a reason, sealed.

What was written by whom stays; the history of its circles is kept and shown to those who read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.queries import case_workers
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseAssignment, Circle, Entry, EntryMove, EntryReader
from portal.cases.queries import get_entry
from portal.cases.rules import circles_to, is_outward
from portal.cases.timeline import TABLE
from portal.cases.visibility import access_to_act, get_case
from portal.db import AnyColumns, new_id, rows
from portal.db.sealing import seal, unseal
from portal.errors import Conflict, Forbidden, Invalid, Problem
from portal.sharing.inputs import MoveEntry, NameReaders
from portal.texts import _l
from portal.users.models import User
from portal.users.queries import find_user

MOVES = "portal_case_entry_move"
READERS = "portal_case_entry_reader"


def choices_for(session: Session, actor: Actor, case: Case, entry: Entry) -> tuple[Circle, ...]:
    """Return where the actor may move an entry that was read already; empty where nowhere."""
    is_told = bool(entry.title) or entry.struck_at is not None
    if is_told or entry.author_id is None or not case.is_open:
        return ()
    is_author = entry.author_id == actor.user_id and entry.agency_id == actor.agency_id
    return circles_to(entry.circle, access_to_act(session, actor, case), is_author=is_author)


def move_entry(
    session: Session, actor: Actor, case_id: UUID, *, entry_id: UUID, given: MoveEntry
) -> Entry:
    """Move an entry to another circle; outward needs a reason.

    Its author narrows freely and widens up to the team, wider is the lead's. Sealed, its text is
    encrypted and opens to the author and the `readers` named; unsealed, their names go. Raises
    Forbidden for who may not, Invalid without the reason.
    """
    case = get_case(session, actor, case_id)
    entry = get_entry(session, actor, case, entry_id)
    choices = choices_for(session, actor, case, entry)
    if not choices:
        raise Forbidden(_l("Its author, or the institution in charge, decides who reads this."))
    if given.circle not in choices:
        raise Invalid(Problem("circle", _l("Choose who may read this among those offered.")))
    outward = is_outward(entry.circle, given.circle)
    if outward and not given.reason:
        raise Invalid(Problem("reason", _l("More people will read this: say why.")))
    own = new_id()
    move = EntryMove(
        id=own,
        entry_id=entry.id,
        user_id=actor.user_id,
        agency_id=actor.agency_id,
        at=clock.now(),
        old=entry.circle,
        new=given.circle,
        reason_sealed=(
            seal(session, case.id, MOVES, "reason_sealed", own, given.reason)
            if given.reason
            else None
        ),
    )
    _keep_text(session, case, entry, given.circle)
    entry.circle = given.circle
    if given.circle is Circle.SEALED:
        _check_colleagues(session, actor, given.readers)
        for user_id in set(given.readers) - {actor.user_id}:
            session.add(EntryReader(entry_id=entry.id, user_id=user_id, at=clock.now()))
    session.add(move)
    session.flush()
    audit.record(
        session,
        actor,
        "sharing.entry.move",
        entry.id,
        case=case.id,
        reason=given.reason or None,
        old=move.old.value,
        new=move.new.value,
    )
    return entry


def _keep_text(session: Session, case: Case, entry: Entry, circle: Circle) -> None:
    """Encrypt what goes behind a seal, in the same row; bring back what comes from behind it."""
    if circle is Circle.SEALED:
        entry.text_sealed = seal(session, case.id, TABLE, "text_sealed", entry.id, entry.text)
        entry.text = ""
    elif entry.circle is Circle.SEALED:
        cell = entry.text_sealed or b""
        entry.text = unseal(session, case.id, TABLE, "text_sealed", entry.id, cell)
        entry.text_sealed = None
        session.execute(sa.delete(EntryReader).where(col(EntryReader.entry_id) == entry.id))


def _check_colleagues(session: Session, actor: Actor, readers: Sequence[UUID]) -> None:
    known = {user_id for user_id, _name in case_workers(session, actor.agency_id)}
    if not set(readers) <= known:
        raise Invalid(Problem("readers", _l("Choose among the people offered.")))


def name_readers(
    session: Session, actor: Actor, case_id: UUID, *, entry_id: UUID, given: NameReaders
) -> list[UUID]:
    """Name further readers of a sealed entry, with a reason: its author alone does.

    Colleagues are chosen; a person of another institution of the case is named by the exact user
    name, and only if assigned there. Raises Invalid where nobody is named.
    """
    case = get_case(session, actor, case_id)
    entry = get_entry(session, actor, case, entry_id)
    if entry.circle is not Circle.SEALED:
        raise Conflict(_l("This piece is not of restricted access."))
    if entry.author_id != actor.user_id:
        raise Forbidden(_l("Ask the author of this entry to name you as a reader."))
    _check_colleagues(session, actor, given.readers)
    wanted = [*given.readers, *_of_others(session, case, given.username)]
    named = set(
        session.scalars(
            sa.select(col(EntryReader.user_id)).where(col(EntryReader.entry_id) == entry.id)
        )
    )
    added = [each for each in dict.fromkeys(wanted) if each not in named | {actor.user_id}]
    if not added:
        raise Invalid(Problem("readers", _l("Name somebody who does not read it yet.")))
    for user_id in added:
        own = new_id()
        session.add(
            EntryReader(
                id=own,
                entry_id=entry.id,
                user_id=user_id,
                at=clock.now(),
                reason_sealed=seal(session, case.id, READERS, "reason_sealed", own, given.reason),
            )
        )
    session.flush()
    audit.record(
        session,
        actor,
        "sharing.entry.name_readers",
        entry.id,
        case=case.id,
        reason=given.reason,
        users=[str(user_id) for user_id in added],
    )
    return added


def _of_others(session: Session, case: Case, username: str) -> list[UUID]:
    if not username:
        return []
    user = find_user(session, username)
    works = user is not None and session.scalar(
        sa.select(
            sa.exists().where(
                col(CaseAssignment.case_id) == case.id,
                col(CaseAssignment.user_id) == user.id,
                col(CaseAssignment.until).is_(None),
            )
        )
    )
    if user is None or not works:
        raise Invalid(
            Problem("username", _l("Nobody who is assigned to this case has exactly this name."))
        )
    return [user.id]


def is_first_reader(session: Session, actor: Actor, entry: Entry) -> bool:
    """Tell whether the actor wrote a sealed entry or was named when it was sealed.

    Whoever was named later proves again who it is before it opens (SECURITY 5.4).
    """
    if entry.author_id == actor.user_id:
        return True
    first = sa.exists().where(
        col(EntryReader.entry_id) == entry.id,
        col(EntryReader.user_id) == actor.user_id,
        col(EntryReader.reason_sealed).is_(None),
    )
    return bool(session.scalar(sa.select(first)))


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A change of an entry's circle: when, by whom, from where to where, and why."""

    at: datetime
    person: str
    agency: str
    old: Circle
    new: Circle
    reason: str


def list_moves(session: Session, case: Case, entry: Entry) -> list[MoveRow]:
    """Return how the circle of an entry, which the caller reads, changed: the latest first."""
    statement: AnyColumns = (
        sa.select(
            col(EntryMove.id),
            col(EntryMove.at),
            sa.func.coalesce(col(User.name), ""),
            sa.func.coalesce(col(Agency.name), ""),
            col(EntryMove.old),
            col(EntryMove.new),
            col(EntryMove.reason_sealed),
        )
        .join(User, col(User.id) == col(EntryMove.user_id), isouter=True)
        .join(Agency, col(Agency.id) == col(EntryMove.agency_id), isouter=True)
        .where(col(EntryMove.entry_id) == entry.id)
        .order_by(col(EntryMove.at).desc())
    )
    return [
        MoveRow(
            at,
            person,
            agency,
            old,
            new,
            unseal(session, case.id, MOVES, "reason_sealed", own, cell) if cell else "",
        )
        for own, at, person, agency, old, new, cell in rows(session, statement)
    ]


def list_readers(session: Session, entry: Entry) -> list[str]:
    """Return the names of those who were named to read a sealed entry, for its author."""
    statement = (
        sa.select(col(User.name))
        .join(EntryReader, col(EntryReader.user_id) == col(User.id))
        .where(col(EntryReader.entry_id) == entry.id)
        .order_by(col(User.name))
    )
    return list(session.scalars(statement))
