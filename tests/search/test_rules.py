"""What a typed text may be, and where words stand in what was written."""

import pytest

from portal.search.rules import excerpt, pattern, read_typed, written_words


@pytest.mark.parametrize(
    ("text", "code", "tail", "document", "name"),
    [
        ("rosa tuanama", "", "", "", "rosa tuanama"),
        ("upe-sm-2026-7kqf", "UPE-SM-2026-7KQF", "", "", ""),
        (" UPE-SM-2026-7KQF ", "UPE-SM-2026-7KQF", "", "", ""),
        ("7kqf", "", "7KQF", "", ""),
        ("KX-VTR", "KX-VTR", "", "", "KX-VTR"),
        ("71234567", "", "", "71234567", ""),
        ("71 234 567", "", "", "71234567", ""),
        ("Cedro-Caoba", "CEDRO-CAOBA", "", "", "Cedro-Caoba"),
        ("rosa 9", "", "", "", "rosa 9"),
    ],
)
def test_what_a_text_may_be(text: str, code: str, tail: str, document: str, name: str) -> None:
    typed = read_typed(text)
    assert (typed.code, typed.tail, typed.document, typed.name) == (code, tail, document, name)
    assert typed.is_exact is bool(code or tail or document)


def test_words_are_found_at_the_beginning_of_words_whatever_their_marks() -> None:
    told = "La niña llegó de noche a la Comisaría, con su hermano menor."
    assert excerpt(told, written_words("comisaria NINA")) == told
    assert excerpt(told, written_words("hermana")) == ""
    assert excerpt(told, written_words("mana")) == ""
    assert excerpt(told, []) == ""
    long = f"{'Antes. ' * 30}El albergue escribió. {'Después. ' * 30}"
    shown = excerpt(long, ["albergue"])
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "albergue escribió" in shown
    assert len(shown) < 130


def test_short_words_are_left_out_and_marks_let_any_sign_stand() -> None:
    assert written_words("él y su mamá") == ["mama"]
    assert pattern("mama") == "%m_m_%"
