"""Orders of authorities, what people ask of their data, and the copies handed over."""

import io
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from pypdf import PdfReader
from sqlmodel import col, select
from werkzeug.test import TestResponse

from portal import audit, clock, events
from portal.access.models import Signer, SignerStanding
from portal.actor import AgencyKind, Role, system_actor
from portal.agencies.models import Agency
from portal.audit.models import AuditEntry
from portal.cases.models import Circle, EntryKind, Priority, Situation
from portal.cases.services import open_case
from portal.cases.timeline import write_entry
from portal.db import Database
from portal.notifications.models import Notice
from portal.privacy.answers import recount
from portal.privacy.exports import expire_copies
from portal.privacy.models import ExportFile, LegalOrder, SubjectRequest
from portal.users.models import SignIn, User
from tests.factories.agencies import make_agency, make_member
from tests.postgresql import ON_BOTH
from tests.retention.conftest import NAMES, NOTE, PLACE, REPORTER, SEALED, Story, tell
from tests.webclient import Browser

pytestmark = pytest.mark.slow

GRANDMOTHER = "Abuela Lupuna"
ASKED = "Copia de lo actuado para la audiencia"
WHO = "Madre Copaiba, DNI 71234567"


@dataclass
class Desk:
    """The case of two siblings, and the people of the institution that leads it."""

    app: Flask
    db: Database
    story: Story
    users: dict[str, User]
    upe: Agency
    other: Agency

    def at(self, name: str) -> Browser:
        """Return a browser in which somebody is signed in."""
        agency = self.other if name == "stranger" else self.upe
        return Browser(self.app, self.db).sign_in(self.users[name], agency)

    def work(self) -> None:
        """Link the trail and do what waits, as the worker does."""
        with self.db.write() as session:
            audit.link_entries(session)
        with self.app.app_context():
            for _round in range(3):
                events.run_due(self.db)

    def order(self, **given: Any) -> dict[str, Any]:
        """Return an order as it is filled in."""
        return {
            "code": self.story.code,
            "kind": "order",
            "authority": "Juzgado de Familia, Dra. Prueba",
            "order_number": "Oficio 123-2026",
            "dated": clock.today().isoformat(),
            "asked": ASKED,
            "person_ids": [str(self.story.children[0])],
            "pieces": ["identity", "situation", "timeline"],
            **given,
        }

    def request(self, **given: Any) -> dict[str, Any]:
        """Return what a mother asks, as it is filled in."""
        return {
            "code": self.story.code,
            "kind": "access",
            "person_id": str(self.story.children[0]),
            "standing": "mother",
            "who": WHO,
            "identified": "DNI a la vista",
            "asked": "Quiero saber qué tienen de mi hija",
            "received_at": f"{clock.local(clock.now()):%Y-%m-%dT%H:%M}",
            **given,
        }


@pytest.fixture
def desk(app: Flask, db: Database) -> Desk:
    """Return the case and its people."""
    with clock.at(clock.now() - timedelta(days=10)), db.write() as session:
        story = tell(session, db)
    with db.write() as session:
        upe = session.get_one(Agency, story.upe.id)
        other = make_agency(session, "OTRA", AgencyKind.DEMUNA)
        users = {
            "lead": session.get_one(User, story.lead.user_id),
            "second": make_member(session, upe, Role.COORDINATOR, name="Elena Caoba"),
            "third": make_member(session, upe, Role.COORDINATOR, name="Rosa Quinilla"),
            "officer": make_member(session, upe, Role.PRIVACY_OFFICER, name="Teresa Ojé"),
            "worker": make_member(session, upe, Role.CASEWORKER, name="Marco Lupuna"),
            "stranger": make_member(session, other, Role.COORDINATOR, name="Otro Cedro"),
        }
        session.flush()
        session.expunge_all()
    return Desk(app, db, story, users, upe, other)


def registered(desk: Desk, **given: Any) -> str:
    """Register an order: its address."""
    url = f"/privacy/orders/new?code={desk.story.code}"
    answer = desk.at("lead").fill(url, desk.order(**given), to="/privacy/orders/new")
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def decided(browser: Browser, url: str, outcome: str = "agree") -> TestResponse:
    return browser.fill(f"{url}/decide", {"outcome": outcome, "reason": "Lo dice el oficio"})


