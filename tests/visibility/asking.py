"""Asks the portal itself each cell of the matrix: by SQL, by single check and by request."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from portal_defensoria.models import Visit, VisitKind
from sqlmodel import Session, col
from werkzeug.test import TestResponse

from portal import clock
from portal.access.models import StaffSession
from portal.actor import system_actor
from portal.agencies.models import Agency
from portal.cases import queries as cases
from portal.cases.listing import CaseFilter, list_cases
from portal.cases.models import Case, CaseBar, CaseStatus, Circle, Entry, EntryKind, Term
from portal.cases.timeline import open_sealed
from portal.cases.visibility import opens_sealed
from portal.db import Database
from portal.errors import PortalError
from portal.host import services as modules
from portal.people.models import Person
from portal.sharing.circles import choices_for
from portal.users.models import SignIn
from tests.factories.closing import concluded
from tests.visibility.matrix import (
    ABSENT,
    DOES,
    OTHER,
    REFUSED,
    STAFF,
    TARGET,
    Cell,
    Matrix,
    Position,
    acts_asked,
    make_matrix,
    switch,
)
from tests.visibility.rules import File, Someone
from tests.webclient import Browser

MANY = 500
TOLD = {403, 409, 422}
OLDER = re.compile(r'href="(/cases/[^"]+/entries\?[^"]*before=[^"#]+)')
PANEL = {"DEF": "<h2>Visitas</h2>"}
PANELS = "<h2>Valoración preliminar</h2>"


T = TypeVar("T")


class Answers:
    """What the portal answered to each cell, by every way in which it was asked."""

    def __init__(self, made: Matrix) -> None:
        self.made = made
        self.given: dict[Cell, dict[str, bool | str]] = {}

    def note(self, cell: Cell, way: str, answer: bool | str) -> None:
        """Keep an answer."""
        self.given.setdefault(cell, {})[way] = answer

    @property
    def unanswered(self) -> list[Cell]:
        """Return the cells that were not asked, or that the rule does not answer."""
        return [
            *(cell for cell in self.made.expected if cell not in self.given),
            *(cell for cell in self.given if cell not in self.made.expected),
        ]

    @property
    def wrong(self) -> list[str]:
        """Return where the portal and the rule differ."""
        return [
            f"{' / '.join(cell)}: the rule says {expected}, {way} says {answer}"
            for cell, expected in self.made.expected.items()
            for way, answer in self.given.get(cell, {}).items()
            # Who sees the case and may not do this is told so, or finds no such page.
            if answer != expected and (expected, answer) != (REFUSED, ABSENT)
        ]


def ids(session: Session, column: Any, *conditions: Any) -> set[UUID]:
    """Return the identifiers for which conditions hold."""
    return set(session.scalars(sa.select(column).where(*conditions)))


def answered(ask: Callable[..., T], *given: Any) -> T | None:
    """Return what is answered, or None where it is refused or not there."""
    try:
        return ask(*given)
    except PortalError:
        return None


def ask_queries(session: Session, answers: Answers) -> None:
    """Ask every cell that SQL and single checks answer."""
    for person in answers.made.world.people:
        _ask_sets(session, answers, person)
        for file in answers.made.world.files:
            _ask_singly(session, answers, person, file)


def _cell(person: Someone, file: File, verb: str, what: str = "") -> Cell:
    return Cell("open" if file.is_open else "closed", person.agency, person.post, verb, what)


def _ask_sets(session: Session, answers: Answers, person: Someone) -> None:
    """Ask what SQL gives in one set: cases, lists, children, terms and pieces."""
    actor, made = person.actor, answers.made
    known = ids(session, col(Case.id), cases.visible_cases(actor))
    listed = {
        row.id
        for status in CaseStatus
        for row in list_cases(session, actor, CaseFilter(status=status), limit=MANY)
    }
    children = ids(session, col(Person.id), cases.visible_people(actor))
    on_case = col(Case.id) == col(Term.case_id)
    terms = ids(session, col(Term.id), on_case, cases.visible_terms(actor))
    asked = sa.or_(col(Entry.kind) == EntryKind.NOTE, col(Entry.author_id) == actor.user_id)
    pieces = ids(session, col(Entry.id), asked, cases.visible_entries(actor))
    sealed = col(Entry.circle) == Circle.SEALED
    texts = ids(
        session, col(Entry.id), asked, sealed, cases.visible_entries(actor), opens_sealed(actor)
    )
    for file in made.world.files:
        answers.note(_cell(person, file, "know of it"), "SQL", file.id in known)
        answers.note(_cell(person, file, "list"), "SQL", file.id in listed)
        answers.note(_cell(person, file, "read identity"), "SQL", file.children[0] in children)
        answers.note(_cell(person, file, "read terms"), "SQL", file.terms[0] in terms)
        for name, piece in made.own_pieces(person, file):
            answers.note(_cell(person, file, "see a piece", name), "SQL", piece.id in pieces)
            if piece.circle is Circle.SEALED:
                cell = _cell(person, file, "read sealed text", name)
                answers.note(cell, "SQL", piece.id in texts)


def _ask_singly(session: Session, answers: Answers, person: Someone, file: File) -> None:
    """Ask for one case and one piece after the other, as a page does."""
    actor = person.actor
    case = cases.find_case(session, actor, file.code)
    access = cases.access_to(session, actor, case) if case else None
    answers.note(_cell(person, file, "open"), "single", case is not None)
    for verb, may in (
        ("read identity", access is not None and access.reads_all),
        ("read terms", access is not None and access.reads_terms),
    ):
        answers.note(_cell(person, file, verb), "single", may)
    for name, piece in answers.made.own_pieces(person, file):
        entry = answered(cases.get_entry, session, actor, case, piece.id) if case else None
        answers.note(_cell(person, file, "see a piece", name), "single", entry is not None)
        if piece.circle is Circle.SEALED:
            read = answered(open_sealed, session, actor, case, entry) if entry else None
            answers.note(
                _cell(person, file, "read sealed text", name), "single", read == piece.text
            )
        to = choices_for(session, actor, case, entry) if case and entry else ()
        for circle in Circle:
            if circle is not piece.circle:
                cell = _cell(person, file, f"move to {circle.value}", name)
                answers.note(cell, "single", circle in to and person.works)


class Requests:
    """People with browsers who ask every cell at its address."""

    def __init__(
        self,
        db: Database,
        answers: Answers,
        anybody: Callable[[], Browser],
        visits: dict[str, UUID],
    ) -> None:
        self.db, self.answers, self.anybody, self.visits = db, answers, anybody, visits
        self.count = 0
        self.browsers: dict[str, Browser] = {}

    def _people(self) -> Iterator[Someone]:
        """Return everybody in turn, signed in anew: a sign-in may idle out until the next turn."""
        for person in self.answers.made.world.people:
            self.browsers[str(person)] = self._sign_in(person, self.anybody())
            yield person

    def _sign_in(self, person: Someone, browser: Browser) -> Browser:
        """Sign a person in; who looks as an administrator opens a staff session."""
        world = self.answers.made.world
        role = STAFF.get(person.post.split()[0])
        of_platform = role is not None and "platform" in person.post
        agency = None if of_platform else world.agencies.get(person.agency)
        browser.sign_in(person.user, agency)
        if role is not None:
            with self.db.write() as session:
                self._open_staff_session(session, person, world.agencies[person.agency])
        return browser

    def _open_staff_session(self, session: Session, person: Someone, agency: Agency) -> None:
        own = sa.select(col(SignIn.id)).where(col(SignIn.user_id) == person.user.id)
        sign_in = session.scalars(own.order_by(col(SignIn.created_at).desc()).limit(1)).one()
        now = clock.now()
        session.add(
            StaffSession(
                user_id=person.user.id,
                sign_in_id=sign_in,
                agency_id=agency.id,
                reason_sealed=b"Prueba",
                opened_at=now,
                until=now + timedelta(hours=5),
                seen_at=now + timedelta(hours=4),
            )
        )

    def get(self, person: Someone, url: str) -> TestResponse:
        """Open an address as a person."""
        self.count += 1
        return self.browsers[str(person)].get(url)

    def ask_pages(self) -> None:
        """Ask for the lists, every case and its pieces, and what modules show while they are on."""
        for person in self._people():
            listed = self._listed(person)
            for file in self.answers.made.world.files:
                self._noting(person, file)("list", "", file.code in listed)
                self._read(person, file, self._look(person, file, "on"))

    def ask_modules_off(self) -> None:
        """Ask for what modules show now that they are off."""
        for person in self._people():
            for file in self.answers.made.world.files:
                self._look(person, file, "off")

    def _look(self, person: Someone, file: File, switch: str) -> TestResponse:
        """Open a case and the module's own address."""
        note = self._noting(person, file)
        page = self.get(person, f"/cases/{file.code}")
        note("module's panel", switch, PANEL.get(person.agency, PANELS) in page.text)
        note("module's address", switch, self._module(person, file).status_code == 200)
        return page

    def _noting(self, person: Someone, file: File) -> Callable[[str, str, bool | str], None]:
        def note(verb: str, what: str, answer: bool | str) -> None:
            self.answers.note(_cell(person, file, verb, what), "request", answer)

        return note

    def _listed(self, person: Someone) -> str:
        return "".join(self.get(person, f"/cases?status={each.value}").text for each in CaseStatus)

    def _module(self, person: Someone, file: File) -> TestResponse:
        if person.agency == "DEF":
            return self.get(person, f"/p/defensoria/visits/{self.visits[file.code]}")
        return self.get(person, f"/p/procedure/cases/{file.code}/assess")

    def _read(self, person: Someone, file: File, first: TestResponse) -> None:
        """Look at what the page of a case shows, and open what is sealed."""
        note, text = self._noting(person, file), first.text
        opened = first.status_code == 200
        note("know of it", "", opened)
        note("open", "", opened)
        surname = file.names[0].split()[1]
        note("read identity", "", surname in text)
        note("see who sees it", "", self.get(person, f"/cases/{file.code}/who").status_code == 200)
        if not opened:
            return
        shown = self._timeline(person, f"/cases/{file.code}/entries")
        for name, piece in self.answers.made.own_pieces(person, file):
            if piece.circle is not Circle.SEALED:
                if not name.startswith("own"):
                    note("see a piece", name, piece.text in shown)
                continue
            answer = self.get(person, f"/cases/{file.code}/entries/{piece.id}")
            reads = answer.status_code == 200 and piece.text in answer.text
            note("read sealed text", name, reads)
            if piece.text in shown:
                note("read sealed text", name, True)

    def _timeline(self, person: Someone, url: str) -> str:
        """Return every page of a case's notes."""
        pages, following = [self.get(person, f"{url}?kind=note").text], True
        while following and (older := OLDER.search(pages[-1])):
            pages.append(self.get(person, older[1].replace("&amp;", "&")).text)
        return "".join(pages)

    def ask_acts(self) -> None:
        """Do everything that may be done, as everybody, with what a form would send."""
        for person in self._people():
            for file in self.answers.made.world.files:
                note = self._noting(person, file)
                for act in acts_asked(person):
                    note(act, "", self._act(person, file, act))

    def _act(self, person: Someone, file: File, act: str) -> str:
        """Do one thing; says whether it was done, refused with words, or not there."""
        path, given = self._form(person, file, act)
        agency = self.answers.made.world.agencies.get(person.agency)
        of_platform = person.post.startswith("staff_of_platform")
        marks = {"_agency": str(agency.id) if agency and not of_platform else ""}
        self.count += 1
        answer = self.browsers[str(person)].post(f"/cases/{file.code}{path}", {**given, **marks})
        status = answer.status_code
        if "/login" in (answer.location or ""):
            return "signed out"
        if act == "bar" and status == 303:
            self._lift()
        # What stands against closing is told to whoever might close.
        if status == 303 or (act == "close" and status == 422):
            return DOES
        return REFUSED if status in TOLD else ABSENT if status == 404 else str(status)

    def _form(self, person: Someone, file: File, act: str) -> tuple[str, dict[str, Any]]:
        """Return where an act is sent, and a form of it that is filled in well."""
        made = self.answers.made
        target = made.world.agencies[TARGET]
        colleague = made.authors.get(person.agency, made.authors[OTHER])
        if act.startswith("write "):
            circle = act.removeprefix("write ")
            return "/entries/new", {"kind": "interview", "text": "Una nota", "circle": circle}
        if act.startswith("share "):
            level = "informed" if act == "share to inform" else "team"
            basis = {"words": "Convenio de prueba", "level": level}
            return "/parties/new", {**basis, "agency_id": str(target.id)}
        if act == "refer":
            return "/referrals/new", {
                "to_agency_id": str(target.id),
                "asked": "Lo que se pide",
                "person_ids": str(file.children[0]),
                "shown": f"{target.id}|{file.children[0]}|",
                "right": "identity",
                "due_on": (clock.today() + timedelta(days=5)).isoformat(),
            }
        if act == "assign":
            return "/assign", {"user_ids": str(colleague.user.id)}
        if act == "bar":
            return "/bars/new", {
                "username": made.authors[TARGET].user.username,
                "reason": "Es de la familia",
            }
        version = {"_version": self._version(file)}
        if act == "close":
            with self.db.read() as session:
                given = concluded(session, file.id)
            told = given.model_dump(mode="json", exclude={"children"}, exclude_none=True)
            return "/close", {
                **version,
                **told,
                **{
                    f"children-{place}-{name}": value
                    for place, child in enumerate(given.children)
                    for name, value in child.model_dump(mode="json", exclude_none=True).items()
                },
            }
        return "/edit", {
            **version,
            "situation": "risk",
            "priority": "regular",
            "district": "220501",
            "summary": "",
        }

    def _version(self, file: File) -> str:
        with self.db.read() as session:
            return str(
                session.scalar(sa.select(col(Case.row_version)).where(col(Case.id) == file.id))
            )

    def _lift(self) -> None:
        """Let the barred person in again, so that the next may bar."""
        user_id = self.answers.made.authors[TARGET].user.id
        with self.db.write() as session:
            session.execute(
                sa.update(CaseBar)
                .where(col(CaseBar.user_id) == user_id)
                .values(lifted_at=clock.now())
            )


