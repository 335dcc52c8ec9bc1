"""The pages of modules: who sees them, what they switch, and that off means not there."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal import clock, host
from portal.actor import Actor
from portal.cases.models import Priority, Situation
from portal.cases.services import open_case
from portal.db import Database
from portal.host import queries, services
from portal.host.slots import Objection
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from tests.host.conftest import AdminBrowser, People

SignIn = Callable[[Actor], AdminBrowser]


@pytest.fixture
def admitted(app: Flask, db: Database, people: People) -> None:
    """Admit the dummy and turn it on at the UPE."""
    services.admit(db, people.platform, "dummy")
    with db.write() as session:
        services.enable(session, people.platform, "dummy", people.upe.id)


def test_the_platform_sees_modules_and_institutions(
    app: Flask, people: People, sign_in: SignIn
) -> None:
    platform = sign_in(people.platform)
    text = platform.get("/admin/plugins/").text
    assert "Dummy" in text
    assert "Por admitir" in text
    assert "UPE San Martín" not in text
    platform.press("/admin/plugins/dummy/admit")
    text = platform.get("/admin/plugins/").text
    assert "Admitido" in text
    assert "UPE San Martín" in text


def test_admitting_then_enabling_opens_the_pages(
    app: Flask, db: Database, people: People, sign_in: SignIn
) -> None:
    platform, worker = sign_in(people.platform), sign_in(people.coordinator)
    assert worker.get("/p/dummy/").status_code == 404
    assert platform.press("/admin/plugins/dummy/admit").status_code == 303
    assert worker.get("/p/dummy/").status_code == 404
    answer = platform.press(f"/admin/plugins/dummy/{people.upe.id}/on")
    assert answer.status_code == 303
    assert answer.location.endswith(f"#agency-{people.upe.id}")
    assert worker.get("/p/dummy/").status_code == 200


@pytest.mark.slow
def test_every_address_of_a_module_is_gone_where_it_is_off(
    app: Flask, db: Database, people: People, sign_in: SignIn, admitted: None
) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if host.current().owner_of(rule.endpoint)]
    assert len(rules) >= 3
    worker, stranger = sign_in(people.coordinator), sign_in(people.demuna_admin)
    unknown = stranger.get("/p/nothing/")
    for rule in rules:
        url = rule.rule.replace("<name>", "x")
        for browser, there in ((worker, True), (stranger, False)):
            answer = browser.press(url) if "POST" in (rule.methods or ()) else browser.get(url)
            assert (answer.status_code != 404) is there, url
            if not there:
                assert answer.text == unknown.text
    platform = sign_in(people.platform)
    assert platform.press(f"/admin/plugins/dummy/{people.upe.id}/off").status_code == 303
    assert worker.get("/p/dummy/").status_code == 404
    assert "/p/dummy/" not in worker.get("/me").text


def test_a_module_that_is_on_stands_in_the_menu(
    app: Flask, people: People, sign_in: SignIn, admitted: None, dummy: Any
) -> None:
    worker = sign_in(people.coordinator)
    assert 'href="/p/dummy/"' in worker.get("/me").text
    dummy.failing.add("navigation")
    page = worker.get("/me")
    assert page.status_code == 200
    assert 'href="/p/dummy/"' not in page.text
    with app.extensions["portal"].db.read() as session:
        assert queries.get_module(session, "dummy").failures == 1


def test_an_unsigned_visitor_is_sent_to_sign_in(app: Flask) -> None:
    answer = app.test_client().get("/p/dummy/")
    assert answer.status_code == 302
    assert "/login" in answer.location


def test_the_agency_admin_sees_its_own_agency_only(
    app: Flask, people: People, sign_in: SignIn, admitted: None
) -> None:
    admin = sign_in(people.upe_admin)
    text = admin.get("/admin/plugins/").text
    assert "UPE San Martín" in text
    assert "DEMUNA Lamas" not in text
    assert admin.get(f"/admin/plugins/dummy/{people.demuna.id}/off").status_code == 404
    assert admin.press(f"/admin/plugins/dummy/{people.demuna.id}/on").status_code == 404
    assert admin.press("/admin/plugins/dummy/admit").status_code == 404
    assert admin.press(f"/admin/plugins/dummy/{people.upe.id}/off").status_code == 303


def test_a_caseworker_finds_nothing_there(
    app: Flask, people: People, sign_in: SignIn, admitted: None
) -> None:
    worker = sign_in(people.coordinator)
    for url in ("/admin/plugins/", "/admin/plugins/dummy"):
        assert worker.get(url).status_code == 404


def test_a_module_for_another_kind_is_refused_with_a_sentence(
    app: Flask, people: People, sign_in: SignIn, admitted: None
) -> None:
    answer = sign_in(people.demuna_admin).press(f"/admin/plugins/dummy/{people.demuna.id}/on")
    assert answer.status_code == 409
    assert "DEMUNA Lamas" in answer.text


def test_what_is_open_is_shown_and_two_people_may_insist(
    app: Flask, db: Database, people: People, sign_in: SignIn, admitted: None, dummy: Any
) -> None:
    dummy.objecting.append(Objection(text="Children stay", where="Casa Acogida", count=2))
    admin, platform = sign_in(people.upe_admin), sign_in(people.platform)
    url = f"/admin/plugins/dummy/{people.upe.id}/off"
    refused = admin.press(url)
    assert refused.status_code == 409
    assert "Children stay" in refused.text
    assert "Casa Acogida" in refused.text
    assert admin.press(url, insist="1").status_code == 422
    assert admin.press(url, insist="1", reason="The place burnt down").status_code == 303
    assert "The place burnt down" in platform.get(url).text
    assert 'name="insist"' not in admin.get(url).text
    with db.read() as session:
        assert queries.modules_on(session, people.upe.id) == {"dummy"}
    assert platform.press(url, insist="1", reason="Confirmed").status_code == 303
    with db.read() as session:
        assert queries.modules_on(session, people.upe.id) == frozenset()


def test_the_page_of_a_module_says_how_it_fares(
    app: Flask, people: People, sign_in: SignIn, admitted: None, dummy: Any
) -> None:
    dummy.failing.add("navigation")
    sign_in(people.coordinator).get("/me")
    text = sign_in(people.platform).get("/admin/plugins/dummy").text
    assert "RuntimeError" in text
    assert dummy.SECRET not in text
    assert "DL 1297 art. 18" in text


def test_agencies_are_searched_and_paged(
    app: Flask,
    db: Database,
    people: People,
    sign_in: SignIn,
    admitted: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("portal.host.views.PAGE", 1)
    platform = sign_in(people.platform)
    first = platform.get("/admin/plugins/").text
    assert "DEMUNA Lamas" in first
    assert "UPE San Martín" not in first
    with db.read() as session:
        (demuna,) = queries.list_switches(session, people.platform, limit=1)
        (upe,) = queries.list_switches(session, people.platform, after=(demuna.name, demuna.id))
    assert upe.name == "UPE San Martín"
    assert "UPE San Martín" in platform.get("/admin/plugins/?q=san").text


def test_settings_are_kept_per_scope_and_left_empty_they_follow(
    app: Flask, db: Database, people: People, sign_in: SignIn, admitted: None
) -> None:
    admin, platform = sign_in(people.upe_admin), sign_in(people.platform)
    instance, own = (
        "/admin/plugins/dummy/settings",
        f"/admin/plugins/dummy/{people.upe.id}/settings",
    )
    assert admin.get(instance).status_code == 404
    assert save(platform, instance, places="12", greeting="").status_code == 303
    assert "12" in admin.get(own).text
    assert save(admin, own, places="", greeting="Hola").status_code == 303
    with db.read() as session:
        kept = queries.settings_of(session, "dummy", people.upe.id).model_dump()
    assert kept == {"places": 12, "greeting": "Hola", "shared": False}
    refused = save(admin, own, places="many")
    assert refused.status_code == 422
    assert "many" in refused.text
    assert admin.get(f"/admin/plugins/dummy/{people.demuna.id}/settings").status_code == 404


def save(browser: AdminBrowser, url: str, **data: str) -> Any:
    """Send a form with the version that its page shows."""
    version = browser.get(url).text.partition('name="_version" value="')[2].partition('"')[0]
    return browser.press(url, _version=version, **data)


def test_modules_cost_a_request_no_statement_of_their_own(
    app: Flask, people: People, sign_in: SignIn, admitted: None, statements: Any
) -> None:
    worker = sign_in(people.coordinator)
    worker.get("/me")
    statements.seen.clear()
    worker.get("/me")
    assert [text for text in statements.seen if "FROM portal_plugin_switch" in text] == []
    alone = [text for text in statements.seen if text.startswith("SELECT (SELECT")]
    assert alone == []


@pytest.fixture
def case_code(app: Flask, db: Database, people: People, admitted: None) -> str:
    """Open a case of the UPE and write a note of the module."""
    with db.write() as session:
        child = register_person(
            session,
            people.coordinator,
            PersonInput(given_names="Ánimo", first_surname="Prueba", estimated_age=9),
        )
        case = open_case(
            session,
            people.coordinator,
            lead_agency_id=people.upe.id,
            situation=Situation.UNPROTECTION,
            priority=Priority.IMMEDIATE,
            district="220501",
            summary="Solo esta noche",
            person_ids=[child.id],
            received_at=clock.now(),
        )
        return case.code


HOOKS_OF_PAGES = [
    ("home_items", "/", True),
    ("navigation", "/", False),
    ("case_panels", "/cases/{code}", True),
    ("rendering", "/cases/{code}", True),
    ("case_actions", "/cases/{code}", False),
]


@pytest.mark.slow
@pytest.mark.parametrize(("hook", "url", "has_box"), HOOKS_OF_PAGES)
def test_a_failing_hook_leaves_the_page_alive(
    app: Flask,
    people: People,
    sign_in: SignIn,
    case_code: str,
    dummy: Any,
    hook: str,
    url: str,
    has_box: bool,
) -> None:
    worker = sign_in(people.coordinator)
    before = worker.get(url.format(code=case_code))
    assert (before.status_code, 'class="failed"' in before.text) == (200, False)
    dummy.failing.add(hook)
    after = worker.get(url.format(code=case_code))
    assert (after.status_code, 'class="failed"' in after.text) == (200, has_box)
    assert dummy.SECRET not in after.text


def test_panels_and_actions_are_gone_where_the_module_is_off(
    app: Flask, db: Database, people: People, sign_in: SignIn, case_code: str
) -> None:
    worker = sign_in(people.coordinator)
    assert "<li>uno</li>" in worker.get(f"/cases/{case_code}").text
    with db.write() as session:
        services.disable(session, people.platform, "dummy", people.upe.id)
    page = worker.get(f"/cases/{case_code}").text
    assert "<li>uno</li>" not in page
    assert "/p/dummy/" not in page
