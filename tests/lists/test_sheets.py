"""Sheets are read however hostile they are, and what is wrong is said."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from portal.lists import sheets
from portal.texts import Said


def book(*rows: list[object], merged: str = "") -> bytes:
    """Return an .xlsx file with rows."""
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def test_texts_numbers_and_days_of_a_book_are_read() -> None:
    content = book(["Nombres", "DNI", "Nacimiento"], ["Ñusta", 7123456.0, date(2019, 5, 3)])
    assert list(sheets.read(content)) == [
        ["Nombres", "DNI", "Nacimiento"],
        ["Ñusta", "7123456", date(2019, 5, 3)],
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Nombres;Edad\nPeña;4".encode("cp1252"), [["Nombres", "Edad"], ["Peña", "4"]]),
        ("\ufeffNombres,Edad\nPeña,4".encode(), [["Nombres", "Edad"], ["Peña", "4"]]),
        ("Nombres\tEdad\nPeña\t4".encode("utf-16"), [["Nombres", "Edad"], ["Peña", "4"]]),
        (b'a;"b\nc"\n', [["a", "b c"]]),
        ("a;x\u202ey\x07z\u200b".encode(), [["a", "xyz"]]),
        ("a;Jose\u0301".encode(), [["a", "José"]]),
    ],
)
def test_texts_are_read_as_they_were_saved(content: bytes, expected: list[list[str]]) -> None:
    assert list(sheets.read(content)) == expected


@pytest.mark.parametrize("formula", ["=1+1", " =HYPERLINK(1)", "@SUM(A1)"])
def test_a_formula_is_said_and_not_read(formula: str) -> None:
    [[cell]] = sheets.read(f'"{formula}"'.encode())
    assert isinstance(cell, Said)
    assert "formula" in cell.text
    [[of_book]] = sheets.read(book([formula.strip()]))
    assert of_book == cell


def test_a_text_without_end_is_said_and_not_kept() -> None:
    _head, [cell, other] = sheets.read(b"a;b\n" + b"x" * 1_000_000 + b";y")
    assert isinstance(cell, Said)
    assert other == "y"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "old or encrypted"),
        (b"PK\x03\x04broken", "damaged"),
        (b"%PDF-1.7\x00\x00", "neither"),
        (b"\n".join(b"x" for _each in range(sheets.MOST_ROWS + 100)), "more than"),
    ],
)
def test_what_is_no_list_is_refused_as_a_whole(content: bytes, words: str) -> None:
    with pytest.raises(sheets.Unreadable) as refused:
        list(sheets.read(content))
    assert words in refused.value.said.text


def test_an_archive_that_is_no_book_is_refused() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(sheets.Unreadable, match="neither"):
        list(sheets.read(kept.getvalue()))


def test_a_book_that_unpacks_to_more_than_a_list_is_refused_unopened() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", b"\0" * (sheets.UNPACKED_BYTES + 1))
    assert len(kept.getvalue()) < sheets.MOST_BYTES
    with pytest.raises(sheets.Unreadable, match="too large"):
        list(sheets.read(kept.getvalue()))


def test_an_entity_that_grows_without_end_is_refused() -> None:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    bomb = f"<?xml version='1.0'?><!DOCTYPE x [{lines}]><workbook>&a8;</workbook>"
    kept = io.BytesIO(book(["Nombres"]))
    bent = io.BytesIO()
    with zipfile.ZipFile(kept) as whole, zipfile.ZipFile(bent, "w") as archive:
        for name in whole.namelist():
            archive.writestr(name, bomb if name == "xl/workbook.xml" else whole.read(name))
    with pytest.raises(sheets.Unreadable, match="damaged"):
        list(sheets.read(bent.getvalue()))
