"""The interface of modules: what it holds, that a change is told, and that modules keep to it."""

import ast
import hashlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import portal
from portal import sdk
from portal.host import hooks
from portal.host.loading import HOOKS

ROOT = Path(__file__).parents[2]
SNAPSHOT = Path(__file__).with_name("sdk.txt")
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))


def described(name: str, thing: Any) -> Iterator[str]:
    """Yield the lines that describe a name of the interface: its kind, signature and fields."""
    if isinstance(thing, ModuleType):
        yield f"{name}: module {thing.__name__}"
        for inner, value in sorted(vars(thing).items()):
            is_own = inspect.isfunction(value) and value.__module__ == thing.__name__
            if is_own and not inner.startswith("_"):
                yield f"{name}.{inner}{inspect.signature(value)}"
    elif inspect.isclass(thing):
        yield f"{name}: class of {', '.join(base.__name__ for base in thing.__bases__)}"
        for field, kind in sorted(inspect.get_annotations(thing).items()):
            yield f"{name}.{field}: {inspect.formatannotation(kind)}"
        for member, value in getattr(thing, "__members__", {}).items():
            yield f"{name}.{member} = {value.value}"
        for method, value in sorted(vars(thing).items()):
            if inspect.isfunction(value) and not method.startswith("_"):
                yield f"{name}.{method}{inspect.signature(value)}"
    elif callable(thing):
        yield f"{name}{inspect.signature(thing)}"
    else:
        yield f"{name}: {thing!r}"


def interface() -> str:
    """Return the whole interface, one line a fact: the sdk, then the hooks."""
    lines = [line for name in sdk.__all__ for line in described(name, getattr(sdk, name))]
    lines += [f"hook {name}{inspect.signature(getattr(hooks, name))}" for name in HOOKS]
    text = re.sub(r" at 0x[0-9a-f]+", "", "\n".join(lines))
    # Later versions of Python write it out.
    return re.sub(r"typing\.Unpack\[(\w+)\]", r"*\1", text) + "\n"


def test_a_change_of_the_interface_is_told() -> None:
    """Write the new snapshot and its mark into CHANGELOG.md, under the version that brings it."""
    text = interface()
    assert SNAPSHOT.read_text() == text, "the interface of modules changed: is that meant?"
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    changes = (ROOT / "CHANGELOG.md").read_text()
    current = changes.partition(f"## {portal.__version__}")[2].partition("\n## ")[0]
    assert f"`portal.sdk` {mark}" in current, f"CHANGELOG.md must name `portal.sdk` {mark}"


def test_names_are_listed_in_order_once() -> None:
    assert sdk.__all__ == sorted(set(sdk.__all__))


def test_every_name_says_what_it_is() -> None:
    silent = [
        name
        for name in sdk.__all__
        if callable(getattr(sdk, name)) and not inspect.getdoc(getattr(sdk, name))
    ]
    assert silent == []


def test_no_table_of_the_core_is_handed_out() -> None:
    tables = [name for name in sdk.__all__ if hasattr(getattr(sdk, name), "__table__")]
    assert tables == []


@pytest.mark.parametrize("root", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_imports_the_interface_only(root: Path) -> None:
    own = f"portal_{root.name}"
    for path in sorted((root / own).rglob("*.py")):
        for name in imported(path):
            package = name.partition(".")[0]
            assert package != "portal" or name == "portal.sdk", f"{path}: {name}"
            assert not package.startswith("portal_") or package == own, f"{path}: {name}"


def imported(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, `from portal import x` as `portal.x`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            if node.module == "portal":
                yield from (f"portal.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""


if __name__ == "__main__":
    SNAPSHOT.write_text(interface())
