"""Every act that the trail may hold has its words; that they are translated is held elsewhere."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from portal.audit.labels import ACT

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("portal/**/*.py"), *ROOT.glob("plugins/*/portal_*/**/*.py")]
WRITES = {"record", "note_read", "_tell", "_record"}
ACTION = re.compile(r"[a-z]+(\.[a-z_]+){2}")
# What is written of an act whose last word is given: the ways that lead there.
GIVEN = {
    "cases.case.": {"barred", "abstained"},
    "retention.erasure.": {"approved", "refused", "withdrawn"},
}


def written() -> Iterator[tuple[str, bool]]:
    """Yield each act that the code writes into the trail, and whether only its beginning stands."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in WRITES:
                continue
            for given in [part for each in node.args for part in ways(each)]:
                if isinstance(given, ast.Constant) and ACTION.fullmatch(str(given.value)):
                    yield str(given.value), True
                if isinstance(given, ast.JoinedStr) and isinstance(given.values[0], ast.Constant):
                    yield str(given.values[0].value), False


def ways(given: ast.expr) -> list[ast.expr]:
    """Return what an argument may be: itself, or one of two."""
    return [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]


def verbs(file: str, *callers: str) -> set[str]:
    """Return the words that the callers of a file's own function give."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in callers:
            found |= {
                given.value
                for given in node.args
                if isinstance(given, ast.Constant) and re.fullmatch("[a-z_]+", str(given.value))
            }
    return {str(word) for word in found}


@cache
def acts() -> set[str]:
    """Return every act, those of a given last word one by one."""
    given = {
        **GIVEN,
        "referrals.referral.": verbs("portal/referrals/services.py", "_tell"),
        "cases.term.": verbs("portal/cases/terms.py", "_tell"),
        "commitments.commitment.": verbs("portal/commitments/services.py", "_tell", "_done"),
        "councils.agreement.": verbs("portal/councils/agreements.py", "_tell"),
        "councils.meeting.": {
            word
            for path in ROOT.glob("portal/councils/*.py")
            for word in verbs(str(path.relative_to(ROOT)), "_told")
        },
    }
    found = set()
    for act, is_whole in written():
        assert is_whole or act in given, f"{act}…: say here which acts there are"
        found |= {act} if is_whole else {f"{act}{verb}" for verb in given[act]}
    return found


def test_every_act_of_the_trail_has_its_words(app: Flask) -> None:
    assert app
    assert len(acts()) > 150
    assert sorted(acts() - ACT.keys()) == [], "portal/audit/labels.py, or `acts` of the module"


def test_no_words_stand_for_an_act_that_nothing_does(app: Flask) -> None:
    assert app
    assert sorted(ACT.keys() - acts()) == []


@pytest.mark.parametrize("act", ["cases.case.barred", "councils.meeting.approve"])
def test_acts_with_a_given_word_are_found(act: str) -> None:
    assert act in acts()
