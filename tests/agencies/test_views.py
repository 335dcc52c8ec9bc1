"""The pages of agencies: who sees them, what they enter, and what they refuse."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from portal import clock
from portal.actor import AgencyKind, Role
from portal.agencies.models import Accreditation, Agency, Coverage
from portal.agencies.queries import (
    get_by_code,
    list_accreditations,
    list_aliases,
    list_coverage,
    list_units,
)
from portal.db import Database
from tests.factories.agencies import make_agency, make_member
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
BASE = "/admin/agencies"


@pytest.fixture
def admin(db: Database, browser: NewBrowser) -> Browser:
    """Return the platform administrator's browser, with a UPE and a DEMUNA entered."""
    with db.write() as session:
        user = make_member(session, None, Role.PLATFORM_ADMIN)
        make_agency(session, "UPE-SM", AgencyKind.UPE, "UPE San Martín", "220901")
        make_agency(session, "DEM-LAM", AgencyKind.DEMUNA, "DEMUNA Lamas", "220501")
        session.expunge_all()
    return browser().sign_in(user, None)


def read(db: Database, code: str, listing: Callable[[Any, UUID], list[Any]]) -> list[Any]:
    with db.read() as session:
        return listing(session, get_by_code(session, code).id)


def agency(db: Database, code: str) -> Agency:
    with db.read() as session:
        return get_by_code(session, code)


def test_only_the_platform_administrator_finds_them(
    db: Database, admin: Browser, browser: NewBrowser
) -> None:
    roles = [role for role in Role if role is not Role.PLATFORM_ADMIN]
    with db.write() as session:
        place = make_agency(session, "DEF", AgencyKind.DEFENSORIA)
        user = make_member(session, place, *roles)
        session.expunge_all()
    other = browser().sign_in(user, place)
    for url in (BASE, f"{BASE}/new", f"{BASE}/UPE-SM", f"{BASE}/UPE-SM/edit"):
        assert other.get(url).status_code == 404
        assert admin.get(url).status_code == 200
    assert 'href="/admin/agencies"' in admin.get("/me").text


def test_the_list_is_narrowed_by_the_address(admin: Browser) -> None:
    def shows(query: str) -> tuple[bool, bool]:
        text = admin.get(f"{BASE}/?{query}").text
        return "DEMUNA Lamas" in text, "UPE San Martín" in text

    assert shows("") == (True, True)
    assert shows("q=san+martin") == (False, True)
    assert shows("kind=demuna") == (True, False)
    assert shows("within=2205") == (True, False)
    assert shows("closed=1") == (False, False)
    assert shows("kind=castle&within=abc&after=nothing") == (True, True)
    assert "Ninguna institución coincide" in admin.get(f"{BASE}/?q=zzz").text


def test_a_province_is_chosen_by_its_name(admin: Browser) -> None:
    assert '<option value="2205" selected>Lamas</option>' in admin.get(f"{BASE}/?within=2205").text
    assert '<option value="2205">Lamas</option>' in admin.get(f"{BASE}/UPE-SM/provinces/new").text
    assert '<option value="2205">Lamas</option>' in admin.get("/admin/calendars/new").text


