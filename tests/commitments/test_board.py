"""What institutions owe each other: its origin, its moves, who verifies it, the board."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col

from portal import clock
from portal.actor import AgencyKind, Role
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseParty, Entry, Level
from portal.commitments.models import Commitment, CommitmentStatus, Source
from portal.db import Database
from portal.notifications.models import Notice
from tests.conftest import Statements
from tests.factories.agencies import make_agency, make_member
from tests.factories.care import new_case
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]


@dataclass
class Table:
    """A UPE that leads a case, a DEMUNA on it, a school that is not; a coordinator of each."""

    db: Database
    agencies: dict[str, Agency]
    browsers: dict[str, Browser]
    case_id: UUID
    code: str
    child_id: UUID

    def __getitem__(self, name: str) -> Browser:
        return self.browsers[name]

    def propose(self, **given: str) -> str:
        """Propose an act to the DEMUNA from the case's page; returns its address."""
        fields = {
            "source": "manual",
            "agency_id": str(self.agencies["demuna"].id),
            "verifier_id": str(self.agencies["upe"].id),
            "act": "Visita a la familia",
            "due_on": (clock.today() + timedelta(days=3)).isoformat(),
        }
        answer = self["upe"].fill(f"/cases/{self.code}/commitments/new", fields | given)
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    def put(self, session: Session, due_on: date, **given: Any) -> Commitment:
        """Put a commitment of the DEMUNA that the UPE verifies."""
        values: dict[str, Any] = {
            "agency_id": self.agencies["demuna"].id,
            "proposer_id": self.agencies["upe"].id,
            "verifier_id": self.agencies["upe"].id,
            "case_id": self.case_id,
            "source": Source.MANUAL,
            "act": f"Acto del {due_on}",
            "status": CommitmentStatus.ACCEPTED,
            "first_due_on": due_on,
            "due_on": due_on,
            "created_at": clock.now(),
        }
        made = Commitment(**values | given)
        session.add(made)
        return made


@pytest.fixture
def table(app: Flask, db: Database, browser: NewBrowser) -> Table:
    with db.write() as session:
        agencies = {
            "upe": make_agency(session, "UPE-SM", name="UPE San Martín"),
            "demuna": make_agency(session, "DEM-LAM", AgencyKind.DEMUNA, "DEMUNA Lamas"),
            "school": make_agency(session, "IE-1", AgencyKind.EDUCATION, "Escuela Uno"),
        }
        heads = {name: make_member(session, a, Role.COORDINATOR) for name, a in agencies.items()}
        code, children = new_case(session, agencies["upe"], 5, 9)
        case_id = session.scalars(sa.select(Case)).one().id
        session.add(
            CaseParty(
                case_id=case_id,
                agency_id=agencies["demuna"].id,
                level=Level.TEAM,
                legal_basis="DL 1297",
                since=clock.now(),
            )
        )
        session.flush()
        session.expunge_all()
    browsers = {name: browser().sign_in(heads[name], agencies[name]) for name in agencies}
    return Table(db, agencies, browsers, case_id, code, children[0])


def test_nobody_verifies_its_own_and_is_told_what_to_do_instead(table: Table) -> None:
    url = table.propose()
    demuna = table["demuna"]
    assert demuna.fill(url, to=f"{url}/accept").status_code == 303
    assert demuna.fill(f"{url}/done", {"words": "Se visitó"}).status_code == 303
    sent = demuna.fill(f"{url}/done", {"words": "Bien"}, to=f"{url}/verify")
    for answer in (demuna.get(f"{url}/verify"), sent):
        assert answer.status_code == 403
        assert "Nadie verifica lo suyo" in answer.text
        assert "UPE San Martín" in answer.text
    assert f"{url}/verify" not in demuna.get(url).text
    assert table["school"].get(url).status_code == 404
    found = {"is_done": "1", "words": "Se constató"}
    assert table["upe"].fill(f"{url}/verify", found).status_code == 303
    with table.db.read() as session:
        assert session.scalars(sa.select(Commitment)).one().status is CommitmentStatus.VERIFIED


def test_who_was_too_late_reads_what_was_written(table: Table) -> None:
    """Once it was answered the form opens no more, and nothing that was typed is lost."""
    url, demuna, words = table.propose(), table["demuna"], "Se visitó a la familia en su casa"
    assert demuna.fill(url, to=f"{url}/accept").status_code == 303
    marks = demuna.marks(f"{url}/done")
    assert demuna.fill(f"{url}/done", {"words": "Ya se visitó"}).status_code == 303
    late = demuna.post(f"{url}/done", {**marks, "words": words})
    for answer in (late, demuna.get(f"{url}/done")):
        assert answer.status_code == 409
        assert words in answer.text


def test_what_waits_to_be_verified_has_no_day_of_its_own(table: Table) -> None:
    with table.db.write() as session:
        day = clock.today() - timedelta(days=16)
        table.put(session, day, status=CommitmentStatus.DONE)
    page = table["upe"].get("/").text
    assert "DEMUNA Lamas informa que está cumplido" in page
    assert "hace 16 días" not in page


