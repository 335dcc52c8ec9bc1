"""Requests: who gets in, where from, and what every answer carries."""

from collections.abc import Callable

import pytest
from flask import Flask

from portal.actor import AgencyKind, Role
from portal.db import Database
from tests.factories.agencies import make_agency, make_member
from tests.postgresql import ON_BOTH
from tests.webclient import SAME_ORIGIN, Browser

NewBrowser = Callable[[], Browser]


@pytest.fixture
def coordinator(db: Database, browser: NewBrowser) -> Browser:
    with db.write() as session:
        agency = make_agency(session)
        user = make_member(session, agency, Role.COORDINATOR)
        session.expunge_all()
    return browser().sign_in(user, agency)


def test_stranger_is_sent_to_sign_in(browser: NewBrowser) -> None:
    answer = browser().get("/access/roster")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/access/roster"


def test_unknown_address_looks_the_same_to_a_stranger(browser: NewBrowser) -> None:
    assert browser().get("/nothing/here").status_code == 302


def test_coordinator_reads_the_roster(coordinator: Browser) -> None:
    answer = coordinator.get("/access/roster")
    assert answer.status_code == 200
    assert "Agency UPE-SM" in answer.text


def test_a_page_of_another_role_does_not_exist(db: Database, browser: NewBrowser) -> None:
    with db.write() as session:
        agency = make_agency(session, "X", AgencyKind.HEALTH)
        user = make_member(session, agency, Role.VIEWER)
        session.expunge_all()
    person = browser().sign_in(user, agency)
    refused, absent = person.get("/access/roster"), person.get("/nothing/here")
    assert refused.status_code == absent.status_code == 404
    assert refused.text == absent.text


def test_every_answer_is_dressed(coordinator: Browser, browser: NewBrowser) -> None:
    for answer in (coordinator.get("/me"), browser().get("/login"), coordinator.get("/none")):
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}],
)
def test_a_form_from_elsewhere_is_refused(coordinator: Browser, headers: dict[str, str]) -> None:
    answer = coordinator.client.post("/logout", headers=headers)
    assert answer.status_code == 403
    assert coordinator.get("/me").status_code == 200


def test_origin_of_this_host_serves_where_the_browser_says_nothing_else(
    coordinator: Browser,
) -> None:
    marks = coordinator.marks("/me")
    headers = {"Origin": "http://localhost"}
    answer = coordinator.client.post("/logout", headers=headers, data=marks)
    assert answer.status_code == 303


def test_sign_out_ends_the_row(coordinator: Browser) -> None:
    marks = {"_agency": coordinator.marks("/me")["_agency"]}
    answer = coordinator.post("/logout", marks)
    assert answer.location == coordinator.post("/logout", marks).location == "/login"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert coordinator.get("/me").status_code == 302


def test_a_form_for_another_institution_is_refused(coordinator: Browser) -> None:
    answer = coordinator.post("/me", {"locale": "en", "_agency": "", "_key": "k"})
    assert answer.status_code == 409


def test_a_host_that_is_not_ours_is_refused(coordinator: Browser) -> None:
    assert coordinator.get("/login", headers={"Host": "evil.example"}).status_code == 400


def test_what_is_too_large_to_be_read_is_said_to_be(
    coordinator: Browser, browser: NewBrowser
) -> None:
    for who, url in ((coordinator, "/alerts/new"), (browser(), "/login")):
        answer = who.client.post(url, data=b"x" * 2_300_000, headers=SAME_ORIGIN)
        assert answer.status_code == 413
        assert "Demasiado" in answer.text


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        ("/alerts/new", {}, 403),
        ("/alerts/new", SAME_ORIGIN, 413),
        ("/nothing/here", SAME_ORIGIN, 404),
        ("/access/roster", SAME_ORIGIN, 404),
    ],
)
def test_a_form_too_large_to_be_read_is_refused_like_a_small_one(
    coordinator: Browser, url: str, headers: dict[str, str], status: int
) -> None:
    form = {"_key": "k", "text": "x" * 2_300_000}
    assert coordinator.client.post(url, data=form, headers=headers).status_code == status


@ON_BOTH
def test_a_nul_reaches_no_database(coordinator: Browser) -> None:
    """PostgreSQL refuses a text with it, which would be a failure of ours."""
    for url in ("/cases?code=%00", "/cases/%00", "/alerts?box=a%00", "/nowhere?%00=1&a=%00"):
        assert coordinator.get(url).status_code == 400
    given = coordinator.marks("/alerts/new")
    answer = coordinator.post("/alerts/new", {**given, "district": "a\x00b", "where": "\x00"})
    assert answer.status_code == 422
    kept = coordinator.post("/drafts", {**given, "_path": "/a\x00b", "reason": "c\x00d"})
    assert kept.status_code == 204


def test_every_view_declares_who_may_open_it(app: Flask) -> None:
    from portal.web.access import access_of

    assert all(access_of(view) for view in app.view_functions.values())
