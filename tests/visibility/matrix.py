"""The access matrix: role × standing × circle × authorship × verb × module, and what each answers.

Two cases, open and closed, lie at the same institutions; at each of these stand people of every
role in every situation. Each cell has an answer from the plain rule; `asking` asks the portal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, product
from typing import NamedTuple

from sqlmodel import Session

from portal import clock
from portal.actor import Actor, AgencyKind, Role, system_actor
from portal.cases.models import Circle, EntryKind, Level
from portal.cases.terms import start_term
from portal.db import new_id
from portal.host import services as modules
from tests.factories.agencies import make_agency, make_member, put_on_duty
from tests.visibility import rows
from tests.visibility.rules import ENDED, EXPIRED, NONE, File, Piece, Someone, World

# Institution, what it is on both cases, its kind; the Defensoría supervises where it is informed.
STANDINGS = {
    "UPE": (Level.LEAD.value, AgencyKind.UPE),
    "DEM": (Level.TEAM.value, AgencyKind.DEMUNA),
    "JUZ": (Level.INFORMED.value, AgencyKind.COURT),
    "DEF": (Level.INFORMED.value, AgencyKind.DEFENSORIA),
    "DEN": (NONE, AgencyKind.DEMUNA),
    "UPX": (ENDED, AgencyKind.UPE),
    "JUX": (EXPIRED, AgencyKind.COURT),
}
OTHER, TARGET = "OTR", "MET"
PLATFORM = ""
POSTS: dict[str, tuple[frozenset[Role], bool]] = {
    "coordinator": (frozenset({Role.COORDINATOR}), False),
    "caseworker": (frozenset({Role.CASEWORKER}), False),
    "on_duty": (frozenset({Role.DUTY_OFFICER}), True),
    "off_duty": (frozenset({Role.DUTY_OFFICER}), False),
    "carer": (frozenset({Role.CARER}), False),
    "viewer": (frozenset({Role.VIEWER}), False),
    "agency_admin": (frozenset({Role.AGENCY_ADMIN}), False),
    "privacy_officer": (frozenset({Role.PRIVACY_OFFICER}), False),
    "role_ended": (frozenset(), False),
    "staff_of_agency": (frozenset(), False),
    "staff_of_platform": (frozenset(), False),
}
STAFF = {"staff_of_agency": Role.AGENCY_ADMIN, "staff_of_platform": Role.PLATFORM_ADMIN}
INSTANCE = (Role.PLATFORM_ADMIN, Role.AUDITOR)
# What a person is to the case: assigned, barred, with emergency access running.
WAYS = tuple(product((False, True), repeat=3))
ACTS = (
    "write agency",
    "write team",
    "write parties",
    "write sealed",
    "share to inform",
    "share to intervene",
    "refer",
    "edit",
    "assign",
    "bar",
    "close",
)
DOES, REFUSED, ABSENT = "does", "refused", "absent"


class Cell(NamedTuple):
    """One question: of a case, by somebody at an institution, what, and about which piece."""

    state: str
    agency: str
    who: str
    verb: str
    what: str = ""


@dataclass
class Matrix:
    """What was put into the database, and the cells with the answer that the rule gives."""

    world: World = field(default_factory=World)
    authors: dict[str, Someone] = field(default_factory=dict)
    pieces: dict[tuple[str, str, str], Piece] = field(default_factory=dict)
    expected: dict[Cell, bool | str] = field(default_factory=dict)

    def own_pieces(self, person: Someone, file: File) -> Iterator[tuple[str, Piece]]:
        """Return the pieces of a case that the person is asked about, each with what it is."""
        for name, by in (("colleague", person.agency), ("other", OTHER), ("own", str(person))):
            for circle in Circle:
                if piece := self.pieces.get((file.code, by, circle.value)):
                    yield f"{name} {circle.value}", piece
            if piece := self.pieces.get((file.code, by, "named")):
                yield f"{name} sealed, named", piece


Position = tuple[str, str, tuple[bool, ...]]


def positions() -> list[Position]:
    """Return every institution, post and way of being put to a case, once each.

    Their numbers have no factor in common, so that a walk along the three at once meets all that
    there is; and so few as there are posts meet each institution, each post and each way.
    """
    count = len(STANDINGS) * len(POSTS) * len(WAYS)
    institutions, posts, ways = cycle(STANDINGS), cycle(POSTS), cycle(WAYS)
    found = [(next(institutions), next(posts), next(ways)) for _number in range(count)]
    assert len(set(found)) == count, "the numbers have a factor in common"
    return found


def make_matrix(session: Session, put: Sequence[Position]) -> Matrix:
    """Put cases, institutions, people and pieces, and answer every cell by the rule.

    A person is put at each position: an institution, a post, and a way (assigned or not, barred or
    not, with emergency access or without).
    """
    made = Matrix()
    world = made.world
    kinds = {code: kind for code, (_how, kind) in STANDINGS.items()}
    for code, kind in {**kinds, OTHER: AgencyKind.UPE, TARGET: AgencyKind.POLICE}.items():
        world.agencies[code] = make_agency(session, code, kind, name=f"Casa {code}")
        made.authors[code] = _someone(session, world, "author", code, {Role.COORDINATOR})
    standing = {code: how for code, (how, _kind) in STANDINGS.items() if how != NONE}
    for code in ("ABIERTO-2026-3333", "CERRADO-2026-4444"):
        file = rows.put_case(session, world, code, {**standing, OTHER: Level.TEAM.value})
        _start_term(session, world, file)
    rows.close(session, world.files[1])
    for code, post, way in put:
        _put_person(session, made, code, post, way)
    for role in INSTANCE:
        user = make_member(session, None, role, name=role.value)
        person = Someone(role.value, PLATFORM, user, Actor(user.id, roles=frozenset({role})))
        world.people.append(person)
    _put_pieces(session, made)
    for person, file in product(world.people, world.files):
        _answer(made, person, file)
    return made


def _someone(
    session: Session, world: World, post: str, code: str, roles: set[Role] | frozenset[Role]
) -> Someone:
    agency = world.agencies[code]
    user = make_member(session, agency, *roles, name=f"{post} {code}")
    actor = Actor(
        user.id, agency.id, agency.kind, frozenset(roles), agency_name=agency.name, name=user.name
    )
    return Someone(post, code, user, actor)


def _start_term(session: Session, world: World, file: File) -> None:
    lead = world.agencies[file.lead]
    term = start_term(
        session,
        system_actor(lead.id),
        file.id,
        rule_code="core.risk.evaluation",
        starts_at=clock.now(),
        agency_id=lead.id,
    )
    file.terms.append(term.id)


def put_someone(session: Session, world: World, post: str, code: str, name: str = "") -> Someone:
    """Put a person of a post at an institution: with its roles, shift or staff session."""
    agency, (roles, on_duty) = world.agencies[code], POSTS[post]
    held = {STAFF[post]} if post in STAFF else roles
    is_platforms = Role.PLATFORM_ADMIN in held
    user = make_member(session, None if is_platforms else agency, *held, name=f"{name} {code}")
    if on_duty:
        put_on_duty(session, agency, user)
    actor = Actor(
        user.id,
        agency.id,
        agency.kind,
        roles,
        on_duty,
        agency_name=agency.name,
        staff_session_id=new_id() if post in STAFF else None,
    )
    return Someone(name or post, code, user, actor)


def _put_person(
    session: Session, made: Matrix, code: str, post: str, way: tuple[bool, ...]
) -> None:
    """Put a person of a post who is assigned, barred, in an emergency, to both cases alike."""
    world, words = made.world, ("assigned", "barred", "granted")
    said = [word for word, is_so in zip(words, way, strict=True) if is_so]
    person = put_someone(session, world, post, code, " ".join([post, *said]))
    world.people.append(person)
    for file in world.files:
        is_assigned, is_barred, is_granted = way
        if is_assigned:
            rows.assign(session, world, file, person)
        if is_barred:
            rows.bar(session, file, person)
        if is_granted:
            rows.grant(session, world, file, person)


def _put_pieces(session: Session, made: Matrix) -> None:
    """Put the pieces of a colleague, of another institution and of each person, by circle."""
    world, everybody = made.world, {person.user.id for person in made.world.people}
    for file in world.files:
        for code in (*STANDINGS, OTHER):
            for circle in Circle:
                piece = rows.write(session, world, file, made.authors[code], circle)
                made.pieces[file.code, code, circle.value] = piece
            made.pieces[file.code, code, "named"] = rows.write(
                session, world, file, made.authors[code], Circle.SEALED, readers=everybody
            )
        for person, circle in product(world.people, Circle):
            if person.agency:
                piece = rows.write(session, world, file, person, circle, kind=EntryKind.VISIT)
                made.pieces[file.code, str(person), circle.value] = piece


def acts_asked(person: Someone) -> tuple[str, ...]:
    """Return what a person tries to do: all of it, but whoever has no role for cases two ways only.

    The gate refuses these by their role alone: plainly, and with all that may be put to a case.
    """
    name = person.post.partition(" ")[2]
    return ACTS if person.works or person.is_staff or name in ("", "assigned granted") else ()


def _answer(made: Matrix, person: Someone, file: File) -> None:
    """Answer, by the rule, every cell of a person and a case."""
    world, expected = made.world, made.expected
    state = "open" if file.is_open else "closed"

    def cell(verb: str, what: str = "") -> Cell:
        return Cell(state, person.agency, person.post, verb, what)

    sees, reads_all = world.sees(person, file), world.reads_all(person, file)
    expected[cell("know of it")] = sees
    expected[cell("list")] = sees
    expected[cell("open")] = sees
    expected[cell("read identity")] = reads_all
    expected[cell("read terms")] = world.sees_terms(person, file)
    expected[cell("see who sees it")] = (
        world.belongs(person, file) and person.works and not person.is_staff
    )
    for name, piece in made.own_pieces(person, file):
        expected[cell("see a piece", name)] = world.sees_piece(person, file, piece)
        if piece.circle is Circle.SEALED:
            expected[cell("read sealed text", name)] = world.opens_piece(person, file, piece)
        for circle in Circle:
            if circle is not piece.circle:
                to = circle in world.moves_to(person, file, piece)
                expected[cell(f"move to {circle.value}", name)] = to
    for act in acts_asked(person):
        may = _may(world, person, file, act)
        # A staff session acts nowhere: it is told so before anybody looks whether a case is there.
        told = sees or person.is_staff
        expected[cell(act)] = DOES if may else REFUSED if told else ABSENT
    works_here = world.belongs(person, file) and person.works and not person.is_staff
    # Where an emergency shows more of the case than the institution reads, no module shows a part.
    informed = file.standing.get(person.agency) == Level.INFORMED
    emergency = informed and world.in_emergency(person, file)
    shown = works_here and (person.agency == "DEF" or reads_all) and not emergency
    assesses = works_here and file.is_open and file.standing.get(person.agency) == Level.LEAD
    opens = works_here if person.agency == "DEF" else assesses
    for switch in ("on", "off"):
        expected[cell("module's panel", switch)] = shown and switch == "on"
        expected[cell("module's address", switch)] = opens and switch == "on"


def _may(world: World, person: Someone, file: File, act: str) -> bool:
    """Tell whether a person may act."""
    coordinates = (person, file, Role.COORDINATOR)
    if act.startswith("write "):
        return world.writes(person, file, Circle(act.removeprefix("write ")))
    return {
        "share to inform": world.works_on_all(person, file),
        "share to intervene": world.leads(person, file),
        "refer": world.works_on_all(person, file),
        "edit": world.works_on_all(person, file),
        "assign": world.acts(*coordinates),
        "bar": world.leads(*coordinates),
        "close": world.leads(*coordinates),
    }[act]


def switch(session: Session, made: Matrix, *, on: bool) -> None:
    """Turn the modules on or off at every institution that may have one."""
    for code in STANDINGS:
        slug = "defensoria" if code == "DEF" else "procedure"
        agency_id = made.world.agencies[code].id
        turn = modules.enable if on else modules.disable
        turn(session, system_actor(), slug, agency_id)
