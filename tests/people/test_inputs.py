"""What a form may say of who a person is."""

import pytest

from portal.people.inputs import PersonDetails


@pytest.mark.parametrize(
    ("kind", "number", "holds"),
    [
        ("dni", "0123456", False),
        ("cui", "01234567", True),
        ("cnv", "1000123456", True),
        ("cnv", "12A", False),
        ("acta", "6300-12/B", True),
        ("acta", "!", False),
        ("ce", "001234567", True),
        ("none", "123", False),
    ],
)
def test_a_number_fits_its_kind_of_document(kind: str, number: str, *, holds: bool) -> None:
    given = {"document_kind": kind, "document_number": number}
    if holds:
        assert PersonDetails.model_validate(given).document_number == number
    else:
        with pytest.raises(ValueError, match="rule"):
            PersonDetails.model_validate(given)


def test_names_stay_as_they_are_written() -> None:
    for name in ("Ñusta", "D'Ávila", "de la Cruz", "Pérez-Albela", "Tsamarén", "sui sui"):
        assert PersonDetails(given_names=name, second_surname=name).second_surname == name
