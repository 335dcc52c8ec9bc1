"""How names sound: what people confuse has one key, or keys a slip apart."""

import pytest

from portal.people.sounds import (
    FAR,
    NICKNAME,
    ONE_SLIP,
    SAME,
    SOUNDS_ALIKE,
    fold_name,
    name_words,
    slips,
    sound_key,
    sound_keys,
    unlikeness,
)


@pytest.mark.parametrize(
    "spellings",
    [
        "quispe kispe quizpe",
        "huaman guaman waman uaman",
        "yupanqui llupanqui iupanki",
        "vásquez básques bazquez",
        "jimenez gimenez ximénez",
        "cegarra segarra zegarra",
        "ampuero anpuero",
        "hernandez ernandes",
        "jhonatan jonatan",
        "agüero aguero",
        "muñoz munoz",
        "isuiza izuisa",
        "cahuaza cawasa caguaza",
        "shuña suña",
    ],
)
def test_spellings_that_sound_alike_have_one_key(spellings: str) -> None:
    assert len({sound_key(fold_name(word)) for word in spellings.split()}) == 1


@pytest.mark.parametrize("pair", ["choque coque", "cedro cerro", "rosa rusia", "luisa luz"])
def test_names_that_differ_are_kept_apart(pair: str) -> None:
    one, other = pair.split()
    assert sound_key(one) != sound_key(other)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("tuanama", "tuanana"),
        ("tuanma", "tuanama"),
        ("tuannama", "tuanama"),
        ("taunama", "tuanama"),
    ],
)
def test_one_slip_leads_to_a_key_of_both(typed: str, kept: str) -> None:
    assert set(sound_keys(typed)) & set(sound_keys(kept))
    assert unlikeness(typed, kept) in (SOUNDS_ALIKE, ONE_SLIP)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Rosa de la Caoba", ["rosa", "caoba"]),
        ("D'Aguaje  Ñopo", ["daguaje", "nopo"]),
        ("Cedro-Lupuna", ["cedro", "lupuna"]),
        ("De la O", ["o"]),
        ("de", ["de"]),
        ("Wajajái", ["wajajai"]),
        ("", []),
    ],
)
def test_a_name_is_taken_apart_into_the_words_that_tell(name: str, words: list[str]) -> None:
    assert name_words(name) == words


def test_slips_count_letters_missed_added_mistaken_and_swapped() -> None:
    assert [slips("cedro", other) for other in ("cedro", "cerdo", "cedo", "cedros", "cobre")] == [
        0, 1, 1, 1, 3,
    ]  # fmt: skip


def test_how_unlike_words_are() -> None:
    assert unlikeness("rosa", "rosa") == SAME
    assert unlikeness("kispe", "quispe") == SOUNDS_ALIKE
    assert unlikeness("pepe", "jose") == unlikeness("jose", "pepe") == NICKNAME
    assert unlikeness("cedro", "lupuna") == FAR
