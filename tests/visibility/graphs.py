"""Random graphs of who is on which case: the set that SQL gives, the single check and the rule."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlmodel import Session, col

from portal.actor import AgencyKind
from portal.cases import queries as cases
from portal.cases.models import Case, Circle, Entry, Level
from portal.db import Database
from portal.people.models import Person
from tests.factories.agencies import make_agency
from tests.visibility import rows
from tests.visibility.asking import answered, ids
from tests.visibility.matrix import POSTS, put_someone
from tests.visibility.rules import ENDED, EXPIRED, NONE, File, Someone, World

AGENCIES = {
    "UPE": AgencyKind.UPE,
    "DEM": AgencyKind.DEMUNA,
    "JUZ": AgencyKind.COURT,
    "DEF": AgencyKind.DEFENSORIA,
    "SAL": AgencyKind.HEALTH,
}
HOW = (*(Level.TEAM.value, Level.INFORMED.value, NONE), NONE, ENDED, EXPIRED)
BATCH, ASKED = 50, 4


@dataclass
class Compared:
    """How many graphs and questions were compared, and where the three ways differ."""

    graphs: int = 0
    questions: int = 0
    wrong: list[str] = field(default_factory=list)

    def equal(self, what: str, *answers: object) -> None:
        """Hold that the ways of answering one question agree."""
        self.questions += 1
        if any(answer != answers[0] for answer in answers):
            self.wrong.append(f"{what}: {answers}")


def compare(db: Database, *, count: int, seed: int = 4) -> Compared:
    """Make so many graphs and compare, in each, what some people see."""
    dice, world, done = random.Random(seed), World(), Compared()
    with db.write() as session:
        for code, kind in AGENCIES.items():
            world.agencies[code] = make_agency(session, f"G-{code}", kind, name=f"Casa {code}")
            for post in POSTS:
                world.people.append(put_someone(session, world, post, code))
        session.flush()
    while done.graphs < count:
        drawn = min(BATCH, count - done.graphs)
        with db.write() as session:
            graphs = [_draw(session, world, dice, done.graphs + n) for n in range(drawn)]
            session.flush()
        with db.read() as session:
            for files in graphs:
                for person in dice.sample(world.people, ASKED):
                    _compare(session, world, person, files, done)
        done.graphs += drawn
    return done


def _draw(session: Session, world: World, dice: random.Random, number: int) -> list[File]:
    """Draw one to three cases, each with its institutions, people and pieces."""
    return [
        _draw_case(session, world, dice, f"GRAFO-{number}-{each}")
        for each in range(dice.randint(1, 3))
    ]


def _draw_case(session: Session, world: World, dice: random.Random, code: str) -> File:
    lead = dice.choice(sorted(AGENCIES.keys() - {"DEF"}))
    standing = {lead: Level.LEAD.value}
    for agency in AGENCIES:
        if agency != lead and (how := dice.choice(HOW)) != NONE:
            standing[agency] = how
    file = rows.put_case(session, world, code, standing)
    for person in _some(dice, world.people, 0.25):
        rows.assign(session, world, file, person)
    for person in _some(dice, world.people, 0.2):
        rows.bar(session, file, person)
    for person in _some(dice, world.people, 0.15):
        rows.grant(session, world, file, person)
    named = {person.user.id for person in _some(dice, world.people, 0.3)}
    for circle in dice.sample(list(Circle), 2):
        author = dice.choice(world.people)
        readers = named if circle is Circle.SEALED else None
        rows.write(session, world, file, author, circle, readers=readers)
    if dice.random() < 0.3:
        rows.close(session, file)
    return file


def _some(dice: random.Random, people: list[Someone], share: float) -> Iterator[Someone]:
    return (person for person in people if dice.random() < share)


def _compare(
    session: Session, world: World, person: Someone, files: list[File], done: Compared
) -> None:
    """Compare what one person sees of a graph's cases, children and pieces."""
    actor, here = person.actor, col(Case.id).in_([file.id for file in files])
    known = ids(session, col(Case.id), here, cases.visible_cases(actor))
    children = [child for file in files for child in file.children]
    read = ids(session, col(Person.id), col(Person.id).in_(children), cases.visible_people(actor))
    pieces = [piece.id for file in files for piece in file.pieces]
    seen = ids(session, col(Entry.id), col(Entry.id).in_(pieces), cases.visible_entries(actor))
    for file in files:
        who = f"{person}, {file.code}"
        case = cases.find_case(session, actor, file.id)
        done.equal(who, file.id in known, case is not None, world.sees(person, file))
        reads = case is not None and cases.access_to(session, actor, case).reads_all
        done.equal(
            f"{who} identity", file.children[0] in read, reads, world.reads_all(person, file)
        )
        for piece in file.pieces:
            found = case and answered(cases.get_entry, session, actor, case, piece.id)
            done.equal(
                f"{who} {piece.circle}",
                piece.id in seen,
                found is not None,
                world.sees_piece(person, file, piece),
            )
