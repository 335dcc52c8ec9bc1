"""Headings are known in many words, and a row says what is wrong with it."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.lists import rules, sheets
from portal.people.models import DocumentKind, Sex

LAMAS, TARAPOTO = "220501", "220901"
HEAD = [
    "Nombres",
    "Apellido Paterno",
    "Apellido Materno",
    "Fec. Nac.",
    "Sexo",
    "N° DNI",
    "Distrito",
]


def read(
    *cells: sheets.Cell, head: Sequence[sheets.Cell] | None = None, default: str = ""
) -> rules.Child:
    """Return what a row says below a heading."""
    above, meaning = rules.find_header([list(head or HEAD), list(cells)])
    assert above == 1
    found = rules.read_row(list(cells), meaning, district=default)
    assert found is not None
    return found


def wrong(*cells: sheets.Cell, head: Sequence[sheets.Cell] | None = None) -> str:
    """Return what is said of a row that cannot be sent."""
    with pytest.raises(rules.WrongRow) as refused:
        read(*cells, head=head)
    return str(refused.value.said)


def test_a_whole_row_is_read() -> None:
    child = read("Tangara", "Cedro", "Caoba", "3/5/2019", "F", "07123456", "Lamas")
    assert child.person.model_dump(exclude_defaults=True) == {
        "given_names": "Tangara",
        "first_surname": "Cedro",
        "second_surname": "Caoba",
        "born_on": date(2019, 5, 3),
        "sex": Sex.FEMALE,
        "document_kind": DocumentKind.DNI,
        "document_number": "07123456",
    }
    assert child.district == LAMAS
    assert rules.Child.revive(child.kept) == child


@pytest.mark.parametrize(
    "typed", [date(2019, 5, 3), "03-05-2019", "2019-05-03", "43588", "3.5.2019"]
)
def test_days_are_read_however_they_were_typed(typed: sheets.Cell) -> None:
    assert read("Tangara", "Cedro", "", typed, "", "", "Lamas").person.born_on == date(2019, 5, 3)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("", "", "", "", "F", "71234567", "Lamas"), "no name"),
        (("Tangara", "Cedro", "", "31/02/2019", "", "", "Lamas"), "no date"),
        (("Tangara", "Cedro", "", "3/5/2090", "", "", "Lamas"), "future"),
        (("Tangara", "Cedro", "", "", "", "12345", "Lamas"), "8 digits"),
        (("Tangara", "Cedro", "", "", "", "", "Atlántida"), "Which district"),
        (("Tangara", "Cedro", "", "", "", "", ""), "names no district"),
        (("T" * 200, "Cedro", "", "", "", "", "Lamas"), "longer than fits"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(cells: tuple[str, ...], words: str) -> None:
    assert words in wrong(*cells)


def test_a_zero_that_the_sheet_dropped_is_put_back() -> None:
    assert read("Tangara", "", "", "", "", "7123456", "Lamas").person.document_number == "07123456"


@pytest.mark.parametrize(
    ("named", "number", "kind", "kept"),
    [
        ("", "7123456", DocumentKind.DNI, "07123456"),
        ("CUI", "7123456", DocumentKind.CUI, "07123456"),
        ("Carné de extranjería", "001234567", DocumentKind.CE, "001234567"),
        ("C.E.", "1234567", DocumentKind.CE, "1234567"),
        ("Partida de nacimiento", "123-A", DocumentKind.ACTA, "123-A"),
        ("PTP", "", DocumentKind.NONE, ""),
    ],
)
def test_a_document_is_of_the_kind_that_stands_beside_it(
    named: str, number: str, kind: DocumentKind, kept: str
) -> None:
    head = ["Nombres", "Tipo de documento", "N° de documento", "Distrito"]
    person = read("Tangara", named, number, "Lamas", head=head).person
    assert (person.document_kind, person.document_number) == (kind, kept)
    assert "no known kind of document" in wrong("Tangara", "Brevete", "Q123", "Lamas", head=head)
    assert "6 to 15" in wrong("Tangara", "CE", "1", "Lamas", head=head)


def test_a_homonym_is_told_apart_by_its_province() -> None:
    head = ["Nombres", "Distrito", "Provincia"]
    assert "Which district" in wrong("Tangara", "Santa Rosa", "", head=head)
    assert read("Tangara", "Santa Rosa", "El Dorado", head=head).district.startswith("2203")


def test_the_district_chosen_for_all_stands_where_a_row_names_none() -> None:
    assert read("Tangara", "", "", "", "", "", "", default=TARAPOTO).district == TARAPOTO


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("Apellidos y nombres", "CEDRO CAOBA, Tangara Luz", ("Tangara Luz", "CEDRO", "CAOBA")),
        ("Apellidos y nombres", "Cedro Caoba Tangara", ("Tangara", "Cedro", "Caoba")),
        ("Apellidos y nombres", "De la Cruz Ñahui, Ana", ("Ana", "De la Cruz", "Ñahui")),
        ("Apellidos y nombres", "Cedro, Ana", ("Ana", "Cedro", "")),
    ],
)
def test_names_in_one_column_are_parted(
    column: str, text: str, expected: tuple[str, str, str]
) -> None:
    person = read(text, "Lamas", head=[column, "Distrito"]).person
    assert (person.given_names, person.first_surname, person.second_surname) == expected


def test_headings_stand_below_a_title_and_in_two_rows() -> None:
    first: list[sheets.Row] = [
        ["ESTABLECIMIENTO PENITENCIARIO X", "", "", ""],
        [""],
        ["Nombres", "Apellidos", "", "Distrito"],
        ["", "Paterno", "Materno", ""],
        ["Tangara", "Cedro", "Caoba", "Lamas"],
    ]
    above, meaning = rules.find_header(first)
    assert (above, meaning) == (
        4,
        {0: "given_names", 1: "first_surname", 2: "second_surname", 3: "district"},
    )


def test_without_a_column_of_names_nothing_is_understood() -> None:
    assert rules.find_header([["Distrito", "Edad"], ["Lamas", "4"]]) == (0, {})


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_no_row_breaks_the_reading(cells: list[str]) -> None:
    above, meaning = rules.find_header([list(HEAD), list(cells)])
    with suppress(rules.WrongRow):
        rules.read_row([sheets.clean(cell) for cell in cells], meaning, district=LAMAS)
    assert above in (1, 2)
