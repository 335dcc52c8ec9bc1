"""Who is likely one person: a document, or name, age and sex; homonyms never."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal.people.matching import Likeness, are_homonyms, likely_same
from portal.people.models import DocumentKind, Person, Sex

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
DNI, CUI, NONE = DocumentKind.DNI, DocumentKind.CUI, DocumentKind.NONE
BASE: dict[str, Any] = {
    "given_names": "Rosa María",
    "first_surname": "Tuanama",
    "second_surname": "Quispe",
    "born_on": date(2018, 5, 4),
    "sex": Sex.FEMALE,
    "document_kind": NONE,
    "document_number": "",
}


def person(**changes: Any) -> Person:
    """Return a person who differs from the one of the tests."""
    return Person(
        **{**BASE, "estimated_age": None, "estimated_on": None, "created_at": NOW, **changes}
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"given_names": "Rosa"},
        {"given_names": "Rosita", "second_surname": ""},
        {"first_surname": "Tuanana", "second_surname": "Kispe"},
        {"first_surname": "Quispe", "second_surname": "Tuanama"},
        {"first_surname": "de la Tuanama"},
        {"born_on": date(2018, 4, 5)},
        {"born_on": None, "estimated_age": 7, "estimated_on": date(2026, 1, 1)},
        {"sex": Sex.UNKNOWN},
        {"document_kind": DNI, "document_number": "71234567"},
    ],
)
def test_a_like_name_with_a_fitting_age_is_proposed(changes: dict[str, Any]) -> None:
    for pair in ((person(), person(**changes)), (person(**changes), person())):
        assert likely_same(*pair, TODAY) is Likeness.NAME


@pytest.mark.parametrize(
    "changes",
    [
        {"given_names": "Luz"},
        {"given_names": ""},
        {"first_surname": "Lupuna"},
        {"first_surname": "", "second_surname": ""},
        {"born_on": date(2015, 5, 4)},
        {"born_on": None},
        {"born_on": None, "estimated_age": 12, "estimated_on": TODAY},
        {"sex": Sex.MALE},
    ],
)
def test_what_does_not_fit_is_not_proposed(changes: dict[str, Any]) -> None:
    for pair in ((person(), person(**changes)), (person(**changes), person())):
        assert likely_same(*pair, TODAY) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((DNI, "71234567"), (DNI, "71234567"), True),
        ((DNI, "71234567"), (CUI, "71234567"), True),
        ((DocumentKind.PASSPORT, "ab123456"), (DocumentKind.PASSPORT, "AB123456"), True),
        ((DNI, "71234567"), (DocumentKind.PASSPORT, "71234567"), None),
        ((DocumentKind.IN_PROCESS, "1"), (DocumentKind.IN_PROCESS, "2"), None),
        ((DNI, "71234567"), (DNI, "71234568"), False),
        ((CUI, "71234567"), (DNI, "71234568"), False),
    ],
)
def test_numbers_decide_before_names(
    one: tuple[DocumentKind, str], other: tuple[DocumentKind, str], same: bool | None
) -> None:
    first = person(document_kind=one[0], document_number=one[1])
    second = person(document_kind=other[0], document_number=other[1])
    expected = {True: Likeness.DOCUMENT, False: None, None: Likeness.NAME}[same]
    assert likely_same(first, second, TODAY) is expected
    assert are_homonyms(first, second) is (same is False)
    elsewhere = person(
        given_names="Luz", first_surname="Lupuna", document_kind=other[0], document_number=other[1]
    )
    assert (likely_same(first, elsewhere, TODAY) is Likeness.DOCUMENT) is (same is True)


@pytest.mark.parametrize(
    ("own", "theirs", "same"),
    [
        ([(DocumentKind.CNV, "0045871")], [(DocumentKind.CNV, "0045871")], True),
        ([(DNI, "71234567")], [(CUI, "71234567")], True),
        ([(DocumentKind.CNV, "0045871")], [(DocumentKind.CNV, "0045872")], False),
        ([(DocumentKind.CNV, "0045871")], [(DocumentKind.ACTA, "0045871")], None),
        (
            [(DocumentKind.CNV, "1"), (DNI, "71234567")],
            [(DocumentKind.CNV, "2"), (DNI, "71234567")],
            True,
        ),
    ],
)
def test_all_documents_count(
    own: list[tuple[DocumentKind, str]], theirs: list[tuple[DocumentKind, str]], same: bool | None
) -> None:
    expected = {True: Likeness.DOCUMENT, False: None, None: Likeness.NAME}[same]
    assert likely_same(person(), person(), TODAY, more=(own, theirs)) is expected
    assert are_homonyms(person(), person(), more=(own, theirs)) is (same is False)