def test_the_list_is_paged(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.agencies.views.PAGE", 1)
    first = admin.get(f"{BASE}/?within=22").text
    assert "UPE San Martín" not in first
    following = first.partition('class="pager"')[2].partition('href="')[2].partition('"')[0]
    second = admin.get(following.replace("&amp;", "&")).text
    assert "UPE San Martín" in second
    assert "DEMUNA Lamas" not in second


def test_an_agency_is_entered_and_shown(db: Database, admin: Browser) -> None:
    answer = admin.fill(
        f"{BASE}/new",
        {
            "name": "Red de Salud Lamas",
            "code": "red-lam",
            "kind": "health",
            "district": "Lamas, Lamas, San Martín",
            "telephone": "042 543 000",
            "operates_from": "01/03/2026",
        },
    )
    assert answer.status_code == 303
    assert answer.location == f"{BASE}/RED-LAM"
    found = agency(db, "RED-LAM")
    assert (found.district, found.operates_from) == ("220501", date(2026, 3, 1))
    text = admin.get(answer.location).text
    assert "Lamas, Lamas, San Martín" in text
    assert "042 543 000" in text


def test_what_is_wrong_stands_beside_its_field_and_the_text_is_kept(admin: Browser) -> None:
    given = {"name": "Otra UPE", "code": "UPE-SM", "kind": "upe"}
    answer = admin.fill(f"{BASE}/new", {**given, "district": "Santa Rosa"})
    assert answer.status_code == 422
    assert 'value="Otra UPE"' in answer.text
    assert "Precise el distrito: Santa Rosa" in answer.text
    taken = admin.fill(f"{BASE}/new", given)
    assert taken.status_code == 422
    assert "Otra institución tiene este código." in taken.text
    shapeless = admin.fill(f"{BASE}/new", {**given, "code": "otra upe"})
    assert "Use letras sin tildes, dígitos y guiones" in shapeless.text


def test_the_same_form_sent_twice_makes_one_agency(db: Database, admin: Browser) -> None:
    url = f"{BASE}/new"
    data = {**admin.marks(url), "name": "Penal", "code": "PENAL", "kind": "prison"}
    answers = [admin.post(url, data) for _time in range(2)]
    assert [answer.location for answer in answers] == [f"{BASE}/PENAL"] * 2


def test_a_unit_is_entered_under_its_agency(db: Database, admin: Browser) -> None:
    url = f"{BASE}/new?parent=UPE-SM"
    upe = agency(db, "UPE-SM")
    data = {"name": "Oficina Lamas", "code": "UPE-SM-L", "kind": "upe", "parent_id": str(upe.id)}
    assert admin.fill(url, data).status_code == 303
    assert [unit.code for unit in read(db, "UPE-SM", list_units)] == ["UPE-SM-L"]
    assert "Oficina Lamas" in admin.get(f"{BASE}/UPE-SM").text
    assert "UPE San Martín" in admin.get(f"{BASE}/UPE-SM-L").text


def test_a_rename_keeps_the_old_name(db: Database, admin: Browser) -> None:
    url = f"{BASE}/UPE-SM/edit"
    assert 'value="Tarapoto, San Martín, San Martín"' in admin.get(url).text
    data = {"name": "Unidad de Protección", "district": "Tarapoto"}
    assert admin.fill(url, data).status_code == 303
    assert agency(db, "UPE-SM").district == "220901"
    (alias,) = read(db, "UPE-SM", list_aliases)
    assert alias.name == "UPE San Martín"
    assert (
        admin.post(
            f"{BASE}/UPE-SM/names/{alias.id}/remove", admin.marks(f"{BASE}/UPE-SM")
        ).status_code
        == 303
    )
    assert read(db, "UPE-SM", list_aliases) == []
    assert admin.fill(f"{BASE}/UPE-SM/names/new", {"name": "La UPE"}).status_code == 303
    assert [each.name for each in read(db, "UPE-SM", list_aliases)] == ["La UPE"]


def test_two_who_edit_the_same_see_both_texts(admin: Browser) -> None:
    url = f"{BASE}/UPE-SM/edit"
    stale = admin.marks(url)
    assert admin.fill(url, {"name": "Nombre uno"}).status_code == 303
    answer = admin.post(url, {**stale, "_key": "other", "name": "Nombre dos"})
    assert answer.status_code == 409
    assert "Nombre uno" in answer.text
    assert "Nombre dos" in answer.text


def test_provinces_are_entered_and_ended(db: Database, admin: Browser) -> None:
    url = f"{BASE}/UPE-SM/provinces/new"
    assert admin.fill(url, {"province": "2205", "since": "2026-03-01"}).status_code == 303
    (coverage,) = read(db, "UPE-SM", list_coverage)
    assert isinstance(coverage, Coverage)
    assert "vigente" in admin.get(f"{BASE}/UPE-SM").text
    again = admin.fill(url, {"province": "2205", "since": "2026-04-01"})
    assert again.status_code == 422
    assert "UPE San Martín es competente en Lamas en esas fechas." in again.text
    end = f"{BASE}/UPE-SM/provinces/{coverage.id}/end"
    assert admin.fill(end, {"until": "2026-03-01"}).status_code == 422
    assert admin.fill(end, {"until": clock.today().isoformat()}).status_code == 303
    assert "terminado" in admin.get(f"{BASE}/UPE-SM").text
    assert admin.get(f"{BASE}/DEM-LAM/provinces/{coverage.id}/end").status_code == 404


def test_accreditations_are_entered_and_ended(db: Database, admin: Browser) -> None:
    url = f"{BASE}/DEM-LAM/accreditations/new"
    data = {"resolution": "RD 12-2026-MIMP", "since": "2126-03-01"}
    assert admin.fill(url, data).status_code == 303
    (row,) = read(db, "DEM-LAM", list_accreditations)
    assert isinstance(row, Accreditation)
    text = admin.get(f"{BASE}/DEM-LAM").text
    assert "RD 12-2026-MIMP" in text
    assert "por iniciar" in text
    end = f"{BASE}/DEM-LAM/accreditations/{row.id}/end"
    assert admin.fill(end, {"until": "2126-09-01"}).status_code == 303
    assert admin.get(f"{BASE}/UPE-SM/accreditations/{row.id}/end").status_code == 404


def test_an_agency_of_another_kind_has_neither(admin: Browser) -> None:
    text = admin.get(f"{BASE}/DEM-LAM").text
    assert "Provincias en las que es competente" not in text
    data = {"province": "2205", "since": "2026-03-01"}
    assert admin.fill(f"{BASE}/DEM-LAM/provinces/new", data).status_code == 409


def test_what_is_not_there_is_not_found(db: Database, admin: Browser) -> None:
    nobody = UUID(int=0)
    for url in (
        f"{BASE}/NADA",
        f"{BASE}/NADA/edit",
        f"{BASE}/UPE-SM/provinces/{nobody}/end",
        f"{BASE}/DEM-LAM/accreditations/{nobody}/end",
    ):
        assert admin.get(url).status_code == 404


def test_a_closed_agency_says_so(admin: Browser) -> None:
    url = f"{BASE}/UPE-SM/edit"
    data = {"name": "UPE San Martín", "closed_on": clock.today().isoformat()}
    assert admin.fill(url, data).status_code == 303
    assert "Deja de funcionar desde el" in admin.get(f"{BASE}/UPE-SM").text


def test_pages_state_their_queries(admin: Browser, statements: Any) -> None:
    for url, most in ((f"{BASE}/", 6), (f"{BASE}/UPE-SM", 10)):
        admin.get(url)
        statements.seen.clear()
        admin.get(url)
        assert statements.count <= most, statements.seen
