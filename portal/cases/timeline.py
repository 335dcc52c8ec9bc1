"""Entries of the timeline (actuaciones): written, corrected and struck, never deleted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.cases.mentions import mention, names_in
from portal.cases.models import Case, Circle, Entry, EntryKind, EntryReader, Level
from portal.cases.queries import access_to, access_to_act, get_case, get_entry, must_work
from portal.db.sealing import seal, unseal
from portal.errors import Conflict, Forbidden, Invalid, Problem
from portal.texts import _l

TABLE = "portal_case_entry"
# What a person writes into the timeline itself; the rest tells of a record that has its own page.
WRITTEN = (EntryKind.NOTE, EntryKind.ACT, EntryKind.VISIT)


def log(
    session: Session,
    actor: Actor,
    case: Case,
    *,
    kind: EntryKind,
    title: str,
    facts: Mapping[str, str] | None = None,
    text: str = "",
    circle: Circle = Circle.TEAM,
    happened_at: datetime | None = None,
    person_id: UUID | None = None,
) -> Entry:
    """Put an entry on a case that the caller may write to: what services tell of themselves.

    `title` is marked with `msgid`, filled by `facts` and translated when it is read.
    """
    entry = Entry(
        case_id=case.id,
        kind=kind,
        circle=circle,
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        person_id=person_id,
        happened_at=happened_at or clock.now(),
        recorded_at=clock.now(),
        title=title,
        facts=dict(facts or {}),
    )
    if circle is Circle.SEALED:
        entry.text_sealed = seal(session, case.id, TABLE, "text_sealed", entry.id, text)
    else:
        entry.text = text
    session.add(entry)
    session.flush()
    return entry


def write_entry(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    kind: EntryKind,
    title: str = "",
    facts: Mapping[str, str] | None = None,
    text: str = "",
    circle: Circle = Circle.TEAM,
    happened_at: datetime | None = None,
    person_id: UUID | None = None,
    readers: Sequence[UUID] = (),
) -> Entry:
    """Write an entry; raises Invalid for a future hour, or a circle wider than the actor's level.

    A sealed entry is read by its author and the `readers` named here. Who is mentioned in the text
    (`@name`) is told; raises Invalid for whoever may not read it.
    """
    case = get_case(session, actor, case_id)
    access = access_to(session, actor, case)
    must_work(session, case, access, *Level)
    if circle not in access.circles:
        raise Invalid(Problem("circle", _l("Choose who may read this among those offered.")))
    if happened_at is not None and happened_at > clock.now():
        raise Invalid(Problem("happened_at", _l("This date lies in the future.")))
    entry = log(
        session,
        actor,
        case,
        kind=kind,
        title=title,
        facts=facts,
        text=text,
        circle=circle,
        happened_at=happened_at,
        person_id=person_id,
    )
    if circle is Circle.SEALED:
        for user_id in set(readers) - {actor.user_id}:
            session.add(EntryReader(entry_id=entry.id, user_id=user_id, at=clock.now()))
        session.flush()
    mention(session, actor, case, entry, names_in(text))
    audit.record(session, actor, "cases.entry.write", entry.id, case=case.id, circle=circle.value)
    return entry


def open_sealed(session: Session, actor: Actor, case: Case, entry: Entry) -> str:
    """Return a sealed entry's text to its author or a person named; each opening is noted.

    Raises Forbidden, saying who can name a reader.
    """
    named = session.scalar(
        sa.select(
            sa.exists().where(
                col(EntryReader.entry_id) == entry.id, col(EntryReader.user_id) == actor.user_id
            )
        )
    )
    if entry.author_id != actor.user_id and not named:
        raise Forbidden(_l("Ask the author of this entry to name you as a reader."))
    audit.note_read(session, actor, "cases.entry.unseal", entry.id, case=case.id)
    return unseal(session, case.id, TABLE, "text_sealed", entry.id, entry.text_sealed or b"")


def strike_entry(
    session: Session, actor: Actor, case_id: UUID, *, entry_id: UUID, reason: str
) -> Entry:
    """Strike an entry with a reason: by its agency or the lead. It stays readable, struck.

    Why is told to those who may read the text: of a sealed entry the team sees only that it was.
    """
    case, entry = to_strike(session, actor, case_id, entry_id)
    entry.struck_at, entry.struck_by = clock.now(), actor.user_id
    if reason:
        column = "strike_reason_sealed"
        entry.strike_reason_sealed = seal(session, case.id, TABLE, column, entry.id, reason)
    session.flush()
    audit.record(
        session, actor, "cases.entry.strike", entry.id, case=case.id, reason=reason or None
    )
    return entry


def to_strike(session: Session, actor: Actor, case_id: UUID, entry_id: UUID) -> tuple[Case, Entry]:
    """Return an entry that the actor may strike; its form asks this first. Raises as it says."""
    case = get_case(session, actor, case_id)
    entry = get_entry(session, actor, case, entry_id)
    if entry.agency_id != actor.agency_id and not access_to_act(session, actor, case).leads:
        raise Forbidden(_l("Only who wrote this, or the institution in charge, can strike it."))
    if entry.struck_at is not None:
        raise Conflict(_l("This entry was struck already."))
    return case, entry


def correct_entry(
    session: Session, actor: Actor, case_id: UUID, *, entry_id: UUID, text: str
) -> Entry:
    """Write a corrected text beside the old one, in the same circle; the old one stays, struck.

    By the institution that wrote it: nobody puts words into another's mouth. Whoever is mentioned
    in it for the first time is told.
    """
    case, old = to_correct(session, actor, case_id, entry_id)
    if text == old.text:
        raise Invalid(Problem("text", _l("Nothing is different yet.")))
    strike_entry(session, actor, case_id, entry_id=entry_id, reason="")
    new = log(
        session,
        actor,
        case,
        kind=old.kind,
        title=old.title,
        facts=old.facts,
        text=text,
        circle=old.circle,
        happened_at=old.happened_at,
        person_id=old.person_id,
    )
    new.corrects_id = old.id
    session.flush()
    before = set(names_in(old.text))
    names = [name for name in names_in(text) if name not in before]
    mention(session, actor, case, new, names)
    audit.record(session, actor, "cases.entry.correct", new.id, case=case.id)
    return new


def to_correct(session: Session, actor: Actor, case_id: UUID, entry_id: UUID) -> tuple[Case, Entry]:
    """Return an entry that the actor may correct; its form asks this first. Raises as it says."""
    case = get_case(session, actor, case_id)
    old = get_entry(session, actor, case, entry_id)
    if old.agency_id != actor.agency_id or old.author_id is None or old.title:
        raise Forbidden(_l("Only who wrote this can correct it."))
    if old.kind not in WRITTEN:
        raise Conflict(_l("This tells of what is recorded elsewhere: correct it there."))
    must_work(session, case, access_to_act(session, actor, case), *Level)
    if old.struck_at is not None:
        raise Conflict(_l("This entry was struck already."))
    if old.circle is Circle.SEALED:
        raise Conflict(_l("A sealed entry is corrected by writing a new one."))
    return case, old
