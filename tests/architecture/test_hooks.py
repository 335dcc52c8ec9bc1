"""Every hook is documented, typed, answered by a module and failed in a test."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from portal.host import guide, hooks
from portal.host.loading import HOOKS

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs/plugins.md"
PARTS = ("Runs:", "Return:", "None:", "When it fails:")


def test_the_guide_is_made_from_the_docstrings() -> None:
    text = GUIDE.read_text()
    assert guide.page(text) == text, "run: python -m portal.host.guide docs/plugins.md"


@pytest.mark.parametrize("name", HOOKS)
def test_each_hook_has_its_page(name: str) -> None:
    assert f"### `{name}`" in GUIDE.read_text()


@pytest.mark.parametrize("name", HOOKS)
def test_each_hook_says_when_it_runs_and_what_a_failure_does(name: str) -> None:
    docstring = inspect.getdoc(getattr(hooks, name)) or ""
    assert [part for part in PARTS if not re.search(rf"^{part}", docstring, re.MULTILINE)] == []


@pytest.mark.parametrize("name", HOOKS)
def test_each_hook_is_typed(name: str) -> None:
    found = inspect.signature(getattr(hooks, name))
    for given in [*[p.annotation for p in found.parameters.values()], found.return_annotation]:
        assert given is not inspect.Signature.empty


@pytest.mark.parametrize("name", HOOKS)
def test_each_hook_is_answered_by_the_dummy_and_failed_in_a_test(name: str) -> None:
    dummy = (ROOT / "tests/host/dummy/portal_dummy/__init__.py").read_text()
    assert f'trip("{name}")' in dummy
    tests = "".join(path.read_text() for path in (ROOT / "tests/host").glob("test_*.py"))
    assert re.search(rf'failing.*"{name}"|FAILING.*"{name}"|"where", \["{name}"', tests), name


def test_no_hook_hands_out_the_application_the_request_or_keys() -> None:
    for name in HOOKS:
        given = set(inspect.signature(getattr(hooks, name)).parameters)
        assert not given & {"app", "request", "keys", "config", "db"}


def test_the_host_calls_no_hook_by_another_way() -> None:
    """`manager.hook.x(...)` would ask all plugins at once, and one failure would stop the rest."""
    for path in (ROOT / "portal").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                assert not (isinstance(owner, ast.Attribute) and owner.attr == "hook"), path
