"""Third parties stand by their initials; the one whose data they are keeps the name."""

from datetime import date

import pytest

from portal.privacy.redaction import Redactor, Third, initials_of, lies_within

SIBLING = Third("Paucar Sui", "Cedro Topa", goes_by_given=True)
STAFF = Third("Rosa Quinilla")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vino Paucar Sui Cedro Topa.", "Vino P. S. C. T.."),
        ("PAUCAR dijo que no", "P. dijo que no"),
        ("Paucar  Sui Cedro", "P. S. C."),
        ("la casa rosa", "la casa rosa"),
        ("Rosa Quinilla visitó", "R. Q. visitó"),
        ("Paucarcillo", "Paucarcillo"),
        ("Tangara Cedro Topa", "Tangara Cedro Topa"),
    ],
)
def test_names_of_others_become_initials(text: str, expected: str) -> None:
    assert Redactor([SIBLING, STAFF], keep=["Tangara Cedro Topa"]).text(text) == expected


def test_a_given_name_that_the_person_bears_too_stays() -> None:
    redactor = Redactor([SIBLING], keep=["Paucar Cedro Topa"])
    assert redactor.text("Paucar llegó solo") == "Paucar llegó solo"


def test_nobody_to_hide_changes_nothing() -> None:
    assert Redactor([]).text("Paucar") == "Paucar"


def test_signs_of_patterns_in_a_name_are_plain_signs() -> None:
    assert Redactor([Third("A.*b (c")]).text("todo A.*b (c y más") == "todo A. B. C. y más"


def test_initials_of_what_is_no_name() -> None:
    assert initials_of("") == ""


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("lun 23/11/2026 15:00", True),
        ("dom 22/11/2026", False),
        ("mié 25/11/2026", False),
        ("sin fecha", True),
    ],
)
def test_a_row_lies_within_a_time_by_its_first_day(text: str, *, inside: bool) -> None:
    assert (
        lies_within({"Caso": "X", "Cuándo": text}, date(2026, 11, 23), date(2026, 11, 24)) is inside
    )