def copied(desk: Desk, url: str, who: str = "lead") -> str:
    """Make a copy and read what it says."""
    browser = desk.at(who)
    asked = browser.fill(f"{url}/copy")
    assert asked.status_code == 303, asked.text
    copy = str(asked.location)
    assert "En preparación" in browser.get(copy).text
    desk.work()
    fetched = browser.post(copy, browser.marks(copy))
    assert fetched.status_code == 200, fetched.text
    assert "attachment" in fetched.headers["Content-Disposition"]
    pages = PdfReader(io.BytesIO(fetched.data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@ON_BOTH
def test_an_order_of_a_judge_is_agreed_by_another_and_gives_its_scope_only(desk: Desk) -> None:
    url = registered(desk, names=f"{GRANDMOTHER}\n")
    lead = desk.at("lead")
    assert decided(lead, url).status_code == 403
    number = lead.get(url).text.split("Mandato ")[1].split(" ")[0]
    assert number in desk.at("second").get("/").text
    assert decided(desk.at("second"), url).status_code == 303
    text = copied(desk, url)
    assert NAMES[0] in text
    assert NOTE in text
    for withheld in (NAMES[1], PLACE, SEALED, REPORTER, "Pedir la partida", "Control y vacunas"):
        assert withheld not in text, withheld
    for said in ("Oficio 123-2026", "Hecha por", "E-", desk.upe.name):
        assert said in text, said


@pytest.mark.parametrize(
    ("piece", "secret"), [("whereabouts", PLACE), ("reporter", REPORTER), ("rights", "partida")]
)
def test_what_stands_apart_goes_out_where_the_order_names_it(
    desk: Desk, piece: str, secret: str
) -> None:
    url = registered(desk, pieces=[piece])
    decided(desk.at("second"), url)
    text = copied(desk, url)
    assert secret in text
    assert NOTE not in text


def test_sealed_pieces_need_two_more_people(desk: Desk) -> None:
    url = registered(desk, pieces=["sealed"])
    assert decided(desk.at("second"), url).status_code == 303
    assert desk.at("lead").fill(f"{url}/copy").status_code == 409
    assert decided(desk.at("second"), url).status_code == 403
    assert decided(desk.at("third"), url).status_code == 303
    assert SEALED in copied(desk, url)


def test_an_urgent_call_is_refused_in_writing_and_gives_nothing(desk: Desk) -> None:
    url = registered(desk, kind="call", order_number="", dated="", authority="Jefe Tornillo")
    second = desk.at("second")
    assert decided(second, url).status_code == 422
    assert decided(second, url, "refuse").status_code == 303
    assert desk.at("lead").fill(f"{url}/copy").status_code == 409
    printed = second.get(f"{url}/print").text
    assert "no se puede entregar" in printed
    assert "Lo dice el oficio" in printed


def test_an_order_reaches_only_children_of_a_case_that_the_institution_leads(desk: Desk) -> None:
    lead, url = desk.at("lead"), "/privacy/orders/new"
    with desk.db.read() as session:
        user_id = session.exec(select(User)).first()
    assert user_id
    wrong = desk.order(person_ids=["01a20a25-76c7-71ba-82a7-fa585f65fe25"])
    marks = lead.marks(f"{url}?code={desk.story.code}")
    refused = lead.post(url, {**marks, **wrong})
    assert refused.status_code == 422
    assert ASKED in refused.text
    for who in ("stranger", "worker"):
        assert desk.at(who).get(f"{url}?code={desk.story.code}").status_code == 404


def test_the_officer_sees_that_there_is_an_order_and_not_what_it_says(desk: Desk) -> None:
    url = registered(desk)
    officer = desk.at("officer")
    assert "Oficio 123-2026" in officer.get(url).text
    assert ASKED not in officer.get(url).text
    assert officer.get(f"{url}/decide").status_code == 404
    assert desk.at("stranger").get(url).status_code == 404


def test_the_time_of_an_order_narrows_what_goes_out(desk: Desk) -> None:
    url = registered(desk, pieces=["timeline"], since=clock.today().isoformat())
    decided(desk.at("second"), url)
    assert NOTE not in copied(desk, url)


@ON_BOTH
def test_a_copy_waits_for_its_link_is_its_makers_and_is_fetched_once(desk: Desk) -> None:
    url = registered(desk)
    decided(desk.at("second"), url)
    lead = desk.at("lead")
    copy = str(lead.fill(f"{url}/copy").location)
    with desk.app.app_context():
        events.run_due(desk.db)
    with desk.db.read() as session:
        assert session.exec(select(ExportFile)).one().state == "waiting"
    with clock.at(clock.now() + timedelta(seconds=3)):
        desk.work()
    for who in ("second", "officer", "stranger"):
        assert desk.at(who).get(copy).status_code == 404
    marks = lead.marks(copy)
    assert lead.post(copy, marks).status_code == 200
    with desk.db.read() as session:
        made = session.exec(select(ExportFile)).one()
    assert (made.state, made.content_sealed) == ("gone", None)
    assert lead.post(copy, {**marks, "_key": "again"}).status_code == 409
    with desk.db.read() as session:
        actions = set(session.scalars(select(AuditEntry.action)))
    assert {"privacy.export.make", "privacy.export.fetch"} <= actions


def test_nobody_makes_more_copies_in_a_day_than_the_instance_allows(desk: Desk) -> None:
    url = registered(desk)
    decided(desk.at("second"), url)
    parts = desk.app.extensions["portal"]
    fewer = parts.settings.model_copy(update={"copies_per_day": 2})
    desk.app.extensions["portal"] = replace(parts, settings=fewer)
    lead = desk.at("lead")
    assert [lead.fill(f"{url}/copy").status_code for _copy in range(3)] == [303, 303, 429]
    assert desk.at("second").fill(f"{url}/copy").status_code == 303
    with clock.at(clock.now() + timedelta(hours=25)):
        assert desk.at("lead").fill(f"{url}/copy").status_code == 303


def test_a_copy_that_nobody_fetches_is_deleted_after_a_quarter_of_an_hour(desk: Desk) -> None:
    url = registered(desk)
    decided(desk.at("second"), url)
    copy = str(desk.at("lead").fill(f"{url}/copy").location)
    desk.work()
    with clock.at(clock.now() + timedelta(minutes=16)):
        late = desk.at("lead")
        assert late.post(copy, late.marks(copy)).status_code == 409
        with desk.db.write() as session:
            assert expire_copies(session) == 1
    with desk.db.read() as session:
        assert session.exec(select(ExportFile)).one().content_sealed is None


def test_a_copy_asks_once_more_who_one_is(desk: Desk) -> None:
    url = registered(desk)
    decided(desk.at("second"), url)
    lead = desk.at("lead")
    with desk.db.write() as session:
        session.execute(sa.update(SignIn).values(proved_at=clock.now() - timedelta(hours=1)))
    assert "/login/proof" in str(lead.get(f"{url}/copy").location)


def asked(desk: Desk, **given: Any) -> str:
    """Register what a mother asks: its address."""
    url = f"/privacy/requests/new?code={desk.story.code}"
    answer = desk.at("lead").fill(url, desk.request(**given), to="/privacy/requests/new")
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def answer_to(desk: Desk, url: str, by: str = "second", **given: Any) -> TestResponse:
    return desk.at(by).fill(
        f"{url}/decide",
        {
            "authority": "holds",
            "decision": "granted",
            "pieces": ["identity", "situation", "timeline"],
            "names": GRANDMOTHER,
            "reason": "Es la madre y la ejerce",
            **given,
        },
    )


@ON_BOTH
def test_a_mother_is_answered_with_what_is_held_and_who_looked(desk: Desk) -> None:
    url = asked(desk)
    page = desk.at("second").get(url).text
    assert "DS 016-2024-JUS arts. 69–70" in page
    assert "20.º día hábil" in page
    assert WHO in page
    assert answer_to(desk, url).status_code == 303
    text = copied(desk, url, "second")
    assert NAMES[0] in text
    for withheld in (NAMES[1], PLACE, SEALED, REPORTER):
        assert withheld not in text, withheld
    assert "Quién lo consultó" in text
    printed = desk.at("second").get(f"{url}/print").text
    assert "Es la madre y la ejerce" in printed


def test_who_signs_for_the_institution_decides_where_signers_are_named(desk: Desk) -> None:
    url = asked(desk)
    with desk.db.write() as session:
        session.add(
            Signer(
                agency_id=desk.upe.id,
                user_id=desk.users["third"].id,
                name="Rosa Quinilla",
                standing=SignerStanding.TITULAR,
                resolution="RD 7-2026",
                resolved_on=clock.today(),
                since=clock.today(),
            )
        )
    assert "Decidir" not in desk.at("second").get(url).text
    assert url not in desk.at("second").get("/").text
    assert url in desk.at("third").get("/").text
    refused = answer_to(desk, url)
    assert refused.status_code == 403
    assert "quien firma por su institución: Rosa Quinilla." in refused.text
    assert answer_to(desk, url, by="third").status_code == 303


def test_whose_authority_is_suspended_gets_nothing(desk: Desk) -> None:
    url = asked(desk)
    refused = answer_to(desk, url, authority="suspended")
    assert refused.status_code == 422
    assert "DL 1297 art. 51" in refused.text
    assert answer_to(desk, url, authority="suspended", decision="refused").status_code == 303
    assert desk.at("second").fill(f"{url}/copy").status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [{"pieces": ["reporter"]}, {"pieces": []}, {"authority": "not_needed"}, {"reason": ""}],
    ids=str,
)
def test_what_may_not_be_decided_is_said_beside_the_field(
    desk: Desk, wrong: dict[str, Any]
) -> None:
    url = asked(desk)
    assert answer_to(desk, url, **wrong).status_code == 422
    with desk.db.read() as session:
        assert session.exec(select(SubjectRequest)).one().decision == "open"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"standing": "self"}, "14 años"),
        ({"person_id": "01a20a25-76c7-71ba-82a7-fa585f65fe25"}, "de este caso"),
        ({"received_at": "2099-01-01T10:00"}, "futura"),
    ],
)
def test_who_may_not_ask_is_said_and_the_text_is_kept(
    desk: Desk, wrong: dict[str, Any], said: str
) -> None:
    lead, url = desk.at("lead"), "/privacy/requests/new"
    marks = lead.marks(f"{url}?code={desk.story.code}")
    answer = lead.post(url, {**marks, **desk.request(**wrong)})
    assert answer.status_code == 422
    assert said in answer.text
    assert WHO in answer.text


