"""Templates of modules are found under their own name only, and never in place of the core's."""

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, TemplateNotFound

from portal import host
from portal.host import templating


def environment() -> Environment:
    core = DictLoader({"layout/page.html": "core", "dummy/mine.html": "core"})
    return Environment(autoescape=True, loader=templating.with_modules(core))


def test_a_module_finds_its_own_templates(modules: host.Host) -> None:
    found = environment().get_template("dummy/panel.html")
    assert found.render(notes=["<b>"], trip=lambda: "") == "<ul><li>&lt;b&gt;</li></ul>"


def test_the_core_comes_first(modules: host.Host) -> None:
    assert environment().get_template("dummy/mine.html").render() == "core"


@pytest.mark.parametrize("name", ["panel.html", "other/panel.html", "dummy/../../views.py"])
def test_nothing_else_is_found(modules: host.Host, name: str) -> None:
    with pytest.raises(TemplateNotFound):
        environment().get_template(name)


def compiling(folder: Path) -> Environment:
    core = DictLoader({"page.html": "{{ 1 + 1 }}"})
    return Environment(loader=core, autoescape=True, bytecode_cache=templating.Compiled(folder))


def test_what_was_compiled_is_read_by_the_next_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiling(tmp_path / "compiled").get_template("page.html")
    monkeypatch.setattr(Environment, "compile", None)
    kept = compiling(tmp_path / "compiled").get_template("page.html")
    assert kept.render() == "2"
    assert (tmp_path / "compiled").stat().st_mode & 0o077 == 0


def test_a_page_is_shown_where_nothing_can_be_kept(tmp_path: Path) -> None:
    made = compiling(tmp_path / "compiled")
    (tmp_path / "compiled").rmdir()
    assert made.get_template("page.html").render() == "2"
