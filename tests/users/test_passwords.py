"""Passwords: long, of any letters, and none that others would try first."""

import pytest

from portal.errors import Invalid
from portal.users.devices import check_pin
from portal.users.passwords import check_new, make_hash, verify

WORDS = ("Rosa Tornillo", "rosa.tornillo", "UPE San Martín", "Tarapoto (San Martín, San Martín)")


@pytest.mark.parametrize(
    "password",
    [
        "corta ñandú",
        "a" * 129,
        "tarapoto2026",
        "Tarapoto-2026!",
        "rosa tornillo 1985",
        "UPE San Martin 2026",
        "contraseña123",
        "defensoria2026",
        "123456789012",
        "qwertyuiop12",
        "aaaaaaaaaaaa",
        "password1234",
    ],
)
def test_what_others_would_try_is_refused_with_a_sentence(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_new(password, words=WORDS)
    assert [problem.field for problem in refused.value.problems] == ["new_password"]
    assert len(str(refused.value.problems[0].message)) > 20


@pytest.mark.parametrize(
    "password",
    [
        "aguaje maduro en la orilla",
        "ñandú verde mesa lluvia",
        "🌧 cuatro soles de plata",
        "k" * 3 + "9x!Qz#rT2@m",
    ],
)
def test_any_letters_are_taken(password: str) -> None:
    check_new(password, words=WORDS)


def test_a_letter_typed_in_two_ways_is_one() -> None:
    kept = make_hash("man\u0303ana de lluvia", weak=True)
    assert verify(kept, "ma\u00f1ana de lluvia", weak=True)
    assert not verify(kept, "manana de lluvia", weak=True)


@pytest.mark.parametrize("stored", [None, "", "-", "$argon2id$broken"])
def test_what_is_no_hash_is_opened_by_nothing(stored: str | None) -> None:
    for password in ("", "-", "nobody has this password"):
        assert not verify(stored, password, weak=True)


@pytest.mark.parametrize(
    "pin", ["12345", "1234567890123", "48291a", "٤٨٢٩١٥", "123456", "987654", "777777", "121212"]
)
def test_a_pin_that_anybody_would_try_is_refused(pin: str) -> None:
    with pytest.raises(Invalid):
        check_pin(pin)
