"""The pages of retention: two people, their plan, and what each may do."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from portal import clock, events
from portal.actor import Role
from portal.cases.models import Case
from portal.db import Database
from portal.retention.models import Ground
from tests.conftest import Statements
from tests.factories.agencies import make_agency, make_member
from tests.retention.conftest import NAMES, PERSONAL, Story
from tests.webclient import Browser

PAGE = "/admin/retention"
RULE = {
    "record": "case",
    "years": "10",
    "counted_from": "closing",
    "norm": "Programa de control de documentos 2026",
    "norm_on": "2026-01-15",
    "doubt": "Falta la opinión del Archivo Regional",
}


@pytest.fixture
def people(
    story: Story, db: Database, browser: Callable[[], Browser]
) -> tuple[Browser, Browser, Browser]:
    """Return the officer of the institution in charge, the platform's, and one of elsewhere."""
    with db.write() as session:
        story_case = session.get_one(Case, story.case_id)
        story_case.close(at=clock.now() - timedelta(days=4000))
        elsewhere = make_agency(session, "CEM-TAR")
        officer = make_member(session, story.upe, Role.PRIVACY_OFFICER, name="Ana Bolaina")
        platform = make_member(session, None, Role.PLATFORM_ADMIN, name="Rosa Tornillo")
        other = make_member(session, elsewhere, Role.PRIVACY_OFFICER)
        session.expunge_all()
    return (
        browser().sign_in(officer, story.upe),
        browser().sign_in(platform, None),
        browser().sign_in(other, elsewhere),
    )


def test_two_people_erase_and_see_what_went(
    story: Story, people: tuple[Browser, Browser, Browser], app: Flask, db: Database
) -> None:
    officer, platform, other = people
    assert "Ley 25323" in officer.get(PAGE).text
    assert platform.fill(f"{PAGE}/rules/new", RULE).status_code == 303
    assert story.code in officer.get(PAGE).text
    assert "Falta la opinión" in officer.get(PAGE).text
    given = {"record_ids": str(story.case_id), "ground": "rule", "reason": "Plazo vencido"}
    made = officer.fill(f"{PAGE}/erasures/new", given)
    assert made.status_code == 303
    shown = officer.get(made.location).text
    assert "Identidad de niñas, niños y adolescentes" in shown
    assert f"{made.location}/approve" not in shown
    assert not any(said in shown for said in PERSONAL)
    refused = officer.fill(f"{made.location}/approve", {"reason": "De acuerdo"})
    assert refused.status_code == 403
    assert other.get(made.location).status_code == 404
    assert other.get(f"{made.location}/approve").status_code == 404
    approved = platform.fill(f"{made.location}/approve", {"reason": "Conforme al programa"})
    assert approved.status_code == 303
    assert "0 de 1 terminados" in officer.get(made.location).text
    with app.app_context():
        while events.run_due(db):
            pass
    shown = officer.get(made.location).text
    assert "Suprimido" in shown
    assert story.code not in shown
    found = officer.get(f"{PAGE}/codes?code={story.code.lower()}").text
    assert "fue suprimido el" in found
    assert "fue suprimido el" not in other.get(f"{PAGE}/codes?code={story.code}").text


def test_a_hold_is_placed_by_code_and_lifted(
    story: Story, people: tuple[Browser, Browser, Browser], db: Database
) -> None:
    officer, platform, other = people
    hold = {"code": story.code, "document": "Oficio 118-2026", "reason": "Investigación fiscal"}
    assert other.fill(f"{PAGE}/holds/new", hold).status_code == 422
    assert officer.fill(f"{PAGE}/holds/new", {**hold, "with_children": "1"}).status_code == 303
    text = platform.get(PAGE).text
    assert "Oficio 118-2026" in text
    assert "Investigación fiscal" in text
    assert not any(name in text for name in NAMES)
    platform.fill(f"{PAGE}/rules/new", RULE)
    given = {
        "record_ids": str(story.case_id),
        "ground": Ground.CANCELLATION.value,
        "document": "Resolución 12-2026",
        "reason": "Pedido de la titular",
    }
    refused = officer.fill(f"{PAGE}/erasures/new", given)
    assert refused.status_code == 422
    assert "una retención legal lo conserva" in refused.text
    assert "Pedido de la titular" in refused.text
    address = f"{PAGE}/holds/"
    links = [part.split('"')[0] for part in text.split(f'href="{address}')[1:] if "lift" in part]
    for link in {link for link in links if link.endswith("/lift")}:
        assert officer.fill(address + link, {"reason": "Terminó el proceso"}).status_code == 303
    assert officer.fill(f"{PAGE}/erasures/new", given).status_code == 303


def test_those_who_work_on_cases_have_no_door_here(
    story: Story,
    people: tuple[Browser, Browser, Browser],
    db: Database,
    browser: Callable[[], Browser],
) -> None:
    with db.write() as session:
        user = make_member(session, story.upe, Role.COORDINATOR, Role.AGENCY_ADMIN)
        session.expunge_all()
    assert browser().sign_in(user, story.upe).get(PAGE).status_code == 404


def test_the_page_asks_the_same_however_much_it_lists(
    story: Story, people: tuple[Browser, Browser, Browser], statements: Statements
) -> None:
    officer, platform, _other = people
    platform.fill(f"{PAGE}/rules/new", RULE)
    counts = []
    hold = {"code": story.code, "document": "Oficio 118-2026", "reason": "Fiscalía"}
    officer.fill(f"{PAGE}/holds/new", hold)
    for _each in range(2):
        officer.get(PAGE)
        statements.seen.clear()
        assert officer.get(PAGE).status_code == 200
        counts.append(statements.count)
        officer.fill(f"{PAGE}/holds/new", {**hold, "with_children": "1"})
        platform.fill(f"{PAGE}/rules/new", {**RULE, "years": "12"})
    assert counts[1] == counts[0]
