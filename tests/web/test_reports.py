"""What browsers report against the content policy."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal import clock
from portal.actor import Role
from portal.db import Database
from portal.web import reports
from tests.factories.agencies import make_agency, make_member
from tests.webclient import SAME_ORIGIN, Browser

NewBrowser = Callable[[], Browser]
CASE = "C-7K2QM"


@pytest.fixture(autouse=True)
def fresh_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "limit", reports.Limit(reports.MOST_A_MINUTE))


def violation(url: str = f"https://portal.gob.pe/cases/{CASE}?q=Tangara", **body: object) -> object:
    said = {"effectiveDirective": "script-src-elem", "blockedURL": "https://evil.example/x?y=1"}
    return {"type": "csp-violation", "url": url, "age": 3, "body": {**said, **body}}


def report(browser: Browser, content: object, kind: str = reports.MIMETYPE) -> int:
    sent = content if isinstance(content, bytes) else json.dumps(content).encode()
    answer = browser.client.post(
        "/policy-reports", data=sent, content_type=kind, headers=SAME_ORIGIN
    )
    return answer.status_code


def test_a_report_is_one_line_that_names_no_record(
    browser: NewBrowser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert report(browser(), [violation()]) == 204
    (line,) = [each.getMessage() for each in caplog.records]
    assert line == ("content policy: script-src-elem kept https:evil.example from /cases/<code>")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (violation(blockedURL="inline"), "kept inline from"),
        (violation(blockedURL="x\nforged: line"), "kept xforged from"),
        (violation(url="https://portal.gob.pe/no/such"), "an unknown page"),
        (violation(url="http://[broken"), "an unknown page"),
    ],
)
def test_nothing_is_taken_as_it_comes(
    browser: NewBrowser, caplog: pytest.LogCaptureFixture, sent: object, said: str
) -> None:
    with caplog.at_level(logging.WARNING):
        assert report(browser(), [sent]) == 204
    (line,) = [each.getMessage() for each in caplog.records]
    assert said in line
    assert "\n" not in line


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b'{"type": "csp-violation"}',
        [{"type": "deprecation", "url": "https://portal.gob.pe/", "body": {}}],
        [violation(effectiveDirective="script src\nforged")],
        [violation()] * 21,
        b"[" + b" " * reports.MOST_BYTES + b"]",
    ],
)
def test_what_is_no_report_leaves_no_line(
    browser: NewBrowser, caplog: pytest.LogCaptureFixture, sent: object
) -> None:
    with caplog.at_level(logging.WARNING):
        assert report(browser(), sent) == 204
        assert report(browser(), [violation()], "application/json") == 204
    assert caplog.records == []


def test_a_flood_fills_no_log(browser: NewBrowser, caplog: pytest.LogCaptureFixture) -> None:
    somebody = browser()
    with caplog.at_level(logging.WARNING):
        for _turn in range(5):
            assert report(somebody, [violation()] * 20) == 204
    assert len(caplog.records) == reports.MOST_A_MINUTE


def test_the_next_minute_begins_anew() -> None:
    limit = reports.Limit(2)
    assert [limit.allows(at) for at in (100.0, 101.0, 102.0, 160.0)] == [True, True, False, True]


def test_every_answer_names_where_to_report(browser: NewBrowser) -> None:
    answer = browser().get("/login")
    assert answer.headers["Reporting-Endpoints"] == 'policy="/policy-reports"'
    assert answer.headers["Content-Security-Policy"].endswith("report-to policy")


def test_a_report_prolongs_no_sign_in(db: Database, browser: NewBrowser) -> None:
    with db.write() as session:
        agency = make_agency(session)
        user = make_member(session, agency, Role.CASEWORKER)
        session.expunge_all()
    mine, now = browser().sign_in(user, agency), clock.now()
    with clock.at(now + timedelta(minutes=29)):
        assert report(mine, [violation()]) == 204
    with clock.at(now + timedelta(minutes=31)):
        assert mine.get("/me").status_code == 302
