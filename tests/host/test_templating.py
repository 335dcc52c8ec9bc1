"""Templates of modules are found under their own name only, and never in place of the core's."""

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