def test_a_correction_that_was_granted_stays_a_task_of_the_lead(desk: Desk) -> None:
    url = asked(desk, kind="rectification")
    number = desk.at("second").get(url).text.split("Solicitud ")[1].split("<")[0].split(" ")[0]
    assert answer_to(desk, url, pieces=[]).status_code == 303
    assert f"{number}" in desk.at("lead").get("/").text
    marks = desk.at("lead").marks(url)
    assert desk.at("lead").post(f"{url}/corrected", marks).status_code == 303
    assert f"{number}" not in desk.at("lead").get("/").text


def test_more_may_be_asked_for_within_seven_business_days(desk: Desk) -> None:
    url, lead = asked(desk), desk.at("lead")
    assert lead.post(f"{url}/more", lead.marks(url)).status_code == 303
    again = {**lead.marks(url), "_key": "k2"}
    assert lead.post(f"{url}/more", again).status_code == 409


def test_the_days_of_a_request_move_with_the_calendar(desk: Desk) -> None:
    asked(desk)
    with desk.db.write() as session:
        row = session.exec(select(SubjectRequest)).one()
        row.due_on, row.due_at = date(2026, 1, 2), clock.now()
        session.flush()
        assert recount(session) == 1
        assert recount(session) == 0
        assert row.due_on > clock.today()
        said = session.scalars(select(Notice).where(col(Notice.origin).startswith("requests:")))
        assert {each.user_id for each in said} == {
            desk.users[name].id for name in ("lead", "second", "third", "officer")
        }


