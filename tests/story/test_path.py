"""The path of two siblings from an alert to an answered referral, through the web."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlmodel import col
from werkzeug.test import TestResponse

from portal import clock
from portal.access.models import Membership
from portal.actor import AgencyKind, Role, system_actor
from portal.agencies.models import Agency, Coverage
from portal.alerts.models import Alert
from portal.alerts.services import escalate_alerts
from portal.cases.models import Case, Entry
from portal.cases.services import start_term
from portal.db import Database
from portal.users.models import User
from tests.factories.agencies import make_agency, make_member, put_on_duty
from tests.postgresql import ON_BOTH
from tests.referrals.conftest import mark
from tests.webclient import HIDDEN, Browser

NewBrowser = Callable[[], Browser]
LAMAS = "220501"
SECRET_PLACE = "Jr. Unión, junto a la posta"


@dataclass
class Table:
    """The agencies and people around the table, each with a browser."""

    agencies: dict[str, Agency]
    people: dict[str, User]
    browsers: dict[str, Browser]

    def __getitem__(self, name: str) -> Browser:
        return self.browsers[name]


@pytest.fixture
def table(db: Database, browser: NewBrowser) -> Table:
    kinds = {
        "UPE": AgencyKind.UPE,
        "SALUD": AgencyKind.HEALTH,
        "RENIEC": AgencyKind.CIVIL_REGISTRY,
        "DP": AgencyKind.DEFENSORIA,
    }
    people = {}
    with db.write() as session:
        agencies = {code: make_agency(session, code, kind) for code, kind in kinds.items()}
        for code, agency in agencies.items():
            people[code] = make_member(session, agency, Role.COORDINATOR, name=f"Persona {code}")
        session.add(Coverage(agency_id=agencies["UPE"].id, province="2205", since=clock.today()))
        officer = make_member(session, agencies["UPE"], Role.DUTY_OFFICER, name="Oficial")
        put_on_duty(session, agencies["UPE"], officer)
        people["OFFICER"] = officer
        session.flush()
        session.expunge_all()
    browsers = {
        name: browser().sign_in(user, agencies.get(name, agencies["UPE"]))
        for name, user in people.items()
    }
    return Table(agencies, people, browsers)


def alert(**changes: str) -> dict[str, str | list[str]]:
    return {
        "children-0-given_names": "Ánimo",
        "children-0-first_surname": "Prueba",
        "children-0-estimated_age": "9",
        "children-0-document_kind": "none",
        "children-1-given_names": "Brío",
        "children-1-first_surname": "Prueba",
        "children-1-estimated_age": "4",
        "district": LAMAS,
        "where": SECRET_PLACE,
        "situation": "unprotection",
        "signs": ["alone_tonight", "parent_in_prison"],
        "what_happens": "Madre internada, padre en un penal; solos esta noche.",
        "reporter": "Vecina Reservada",
        "is_reserved": "1",
        "telephone": "942 000 200",
        **changes,
    }


def last_part(answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    return answer.location.rstrip("/").rsplit("/", 1)[-1]


def send(table: Table, **changes: str) -> str:
    answer = table["SALUD"].fill("/alerts/new", alert(**changes))
    assert answer.status_code == 303, re.findall(r'class="error">([^<]*)', answer.text)
    return answer.location.split("/")[2]


def accept(table: Table, alert_id: str) -> str:
    return last_part(table["OFFICER"].fill(f"/alerts/{alert_id}/accept"))


def test_the_alert_goes_to_whoever_is_competent_and_on_duty(table: Table) -> None:
    alert_id = send(table)
    sent = table["SALUD"].get(f"/alerts/{alert_id}/sent").text
    assert "942 000 100" in sent
    assert "Agency UPE" in sent
    home = table["OFFICER"].get("/").text
    assert "Prueba" not in home
    assert f"/alerts/{alert_id}" in home
    shown = table["OFFICER"].get(f"/alerts/{alert_id}").text
    assert SECRET_PLACE in shown
    assert "Vecina Reservada" not in shown
    assert "Vecina Reservada" in table["OFFICER"].get(f"/alerts/{alert_id}/reporter").text
    assert table["RENIEC"].get(f"/alerts/{alert_id}").status_code == 404


@pytest.mark.parametrize("is_reserved", ["1", ""])
def test_who_told_it_stays_with_the_authority_when_the_alert_escalates(
    db: Database, table: Table, is_reserved: str
) -> None:
    alert_id = send(table, is_reserved=is_reserved)
    with db.write() as session:
        assert escalate_alerts(session, after=timedelta()) == 1
    shown = table["DP"].get(f"/alerts/{alert_id}").text
    assert SECRET_PLACE in shown
    assert "Vecina Reservada" not in shown
    assert "/reporter" not in shown
    assert table["DP"].get(f"/alerts/{alert_id}/reporter").status_code == 404
    assert "/reporter" in table["OFFICER"].get(f"/alerts/{alert_id}").text or not is_reserved


def test_what_is_sealed_is_not_readable_in_the_file(db: Database, table: Table) -> None:
    send(table)
    folder = Path(str(db.url.database)).parent
    content = b"".join(path.read_bytes() for path in folder.glob("portal.db*"))
    assert SECRET_PLACE.encode() not in content
    assert b"Vecina Reservada" not in content


def test_accepted_it_becomes_a_case_with_the_authority_as_lead(table: Table) -> None:
    code = accept(table, send(table))
    page = table["UPE"].get(f"/cases/{code}")
    assert page.status_code == 200
    assert "Ánimo Prueba" in page.text
    assert table["SALUD"].get(f"/cases/{code}").status_code == 404
    assert code in table["UPE"].get("/cases").text
    assert code not in table["RENIEC"].get("/cases").text


def test_groups_of_the_programme_come_from_the_signs_and_are_corrected(table: Table) -> None:
    code = accept(table, send(table))
    where = f"/cases/{code}"
    assert "Hija o hijo de persona privada de libertad" in table["UPE"].get(where).text
    head = {"situation": "unprotection", "priority": "high", "district": LAMAS}
    wrong = table["UPE"].fill(f"{where}/edit", {**head, "groups": ["royalty"]})
    assert wrong.status_code == 422
    groups = ["pandemic", "femicide"]
    assert table["UPE"].fill(f"{where}/edit", {**head, "groups": groups}).status_code == 303
    page = table["UPE"].get(where).text
    assert "Víctima indirecta de feminicidio" in page
    assert "En orfandad por la pandemia" in page
    assert "privada de libertad" not in page


def children_to_refer(table: Table, code: str) -> list[str]:
    form = table["UPE"].get(f"/cases/{code}/referrals/new").text
    return re.findall(r'name="person_ids" value="([^"]+)"', form)


def start_a_term(db: Database, table: Table, code: str) -> None:
    with db.write() as session:
        start_term(
            session,
            system_actor(),
            session.scalars(sa.select(col(Case.id)).where(col(Case.code) == code)).one(),
            rule_code="procedure.assessment",
            starts_at=clock.now(),
            agency_id=table.agencies["UPE"].id,
        )


@ON_BOTH
def test_a_referral_shows_its_receiver_exactly_its_part(db: Database, table: Table) -> None:
    code = accept(table, send(table))
    children = children_to_refer(table, code)
    given = {
        "to_agency_id": str(table.agencies["RENIEC"].id),
        "right": "identity",
        "asked": "Inscribir y emitir el DNI sin costo",
        "person_ids": children[1:],
        "due_on": (clock.today() + timedelta(days=3)).isoformat(),
        "priority": "high",
        "identity_fields": ["names", "birth"],
    }
    asked = {**given, "shown": mark(given)}
    referral = last_part(table["UPE"].fill(f"/cases/{code}/referrals/new", asked))
    before = table["RENIEC"].get(f"/referrals/{referral}").text
    assert "Brío Prueba" in before
    assert "Ánimo" not in before
    assert table["RENIEC"].get(f"/cases/{code}").status_code == 404
    assert table["SALUD"].get(f"/referrals/{referral}").status_code == 404
    accepted = table["RENIEC"].fill(f"/referrals/{referral}", to=f"/referrals/{referral}/accept")
    assert accepted.status_code == 303, accepted.text
    start_a_term(db, table, code)
    assert "sin plazo en curso" not in table["UPE"].get("/cases").text
    assert "sin plazo en curso" in table["RENIEC"].get("/cases").text
    assert code not in table["RENIEC"].get("/cases?term=soon").text
    assert code in table["UPE"].get("/cases?term=soon").text
    case = table["RENIEC"].get(f"/cases/{code}").text
    assert "Ánimo Prueba" not in case
    assert "Madre internada" not in case
    assert "privada de libertad" not in case
    assert "Agency DP" not in case
    answered = table["RENIEC"].fill(
        f"/referrals/{referral}/answer",
        {"answer": "DNI emitido", "document": "Constancia 12", "restores": "1"},
    )
    assert answered.status_code == 303, answered.text
    assert (
        "Restituido" in table["UPE"].get(f"/cases/{code}").text
        or "Restored" in table["UPE"].get(f"/cases/{code}").text
    )


@ON_BOTH
def test_the_defensoria_supervises_how_what_was_asked_stands_without_its_text(
    db: Database, table: Table
) -> None:
    code = accept(table, send(table))
    asked = {
        "to_agency_id": str(table.agencies["RENIEC"].id),
        "right": "identity",
        "asked": "Inscribir a quien aún no está inscrito",
        "person_ids": children_to_refer(table, code),
        "due_on": (clock.today() + timedelta(days=3)).isoformat(),
        "priority": "high",
        "identity_fields": [],
    }
    asked["shown"] = mark(asked)
    joins = {
        "agency_id": str(table.agencies["DP"].id),
        "level": "informed",
        "norm": "supervision",
    }
    assert table["UPE"].fill(f"/cases/{code}/parties/new", joins).status_code == 303
    assert "Agency RENIEC" not in table["DP"].get(f"/cases/{code}").text
    referral = last_part(table["UPE"].fill(f"/cases/{code}/referrals/new", asked))
    page = table["DP"].get(f"/cases/{code}").text
    assert "Agency RENIEC" in page
    assert "aún no está inscrito" not in page
    assert referral not in page
    assert table["DP"].get(f"/referrals/{referral}").status_code == 404
    assert "Ánimo" not in page
    table["RENIEC"].fill(f"/referrals/{referral}", to=f"/referrals/{referral}/accept")
    assert "Agency DP" not in table["RENIEC"].get(f"/cases/{code}").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"children-0-born_on": "2071-03-12"}, "children-0-born_on"),
        ({"children-0-document_kind": "dni", "children-0-document_number": "1234567"}, "document"),
        ({"district": "999999"}, "district"),
        ({"children-0-given_names": "x" * 5000}, "children-0-given_names"),
        ({"where": ""}, "where"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    table: Table, changes: dict[str, str], field: str
) -> None:
    answer = table["SALUD"].fill("/alerts/new", alert(**changes))
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert field in answer.text
    assert "Madre internada" in answer.text


@ON_BOTH
def test_two_people_who_save_the_same_case_see_both_texts(db: Database, table: Table) -> None:
    edit = f"/cases/{accept(table, send(table))}/edit"
    head = {"situation": "unprotection", "priority": "high", "district": LAMAS}
    early, late = table["OFFICER"].marks(edit), table["UPE"].marks(edit)
    first = {**early, **head, "summary": "Los recoge una tía."}
    assert table["OFFICER"].post(edit, first).status_code == 303
    answer = table["UPE"].post(edit, {**late, **head, "summary": "La madre sale el lunes."})
    assert answer.status_code == 409
    assert "Los recoge una tía." in answer.text
    assert "La madre sale el lunes." in answer.text
    with db.read() as session:
        assert session.scalars(sa.select(Case)).one().summary == "Los recoge una tía."
    again = {**dict(HIDDEN.findall(answer.text)), **head, "summary": "La madre sale el lunes."}
    assert table["UPE"].post(edit, again).status_code == 303


def test_a_form_opened_for_one_institution_is_not_sent_for_another(
    db: Database, table: Table, browser: NewBrowser
) -> None:
    with db.write() as session:
        session.add(
            Membership(
                user_id=table.people["SALUD"].id,
                agency_id=table.agencies["RENIEC"].id,
                role=Role.COORDINATOR,
                since=clock.now(),
            )
        )
    opened = table["SALUD"]
    marks = opened.marks("/alerts/new")
    acting = {"agency_id": str(table.agencies["RENIEC"].id)}
    assert opened.fill("/me", acting, to="/me/acting").status_code == 303
    answer = opened.post("/alerts/new", {**marks, **alert()})
    assert answer.status_code == 409
    assert "Agency RENIEC" in answer.text
    assert SECRET_PLACE in opened.get("/alerts/new").text, "the text is kept as a draft"
    with db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Alert)) == 0


@ON_BOTH
def test_what_is_sent_to_a_case_of_others_finds_nothing(db: Database, table: Table) -> None:
    code = accept(table, send(table))
    marks = table["RENIEC"].marks("/alerts/new")
    entry = {**marks, "kind": "note", "circle": "team", "text": "No es mío."}
    addresses = [f"/cases/{code}", f"/cases/{code}/edit", f"/cases/{code}/entries/new"]
    assert {table["RENIEC"].get(address).status_code for address in addresses} == {404}
    sent = {table["RENIEC"].post(address, entry).status_code for address in addresses[1:]}
    assert sent == {404}
    with db.read() as session:
        kept = session.scalars(sa.select(col(Entry.id)).where(col(Entry.text) == "No es mío."))
        assert kept.first() is None


@ON_BOTH
def test_two_who_accept_the_same_alert_open_one_case(db: Database, table: Table) -> None:
    address = f"/alerts/{send(table)}/accept"
    forms = {name: table[name].marks(address) for name in ("UPE", "OFFICER")}
    both = Barrier(len(forms))

    def click(name: str) -> int:
        both.wait()
        return table[name].post(address, forms[name]).status_code

    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(click, forms)) == [303, 409]
    with db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 1
