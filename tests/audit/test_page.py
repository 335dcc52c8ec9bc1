"""The auditor's page: who, when, what kind; never a case."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal import audit, clock
from portal.actor import Actor, Role
from portal.db import Database, new_id
from tests.factories.agencies import make_agency, make_member
from tests.webclient import Browser

URL = "/admin/audit"
CASE = new_id()


@pytest.fixture
def auditor(db: Database, browser: Callable[[], Browser]) -> Browser:
    with db.write() as session:
        agency = make_agency(session, name="Casa de Prueba")
        worker = make_member(session, agency, Role.CASEWORKER, name="Luz Cedro")
        worker.username = "luz"
        who = Actor(worker.id, agency.id)
        for number in range(60):
            audit.record(
                session, who, f"test.act{number:02}", CASE, case=CASE, code="UPE-2026-ZZZZ"
            )
        own = make_member(session, None, Role.AUDITOR)
        session.flush()
        session.expunge_all()
    return browser().sign_in(own, None)


def test_it_lists_who_did_what_kind_when_and_no_case(auditor: Browser) -> None:
    page = auditor.get(URL).text
    assert "Luz Cedro" in page
    assert "Casa de Prueba" in page
    assert "test.act59" in page
    assert str(CASE) not in page
    assert "UPE-2026-ZZZZ" not in page


def test_it_goes_on_to_older_entries_and_keeps_its_filters(auditor: Browser) -> None:
    first = auditor.get(f"{URL}?person=luz").text
    older = first.split('class="pager"><a href="')[1].split('"')[0].replace("&amp;", "&")
    assert "test.act09" not in first
    assert "test.act09" in auditor.get(older).text


def test_it_is_narrowed_by_person_kind_and_day(auditor: Browser) -> None:
    assert "test.act" not in auditor.get(f"{URL}?person=nadie").text
    assert "test.act07" in auditor.get(f"{URL}?action=test.act07").text
    assert "test.act08" not in auditor.get(f"{URL}?action=test.act07").text.split("</form>")[1]
    assert "test.act59" in auditor.get(f"{URL}?day={clock.today()}").text
    assert "test.act" not in auditor.get(f"{URL}?day=2020-01-01").text
    assert auditor.get(f"{URL}?day=0001-01-01&agency=x&before=x").status_code == 200


def test_acts_are_said_and_found_in_words(auditor: Browser) -> None:
    page = auditor.get(f"{URL}?action=ingresó").text
    assert "Ingresó" in page
    assert "users.sign_in.start" in page
    assert "test.act59" not in page


def test_the_checkpoints_can_be_taken_away(auditor: Browser, db: Database, tmp_path: Path) -> None:
    assert auditor.get(f"{URL}/checkpoints").status_code == 404
    made = audit.checkpoint(db, tmp_path)
    assert made.signature in auditor.get(f"{URL}/checkpoints").text
    assert made.printed in auditor.get(URL).text