def test_the_officer_sees_the_day_of_a_request_and_not_who_asks(desk: Desk) -> None:
    url = asked(desk)
    officer = desk.at("officer")
    page = officer.get(url).text
    assert "Quiero saber" not in page
    assert WHO not in page
    assert officer.get("/privacy/asked").status_code == 200
    assert officer.get(f"{url}/decide").status_code == 404
    for who in ("stranger", "worker"):
        assert desk.at(who).get(url).status_code == 404


def test_what_was_written_is_sealed(desk: Desk) -> None:
    registered(desk, names=GRANDMOTHER)
    asked(desk)
    with desk.db.read() as session:
        order = session.exec(select(LegalOrder)).one()
        request = session.exec(select(SubjectRequest)).one()
    cells = (order.asked_sealed, order.names_sealed, request.who_sealed, request.asked_sealed)
    for cell in cells:
        assert cell
        for said in (ASKED, GRANDMOTHER, WHO, "Quiero saber"):
            assert said.encode() not in cell


def test_third_parties_stand_by_their_initials_in_a_copy(desk: Desk) -> None:
    with desk.db.write() as session:
        write_entry(
            session,
            desk.story.lead,
            desk.story.case_id,
            kind=EntryKind.NOTE,
            text=f"{NAMES[1]} duerme donde {GRANDMOTHER}; visitó Elena Caoba",
        )
    url = registered(desk, pieces=["timeline"], names=GRANDMOTHER)
    decided(desk.at("second"), url)
    text = copied(desk, url)
    assert "P. duerme donde A. L.; visitó E. C." in text


def test_what_another_institution_keeps_or_leads_is_not_handed_over(desk: Desk) -> None:
    child = desk.story.children[0]
    with desk.db.write() as session:
        write_entry(
            session,
            desk.story.health,
            desk.story.case_id,
            kind=EntryKind.NOTE,
            text="Solo de la red de salud",
            circle=Circle.AGENCY,
        )
    everything = ["situation", "timeline", "parties", "referrals"]
    url = registered(desk, pieces=everything)
    decided(desk.at("second"), url)
    text = copied(desk, url)
    assert "Control y vacunas" in text
    assert "Solo de la red de salud" not in text
    with desk.db.write() as session:
        open_case(
            session,
            system_actor(desk.other.id),
            lead_agency_id=desk.other.id,
            situation=Situation.RISK,
            priority=Priority.HIGH,
            district="220501",
            summary="Relato de otra institución",
            person_ids=[child],
            received_at=clock.now(),
        )
    text = copied(desk, url)
    assert NOTE in text
    for withheld in ("Relato de otra institución", "Control y vacunas"):
        assert withheld not in text, withheld
