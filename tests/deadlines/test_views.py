"""The pages of calendars and terms: who sees them, what they enter, and what they refuse."""

import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from portal.actor import AgencyKind, Role
from portal.agencies.queries import get_by_code
from portal.db import Database
from portal.deadlines import rules, wiring
from portal.deadlines.queries import calendar_for, list_days, rule_in_force
from portal.deadlines.rules import Unit
from portal.events.bus import periods
from tests.deadlines.test_counting import rule
from tests.factories.agencies import make_agency, make_member
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
BASE = "/admin/calendars"
DECREE = {
    "first": "15/05/2026",
    "title": "Día no laborable",
    "norm": "DS 1-2026-PCM",
    "kind": "non_working",
    "scope": "national",
}


@pytest.fixture
def admin(db: Database, browser: NewBrowser) -> Browser:
    """Return the platform administrator's browser."""
    with db.write() as session:
        user = make_member(session, None, Role.PLATFORM_ADMIN)
        make_agency(session, "UPE-SM", AgencyKind.UPE, "UPE San Martín", "220901")
        session.expunge_all()
    return browser().sign_in(user, None)


def enter(admin: Browser, **more: str) -> TestResponse:
    """Look at what a decree moves, then enter it."""
    given = {**DECREE, **more}
    seen = re.search(r'name="seen" value="(\w+)"', admin.fill(f"{BASE}/new", given).text)
    assert seen
    return admin.fill(f"{BASE}/new", {**given, "seen": seen[1]})


def test_only_the_platform_administrator_finds_them(
    db: Database, admin: Browser, browser: NewBrowser
) -> None:
    roles = [role for role in Role if role is not Role.PLATFORM_ADMIN]
    with db.write() as session:
        place = make_agency(session, "DEF", AgencyKind.DEFENSORIA)
        user = make_member(session, place, *roles)
        session.expunge_all()
    other = browser().sign_in(user, place)
    for url in (BASE, f"{BASE}/new", f"{BASE}/terms", f"{BASE}/terms/core.urgent.edict"):
        assert other.get(url).status_code == 404
        assert admin.get(url).status_code == 200


def test_the_holidays_of_a_year_are_listed(admin: Browser) -> None:
    text = admin.get(f"{BASE}/?year=2027").text
    assert "jue 25/03/2027" in text
    assert "Jueves Santo" in text
    assert "Todo el país" in text
    assert text.count("D. Leg. 713, art. 6") == 16
    assert "No hay días registrados" in admin.get(f"{BASE}/?year=2027&scope=regional").text
    assert admin.get(f"{BASE}/?year=x&scope=village").status_code == 200


def test_days_are_entered_and_counted(db: Database, admin: Browser) -> None:
    answer = enter(admin, last="18/05/2026")
    assert answer.status_code == 303
    assert answer.location == f"{BASE}?year=2026"
    with db.read() as session:
        assert not calendar_for(session, "220901").is_business(date(2026, 5, 15))
        assert not calendar_for(session, "220901").is_business(date(2026, 5, 18))
    assert "DS 1-2026-PCM" in admin.get(answer.location).text


def test_each_scope_names_its_place(db: Database, admin: Browser) -> None:
    with db.read() as session:
        upe = get_by_code(session, "UPE-SM").id
    for more in (
        {"scope": "regional", "department": "22"},
        {"scope": "provincial", "province": "2205"},
        {"scope": "judiciary"},
        {"scope": "entity", "agency_id": str(upe)},
    ):
        assert enter(admin, **more).status_code == 303
    text = admin.get(f"{BASE}/?year=2026").text
    for words in ("San Martín · DS", "Lamas · DS", "UPE San Martín · DS", "El Poder Judicial"):
        assert words in text


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"scope": "entity"}, "Elija la institución."),
        ({"norm": ""}, "Error:"),
        ({"last": "14/05/2026"}, "El último día es anterior al primero."),
        ({"first": "28/07/2026"}, "El 28/07/2026 ya está registrado para este ámbito."),
        ({"first": "31/02/2026"}, "Error:"),
    ],
)
def test_what_cannot_be_is_said_and_the_text_is_kept(
    admin: Browser, more: dict[str, str], says: str
) -> None:
    answer = admin.fill(f"{BASE}/new", {**DECREE, **more})
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="Día no laborable"' in answer.text


def test_a_day_is_withdrawn_with_a_reason(db: Database, admin: Browser) -> None:
    enter(admin)
    with db.read() as session:
        (day,) = [each for each in list_days(session, 2026) if each.norm == DECREE["norm"]]
    url = f"{BASE}/{day.id}/withdraw"
    assert admin.fill(url, {"reason": ""}).status_code == 422
    assert admin.fill(url, {"reason": "El decreto fue derogado"}).status_code == 303
    assert "El decreto fue derogado" in admin.get(f"{BASE}/?year=2026").text
    assert admin.fill(url, {"reason": "Otra vez lo mismo"}).status_code == 409
    assert admin.get(f"{BASE}/{UUID(int=0)}/withdraw").status_code == 404


def test_the_catalogue_shows_every_term_with_its_source(admin: Browser) -> None:
    text = admin.get(f"{BASE}/terms").text
    for each in rules.list_rules():
        assert each.code in text
    assert "20 días hábiles" in text
    assert "avisa a los 3" in text
    assert "calendario del Poder Judicial" in text
    assert "Plazos que la norma deja abiertos" in text


def test_a_doubtful_term_is_decided(db: Database, admin: Browser) -> None:
    url = f"{BASE}/terms/core.urgent.edict"
    assert "TUO 134.1" in admin.get(url).text
    answer = admin.fill(url, {"choice": "1", "basis": "Informe 12-2026-MIMP"})
    assert answer.status_code == 303
    with db.read() as session:
        assert rule_in_force(session, "core.urgent.edict").unit is Unit.CALENDAR_DAYS
    assert "Decidido según Informe 12-2026-MIMP." in admin.get(answer.location).text
    assert admin.fill(url, {"choice": "2", "basis": "Informe 12-2026-MIMP"}).status_code == 422
    assert admin.fill(url, {"choice": "0", "basis": "Informe 13-2026-MIMP"}).status_code == 303
    assert admin.get(f"{BASE}/terms/core.none").status_code == 404


def test_pages_state_their_queries(admin: Browser, statements: Any) -> None:
    for url, most in ((f"{BASE}/?year=2026", 8), (f"{BASE}/terms", 6)):
        admin.get(url)
        statements.seen.clear()
        admin.get(url)
        assert statements.count <= most, statements.seen


def test_the_terms_of_modules_are_entered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_register", {})
    mine = rule(10)
    loaded = SimpleNamespace(deadline_rules=lambda: [mine, object()])
    monkeypatch.setattr("portal.host.current", lambda: loaded)
    wiring.register()
    assert rules.list_rules() == [mine]
    assert "deadlines.extend_holidays" in periods
