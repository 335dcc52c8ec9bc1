"""A host with the dummy module, and plugins written on the spot."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from portal import host
from portal.host import checks

DUMMY = Path(__file__).parent / "dummy"


@dataclass(frozen=True)
class Entry:
    """An entry point as the host sees it."""

    name: str
    module: str
    version: str = "1.2.0"

    @property
    def dist(self) -> Any:
        """Return a distribution that only knows its version."""
        return SimpleNamespace(version=self.version)

    def load(self) -> Any:
        """Import the module and return its plugin."""
        return import_module(self.module).plugin


@pytest.fixture
def dummy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return the dummy's package, in order and not failing."""
    monkeypatch.syspath_prepend(str(DUMMY))
    module = import_module("portal_dummy")
    for state in (module.failing, module.heard, module.objecting):
        state.clear()
    yield module
    for state in (module.failing, module.heard, module.objecting):
        state.clear()


@pytest.fixture
def modules(dummy: Any) -> Iterator[host.Host]:
    """Let a host with the dummy module serve."""
    with host.using(host.load([Entry("dummy", "portal_dummy")], strict=True)) as loaded:
        yield loaded


WritePlugin = Callable[..., Entry]


@pytest.fixture
def write_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WritePlugin]:
    """Return a function that writes a plugin's package and gives its entry point."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(slug: str, body: str = "", *, before: str = "", **files: str) -> Entry:
        package = tmp_path / f"portal_{slug}"
        package.mkdir()
        (package / "__init__.py").write_text(
            "from portal.sdk import *\n"
            "from portal.sdk import _l\n"
            f"{before}\n"
            "class Made(Plugin):\n"
            f"    slug = {slug!r}\n"
            f"    name = {slug.title()!r}\n"
            "    requires_portal = '>=1,<2'\n"
            + "".join(f"    {line}\n" for line in body.splitlines())
            + "plugin = Made()\n"
        )
        for name, text in files.items():
            path = package / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".py" if not path.suffix else path.suffix).write_text(text)
        invalidate_caches()
        return Entry(slug, f"portal_{slug}")

    yield write
    for path in tmp_path.glob("portal_*"):
        checks.forget(path.name)