def put_visits(session: Session, made: Matrix) -> dict[str, UUID]:
    """Put a visit of the Defensoría on each case: what its module shows."""
    found = {}
    for file in made.world.files:
        visit = Visit(
            agency_id=made.world.agencies["DEF"].id,
            visited_id=made.world.agencies[OTHER].id,
            case_id=file.id,
            kind=VisitKind.UNANNOUNCED,
            visited_on=clock.today(),
            found_sealed=b"",
            recommendation="Habilitar un ambiente de espera",
            recorded_by=made.authors["DEF"].user.id,
            recorded_at=clock.now(),
        )
        session.add(visit)
        found[file.code] = visit.id
    return found


def ask_everything(
    db: Database, anybody: Callable[[], Browser], put: Sequence[Position]
) -> tuple[Answers, int]:
    """Make the matrix of some positions in a database and ask every cell of it.

    Returns the answers and the number of requests.
    """
    for slug in ("defensoria", "procedure"):
        modules.admit(db, system_actor(), slug)
    with db.write() as session:
        made = make_matrix(session, put)
        visits = put_visits(session, made)
        switch(session, made, on=True)
        session.flush()
        session.expunge_all()
    answers = Answers(made)
    with db.read() as session:
        ask_queries(session, answers)
    asking = Requests(db, answers, anybody, visits)
    asking.ask_pages()
    asking.ask_acts()
    with db.write() as session:
        switch(session, made, on=False)
    asking.ask_modules_off()
    return answers, asking.count