def test_what_would_leave_it_without_another_to_verify_is_refused_beside_the_field(
    table: Table,
) -> None:
    page = f"/cases/{table.code}/commitments/new"
    upe = str(table.agencies["upe"].id)
    asked = {
        "source": "manual",
        "agency_id": upe,
        "act": "Escribe el informe",
        "due_on": clock.today().isoformat(),
    }
    for verifier, said in (("", "elija quién lo hace"), (upe, "Lo verifica otra")):
        answer = table["upe"].fill(page, asked | {"verifier_id": verifier})
        assert answer.status_code == 422
        assert said in answer.text
        assert "Escribe el informe" in answer.text


def test_a_case_conference_says_its_day_and_the_child(table: Table) -> None:
    page = f"/cases/{table.code}/commitments/new"
    wrong = {"source": "conference", "agency_id": str(table.agencies["demuna"].id), "act": "Acta"}
    wrong |= {"due_on": clock.today().isoformat()}
    for given, said in (
        (wrong, "Diga qué día fue"),
        (wrong | {"agreed_on": "2199-01-01"}, "Esa fecha es futura"),
        (wrong | {"source": "recommendation"}, "Elija una opción de la lista"),
        (
            wrong | {"source": "manual", "person_id": str(table.case_id)},
            "Elija una opción de la lista",
        ),
    ):
        answer = table["upe"].fill(page, given)
        assert (answer.status_code, said in answer.text) == (422, True), said
    agreed_on = clock.today().isoformat()
    url = table.propose(source="conference", agreed_on=agreed_on, person_id=str(table.child_id))
    text = table["demuna"].get(url).text
    assert "Reunión de análisis de caso" in text
    assert "Tangara" in text


@ON_BOTH
def test_each_postponement_stays_with_its_reason_and_is_told(table: Table) -> None:
    url, today = table.propose(), clock.today()
    demuna = table["demuna"]
    demuna.fill(url, to=f"{url}/accept")
    for days, reason in ((5, "Falta el vehículo"), (9, "Llovió tres días")):
        day = (today + timedelta(days=days)).isoformat()
        answer = demuna.fill(f"{url}/postpone", {"due_on": day, "reason": reason})
        assert answer.status_code == 303
    text = table["upe"].get(url).text
    first = f"{today + timedelta(days=3):%d/%m/%Y}"
    assert first in text
    assert "Falta el vehículo" in text
    assert "Llovió tres días" in text
    assert first in table["upe"].get("/commitments").text
    with table.db.read() as session:
        told = session.scalars(sa.select(col(Notice.text))).all()
        entries = session.scalars(sa.select(col(Entry.text))).all()
    assert told.count("A commitment was postponed") == 2
    assert sum("Llovió tres días" in each for each in entries) == 1


@ON_BOTH
def test_the_board_counts_by_institution_state_and_age(table: Table) -> None:
    today = clock.today()
    days = {"long": -31, "late": -30, "soon": 7, "later": 8}
    with table.db.write() as session:
        for off in days.values():
            table.put(session, today + timedelta(days=off))
        table.put(session, today, status=CommitmentStatus.PROPOSED)
        table.put(session, today, status=CommitmentStatus.DONE)
        table.put(session, today, status=CommitmentStatus.VERIFIED, act="Acto ya verificado")
    demuna = table.agencies["demuna"].id
    text = unescape(table["upe"].get("/commitments").text)
    ages = [f"status=accepted&age={age}" for age in days]
    for query in (*ages, "status=proposed", "status=done"):
        assert f'href="?agency={demuna}&{query}"' in text, query
    for age, off in days.items():
        shown = table["upe"].get(f"/commitments?agency={demuna}&status=accepted&age={age}").text
        for other in days.values():
            assert (f"Acto del {today + timedelta(days=other)}" in shown) is (other == off), age
    assert text.count('<th scope="col"') == 1 + 4 + 2
    # The school sees nothing open: a column without a number is not drawn.
    assert '<th scope="col"' not in table["school"].get("/commitments").text
    assert "Acto ya verificado" not in text
    assert "Acto ya verificado" in table["upe"].get("/commitments?status=verified").text
    assert "Acto del" not in table["school"].get("/commitments").text
    assert "DEMUNA Lamas" not in table["school"].get("/commitments").text


@ON_BOTH
def test_the_board_is_walked_page_by_page_in_a_fixed_number_of_statements(
    table: Table, statements: Statements
) -> None:
    upe, counts = table["upe"], []
    upe.get("/commitments")
    for many in (2, 60):
        with table.db.write() as session:
            for number in range(many):
                table.put(session, clock.today() + timedelta(days=number))
        table["demuna"].get("/commitments")
        statements.seen.clear()
        text = upe.get("/commitments").text
        counts.append(statements.count)
    assert counts[0] == counts[1]
    following = text.split('class="pager"><a href="')[1].split('"')[0].replace("&amp;", "&")
    assert text.count("Acto del") == 50
    assert upe.get(f"/commitments{following}").text.count("Acto del") == 12
