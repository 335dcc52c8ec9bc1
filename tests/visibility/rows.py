"""Cases, institutions, people and pieces as rows, whatever the services would let anybody make.

Levels are lowered, accesses end, people are barred: what is left behind is what a rule must bear.
"""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from portal import clock
from portal.cases.models import BarKind as Bar
from portal.cases.models import (
    Case,
    CaseAssignment,
    CaseBar,
    CaseChild,
    CaseGrant,
    CaseParty,
    CaseRight,
    Circle,
    Entry,
    EntryKind,
    EntryReader,
    Level,
    Priority,
    Right,
    RightState,
    Situation,
)
from portal.cases.worklist import rewrite
from portal.db import new_id
from portal.db.sealing import seal
from portal.people.models import Person
from tests.visibility.rules import ENDED, EXPIRED, File, Piece, Someone, World

HOUR = timedelta(hours=1)


def put_case(session: Session, world: World, code: str, standing: dict[str, str]) -> File:
    """Put an open case with a child and its institutions; the first of `standing` leads it."""
    lead, now = next(iter(standing)), clock.now() - 3 * HOUR
    case = Case(
        code=code,
        serial=len(world.files) + 1,
        serial_year=now.year,
        lead_agency_id=world.agencies[lead].id,
        situation=Situation.RISK,
        priority=Priority.REGULAR,
        district="220501",
        received_at=now,
        opened_at=now,
    )
    surname = f"Shihuahuaco{len(world.files)}x"
    child = Person(given_names="Tangara", first_surname=surname, estimated_age=6, created_at=now)
    session.add_all([case, child])
    session.flush()
    session.add(CaseChild(case_id=case.id, person_id=child.id))
    session.add_all(
        CaseRight(
            case_id=case.id,
            person_id=child.id,
            right=right,
            state=RightState.TO_VERIFY,
            since=clock.today(),
        )
        for right in Right
    )
    file = File(case.id, code, lead, dict(standing), [f"Tangara {surname}"], [child.id])
    world.files.append(file)
    for agency, how in standing.items():
        _put_party(session, world, file, agency, how)
    rewrite(session, case)
    return file


def close(session: Session, file: File) -> None:
    """Close a case, whatever stands against it."""
    case = session.get_one(Case, file.id)
    case.close(at=clock.now())
    rewrite(session, case)
    file.is_open = False


def _put_party(session: Session, world: World, file: File, agency: str, how: str) -> None:
    now = clock.now()
    session.add(
        CaseParty(
            case_id=file.id,
            agency_id=world.agencies[agency].id,
            level=Level(how) if how in tuple(Level) else Level.TEAM,
            legal_basis="Prueba",
            since=now - 3 * HOUR,
            until=now - HOUR if how == EXPIRED else None,
            ended_at=now - HOUR if how == ENDED else None,
        )
    )


def assign(session: Session, world: World, file: File, person: Someone) -> None:
    """Assign a person to a case, for the person's agency."""
    session.add(
        CaseAssignment(
            case_id=file.id,
            agency_id=world.agencies[person.agency].id,
            user_id=person.user.id,
            since=clock.now() - 2 * HOUR,
        )
    )
    file.assigned.add((person.agency, person.user.id))


def bar(session: Session, file: File, person: Someone) -> None:
    """Bar a person from a case."""
    own = new_id()
    session.add(
        CaseBar(
            id=own,
            case_id=file.id,
            user_id=person.user.id,
            kind=Bar.BARRED,
            reason_sealed=seal(session, file.id, "portal_case_bar", "reason_sealed", own, "Prueba"),
            at=clock.now() - 2 * HOUR,
        )
    )
    file.barred.add(person.user.id)


def grant(session: Session, world: World, file: File, person: Someone) -> None:
    """Let a person's emergency access to a case run for the hours that a measure may take."""
    now = clock.now()
    session.add(
        CaseGrant(
            case_id=file.id,
            agency_id=world.agencies[person.agency].id,
            user_id=person.user.id,
            reason_sealed=b"Prueba",
            opened_at=now,
            until=now + 5 * HOUR,
            review_due_on=clock.today(),
        )
    )
    file.emergencies.add((person.agency, person.user.id))


def write(
    session: Session,
    world: World,
    file: File,
    author: Someone,
    circle: Circle,
    *,
    readers: set[UUID] | None = None,
    kind: EntryKind = EntryKind.NOTE,
) -> Piece:
    """Write a piece of a circle, sealed to some where the circle says so."""
    own, now = new_id(), clock.now() - 2 * HOUR
    text = f"Nota {circle.value} de {author.agency}, {len(world.files)}-{len(file.pieces)}x"
    sealed = circle is Circle.SEALED
    session.add(
        Entry(
            id=own,
            case_id=file.id,
            kind=kind,
            circle=circle,
            author_id=author.user.id,
            agency_id=world.agencies[author.agency].id,
            happened_at=now,
            recorded_at=now,
            text="" if sealed else text,
            text_sealed=(
                seal(session, file.id, "portal_case_entry", "text_sealed", own, text)
                if sealed
                else None
            ),
        )
    )
    session.flush()
    for reader in readers or ():
        session.add(EntryReader(entry_id=own, user_id=reader, at=now))
    piece = Piece(own, circle, author.agency, author.user.id, set(readers or ()), text)
    file.pieces.append(piece)
    return piece
