"""Generated data: cases of several institutions, in agreement with the rules of the portal.

Everything is drawn with one seed, so that two runs measure the same rows. The worklist is filled by
the rule with which `portal doctor` compares it.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from portal import clock, host
from portal.access.models import Membership
from portal.actor import AgencyKind, Role, system_actor
from portal.agencies.models import Agency
from portal.audit import link_entries
from portal.bench.bulk import Row, insert, opened
from portal.cases.models import (
    NEVER,
    Case,
    CaseAssignment,
    CaseChild,
    CaseParty,
    CaseStatus,
    Circle,
    Entry,
    EntryKind,
    Level,
    Placement,
    Priority,
    Situation,
    Term,
    TermStatus,
    Worklist,
)
from portal.cases.rules import CODE_LETTERS
from portal.cases.worklist import COLUMNS, granted
from portal.councils.models import Council, CouncilKind, Meeting, MeetingStatus, Office, Seat
from portal.db import Database, migrations
from portal.host import services
from portal.people.models import DocumentKind, Person, Sex
from portal.places import fold
from portal.places.queries import districts_of
from portal.users.models import SignIn, User
from portal.users.services import start_sign_in

SEED = 20260323
AGENCIES = 500
OWN_CASES = 120
ENTRIES = 300
OPEN_SHARE = 0.35
DEPARTMENT = "22"
CODES_A_YEAR = len(CODE_LETTERS) ** 4
SCATTER = 104_729
GIVEN = ("Tangara", "Paucar", "Garza", "Manacaraco", "Shansho", "Lucero", "Rocío", "Nube")
SURNAMES = ("Cedro", "Caoba", "Lupuna", "Aguaje", "Bolaina", "Ishpingo", "Tornillo", "Capirona")
ENTRY_KINDS = (EntryKind.NOTE, EntryKind.VISIT, EntryKind.ACT)
WORDS = (
    "visita", "domicilio", "abuela", "refiere", "matrícula", "apoyo", "lunes", "vecina", "mercado",
    "control", "escuela", "tutora", "informe", "acuerdo", "salud", "peso", "talla", "vacunas",
    "entrega", "copia", "acta", "llamada", "espera", "respuesta", "hermano", "chacra", "puerto",
)  # fmt: skip
WORDS_EACH = 40
STAGES = ("", "", "Preliminary assessment", "Evaluation")


@dataclass(frozen=True, slots=True)
class Door:
    """A signed-in person: whose cookie holds which token."""

    user_id: UUID
    sign_in_id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class World:
    """What the benchmark may ask for in one database.

    `agency_id` is the largest institution; its `worker` has `OWN_CASES` open cases at any size, its
    `coordinator` sees all. `meeting_id` is a session in progress, of which it is the secretary.
    `long_case` is the code of a case with `ENTRIES` entries.
    """

    cases: int
    database: Path
    agency_id: UUID
    meeting_id: UUID
    long_case: str
    coordinator: Door
    worker: Door


@dataclass(slots=True)
class Ids:
    """Identifiers in the order of creation, as the portal makes them, but drawn with the seed."""

    rng: random.Random
    count: int = 1_767_243_600_000

    def new(self) -> UUID:
        """Return the next identifier, of the shape of UUID version 7."""
        self.count += 1
        drawn = self.rng.getrandbits(74)
        low = 2 << 62 | drawn & (1 << 62) - 1
        return UUID(int=self.count << 80 | 7 << 76 | drawn >> 62 << 64 | low)


def fill(db: Database, path: Path, cases: int) -> World:
    """Build a database with so many cases and return what is known of it."""
    migrations.upgrade(db)
    rng = random.Random(SEED)
    ids = Ids(rng)
    agencies = [_agency(ids, rng, number) for number in range(AGENCIES)]
    people = [_user(ids, name) for name in ("coordinadora", "responsable", "equipo")]
    council = _council(ids)
    meeting = _meeting(ids, council["id"])
    with opened(path) as raw:
        insert(raw, Agency, agencies)
        insert(raw, User, people)
        insert(raw, Membership, _memberships(ids, agencies[0]["id"], people))
        insert(raw, Council, [council])
        insert(raw, Meeting, [meeting])
        insert(raw, Seat, [_seat(ids, council["id"], agencies[0]["id"])])
        maker = Maker(rng, ids, agencies, people[1]["id"], people[2]["id"])
        for made in maker.batches(cases):
            for model, rows in made.items():
                insert(raw, model, rows)
        insert(raw, Entry, maker.entries())
    agency_id = agencies[0]["id"]
    _open_doors(db, agency_id)
    doors = [_sign_in(db, who["id"], agency_id) for who in people[:2]]
    with db.write() as session:
        link_entries(session)
    with opened(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return World(cases, path, agency_id, meeting["id"], maker.long["code"], *doors)


def _open_doors(db: Database, agency_id: UUID) -> None:
    """Fill the worklist by its rule and switch on what the institution may have."""
    system = system_actor()
    with db.write() as session:
        session.execute(sa.insert(Worklist).from_select(list(COLUMNS), granted()))
    for slug, module in host.install(host.load()).loaded.items():
        services.admit(db, system, slug)
        if AgencyKind.UPE in module.plugin.for_kinds:
            with db.write() as session:
                services.enable(session, system, slug, agency_id)


def _sign_in(db: Database, user_id: UUID, agency_id: UUID) -> Door:
    with db.write() as session:
        token = start_sign_in(
            session, system_actor(), user_id=user_id, agency_id=agency_id, device="bench"
        )
        found = session.scalars(sa.select(col(SignIn.id)).where(col(SignIn.user_id) == user_id))
        return Door(user_id, found.one(), token)


@dataclass
class Maker:
    """Draws cases with their people, institutions, assignments and terms."""

    rng: random.Random
    ids: Ids
    agencies: Sequence[Row]
    worker_id: UUID
    other_id: UUID
    own: int = 0
    long: Row = field(default_factory=dict)
    districts: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    today: date = field(default_factory=clock.today)
    now: datetime = field(default_factory=clock.now)

    def __post_init__(self) -> None:
        """Prepare what is drawn from: San Martín's districts, institutions by Zipf's law."""
        self.districts = [place.code for place in districts_of(DEPARTMENT)]
        shares = (1 / (place + 1) for place in range(len(self.agencies)))
        self.weights = list(accumulate(shares))

    def batches(self, cases: int, size: int = 2000) -> Iterator[dict[type, list[Row]]]:
        """Yield rows by table, so many cases at a time, parents before children."""
        order = (Person, Case, CaseParty, CaseChild, CaseAssignment, Term)
        for start in range(0, cases, size):
            made: dict[type, list[Row]] = {model: [] for model in order}
            for number in range(start, min(start + size, cases)):
                self._add(made, number)
            yield {model: rows for model, rows in made.items() if rows}

    def _add(self, made: dict[type, list[Row]], number: int) -> None:
        drawn = self.rng.choices(
            self.agencies, cum_weights=self.weights, k=self.rng.choice((1, 1, 2, 3, 4, 5))
        )
        parties = list({agency["id"]: agency for agency in drawn}.values())
        case = self._case(number, parties[0])
        made[Case].append(case)
        if not self.long and parties[0] is self.agencies[0] and case["status"] is CaseStatus.OPEN:
            self.long = case
        made[CaseParty] += [
            self._party(case, agency["id"], place) for place, agency in enumerate(parties)
        ]
        for place in range(self.rng.choice((1, 1, 1, 2, 3))):
            person = self._person()
            made[Person].append(person)
            made[CaseChild].append(self._child(case["id"], person["id"], place))
        if self.agencies[0] in parties:
            made[CaseAssignment].append(self._assignment(case))
        if case["status"] is CaseStatus.OPEN and case["due_on"] != NEVER:
            made[Term].append(self._term(case))

    def entries(self) -> list[Row]:
        """Return the timeline of one long case: what people wrote, every fourth hour."""
        return [
            {
                "id": self.ids.new(),
                "case_id": self.long["id"],
                "kind": ENTRY_KINDS[number % len(ENTRY_KINDS)],
                "circle": Circle.TEAM,
                "author_id": self.worker_id,
                "agency_id": self.agencies[0]["id"],
                "happened_at": self.now - timedelta(hours=4 * number + 1),
                "recorded_at": self.now - timedelta(hours=4 * number),
                "facts": {},
                "text": " ".join(self.rng.choices(WORDS, k=WORDS_EACH)),
            }
            for number in range(ENTRIES)
        ]

    def _case(self, number: int, lead: Row) -> Row:
        is_open = self.rng.random() < OPEN_SHARE
        opened_at = self.now - timedelta(hours=self.rng.randrange(24 * 700))
        runs = is_open and self.rng.random() < 0.9
        due_on = self.today + timedelta(days=self.rng.randrange(-12, 60)) if runs else NEVER
        return {
            "row_version": 1,
            "id": self.ids.new(),
            "code": _code(lead["code"], number),
            "serial": number + 1,
            "serial_year": opened_at.year,
            "lead_agency_id": lead["id"],
            "situation": self.rng.choice(list(Situation)),
            "priority": self.rng.choices(list(Priority), weights=(10, 25, 65))[0],
            "status": CaseStatus.OPEN if is_open else CaseStatus.CLOSED,
            "stage": self.rng.choice(STAGES),
            "measure": "",
            "district": self.rng.choice(self.districts),
            "groups": [],
            "summary": "",
            "received_at": opened_at,
            "opened_at": opened_at,
            "closed_at": None if is_open else self.now,
            "due_on": due_on,
        }

    def _party(self, case: Row, agency_id: UUID, place: int) -> Row:
        level = Level.LEAD if place == 0 else self.rng.choice((Level.TEAM, Level.INFORMED))
        return {
            "row_version": 1,
            "id": self.ids.new(),
            "case_id": case["id"],
            "agency_id": agency_id,
            "level": level,
            "legal_basis": "DL 1297",
            "since": case["opened_at"],
        }

    def _person(self) -> Row:
        return {
            "row_version": 1,
            "id": self.ids.new(),
            "given_names": self.rng.choice(GIVEN),
            "first_surname": self.rng.choice(SURNAMES),
            "second_surname": self.rng.choice(SURNAMES),
            "born_on": self.today - timedelta(days=self.rng.randrange(200, 17 * 365)),
            "sex": self.rng.choice((Sex.FEMALE, Sex.MALE)),
            "document_kind": DocumentKind.NONE,
            "document_number": "",
            "language": "",
            "interpreter_needed": False,
            "created_at": self.now,
        }

    def _child(self, case_id: UUID, person_id: UUID, place: int) -> Row:
        return {
            "row_version": 1,
            "id": self.ids.new(),
            "case_id": case_id,
            "person_id": person_id,
            "position": place,
            "placement": self.rng.choice(list(Placement)),
        }

    def _assignment(self, case: Row) -> Row:
        """Put the worker on the first open cases of the largest institution, others on the rest."""
        is_own = case["status"] is CaseStatus.OPEN and self.own < OWN_CASES
        self.own += is_own
        return {
            "id": self.ids.new(),
            "case_id": case["id"],
            "agency_id": self.agencies[0]["id"],
            "user_id": self.worker_id if is_own else self.other_id,
            "since": case["opened_at"],
        }

    def _term(self, case: Row) -> Row:
        return {
            "row_version": 1,
            "id": self.ids.new(),
            "case_id": case["id"],
            "agency_id": case["lead_agency_id"],
            "rule_code": "procedure.preliminary",
            "starts_at": case["opened_at"],
            "due_on": case["due_on"],
            "due_at": self.now,
            "steps": [],
            "status": TermStatus.RUNNING,
            "late_reason": "",
            "suspensions": [],
        }


def _code(agency: str, number: int) -> str:
    """Return a code that looks drawn and never comes twice."""
    year, rest = divmod(number, CODES_A_YEAR)
    rest = rest * SCATTER % CODES_A_YEAR
    letters = ""
    for _place in range(4):
        rest, letter = divmod(rest, len(CODE_LETTERS))
        letters += CODE_LETTERS[letter]
    return f"{agency}-{2026 - year}-{letters}"


def _agency(ids: Ids, rng: random.Random, number: int) -> Row:
    kind = AgencyKind.UPE if number == 0 else rng.choice(list(AgencyKind))
    name = f"Institución {number + 1} de prueba"
    return {
        "row_version": 1,
        "id": ids.new(),
        "code": f"AG{number + 1}",
        "name": name,
        "kind": kind,
        "telephone": "",
        "search_key": fold(name),
    }


def _user(ids: Ids, name: str) -> Row:
    return {
        "row_version": 1,
        "id": ids.new(),
        "username": name,
        "name": name.capitalize(),
        "password_hash": "-",
        "locale": "es",
        "created_at": clock.now(),
    }


def _memberships(ids: Ids, agency_id: UUID, people: Sequence[Row]) -> list[Row]:
    roles = (Role.COORDINATOR, Role.CASEWORKER, Role.CASEWORKER)
    return [
        {
            "row_version": 1,
            "id": ids.new(),
            "user_id": who["id"],
            "agency_id": agency_id,
            "role": role,
            "since": clock.now() - timedelta(days=1),
        }
        for who, role in zip(people, roles, strict=True)
    ]


def _council(ids: Ids) -> Row:
    return {
        "row_version": 1,
        "id": ids.new(),
        "kind": CouncilKind.PROVINCIAL,
        "name": "Consejo de prueba",
        "programme": "",
        "territory": "2209",
        "rules": {},
        "created_at": clock.now(),
    }


def _seat(ids: Ids, council_id: UUID, agency_id: UUID) -> Row:
    return {
        "row_version": 1,
        "id": ids.new(),
        "council_id": council_id,
        "agency_id": agency_id,
        "office": Office.SECRETARY,
        "position": 0,
        "since": clock.today() - timedelta(days=1),
    }


def _meeting(ids: Ids, council_id: UUID) -> Row:
    opened_at = clock.now() - timedelta(hours=1)
    return {
        "row_version": 1,
        "id": ids.new(),
        "council_id": council_id,
        "number": 1,
        "call": 1,
        "part": 1,
        "kind": "ordinary",
        "status": MeetingStatus.IN_SESSION,
        "place": "Sala de prueba",
        "starts_at": opened_at,
        "convened_at": opened_at,
        "opens_at": opened_at,
        "opened_at": opened_at,
        "reason": "",
        "live_version": 1,
        "trail_head": "",
    }
