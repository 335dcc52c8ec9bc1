"""Each plugin is loaded as a whole or quarantined with a reason."""

from collections.abc import Callable
from typing import Any

import pluggy
import pytest
from sqlmodel import SQLModel, select

from portal import host
from portal.agencies.models import Agency
from portal.errors import OperatorError
from portal.host.loading import HOOKS
from tests.host.conftest import Entry

WritePlugin = Callable[..., Entry]


def test_dummy_is_loaded_with_all_that_it_brings(modules: host.Host) -> None:
    dummy = modules.loaded["dummy"]
    assert dummy.plugin.version == "1.2.0"
    assert dummy.tables == {"dummy_note"}
    assert [rule.code for rule in modules.deadline_rules()] == ["dummy.assessment"]
    assert "dummy.note.read" in modules.permissions()
    assert {hook for hook, _slug in modules.callers} == set(HOOKS)


def test_modules_stand_by_weight_then_slug(write_plugin: WritePlugin) -> None:
    entries = [
        write_plugin("zebra", "weight = 5"),
        write_plugin("bear"),
        write_plugin("ant"),
    ]
    assert list(host.load(entries).loaded) == ["zebra", "ant", "bear"]


BLUEPRINTS = "@hookimpl\ndef blueprints(self): return [bp]"
BLUEPRINT = "from flask import Blueprint\nbp = Blueprint('broken', __name__)"

BROKEN = {
    "slug": ("slug = 'other'", "", "not the name of the entry point"),
    "version": ("requires_portal = '>=2'", "", "requires portal >=2"),
    "specifier": ("requires_portal = 'two'", "", "no version specifier"),
    "misnamed hook": ("@hookimpl\ndef home_itms(self, session): ...", "", "home_itms"),
    "unknown argument": ("@hookimpl\ndef home_items(self, request): ...", "", "request"),
    "hook with options": (
        "@pluggy.HookimplMarker('portal')(tryfirst=True)\ndef navigation(self, actor): ...",
        "import pluggy",
        "uses options",
    ),
    "hook by another name": (
        "@pluggy.HookimplMarker('portal')(specname='navigation')\ndef menu(self, actor): ...",
        "import pluggy",
        "uses options",
    ),
    "permission": (
        "@hookimpl\ndef permissions(self): return {'cases.case.read': {Role.CARER}}",
        "",
        "is not written broken.",
    ),
    "role of the instance": (
        "@hookimpl\ndef permissions(self): return {'broken.a.b': {Role.PLATFORM_ADMIN}}",
        "",
        "outside the agency",
    ),
    "blueprint's name": (
        "@hookimpl\ndef blueprints(self): return [Blueprint('cases', __name__)]",
        "from flask import Blueprint",
        "not named after the slug",
    ),
    "static files": (
        BLUEPRINTS,
        "from flask import Blueprint\nbp = Blueprint('broken', __name__, static_folder='s')",
        "own files",
    ),
    "handler of the application": (
        BLUEPRINTS,
        f"{BLUEPRINT}\nbp.before_app_request(lambda: None)",
        "reaches beyond",
    ),
    "error page of the application": (
        BLUEPRINTS,
        f"{BLUEPRINT}\nbp.app_errorhandler(404)(lambda error: 'mine')",
        "reaches beyond",
    ),
    "template filter": (
        BLUEPRINTS,
        f"{BLUEPRINT}\nbp.add_app_template_filter(str, 'day')",
        "reaches beyond",
    ),
    "another host": (
        BLUEPRINTS,
        f"{BLUEPRINT}\nbp.add_url_rule('/', 'i', lambda: '', subdomain='x')",
        "not under /p/broken/",
    ),
    "term without source": (
        "@hookimpl\ndef deadline_rules(self): return [Rule()]",
        "class Rule:\n    code = 'broken.term'\n    source = ''",
        "names no source",
    ),
    "term of another": (
        "@hookimpl\ndef deadline_rules(self): return [Rule()]",
        "class Rule:\n    code = 'dummy.assessment'\n    source = 'art. 1'",
        "not written broken.",
    ),
    "setting without default": (
        "settings_model = S",
        "from pydantic import BaseModel\nclass S(BaseModel):\n    places: int",
        "places has no default",
    ),
    "kinds": ("for_kinds = {'bank'}", "", "unknown kinds of agency: bank"),
    "duties": ("handles = {'money'}", "", "unknown duties: money"),
    "duty without hooks": ("handles = {'personal_data'}", "", "no export_person"),
    "failing at load": ("@hookimpl\ndef permissions(self): return 1 / 0", "", "ZeroDivisionError"),
    "failing at import": ("", "1 / 0", "ZeroDivisionError"),
    "migrations elsewhere": ("migrations = 'portal:migrations'", "", "is not written"),
    "no folder": ("migrations = 'portal_broken:migrations'", "", "no folder of migrations"),
}


@pytest.mark.parametrize(("body", "before", "reason"), BROKEN.values(), ids=BROKEN)
def test_broken_plugin_is_quarantined_and_the_others_live(
    write_plugin: WritePlugin, body: str, before: str, reason: str
) -> None:
    entries = [write_plugin("broken", body, before=before), write_plugin("sound")]
    loaded = host.load(entries)
    assert list(loaded.loaded) == ["sound"]
    assert reason in loaded.quarantined["broken"].reason
    assert "\n" not in loaded.quarantined["broken"].reason
    assert not [key for key in loaded.callers if key[1] == "broken"]


TABLES = {
    "prefix": ("note", "", "is not named broken_<name>"),
    "prefix of the core": ("portal_note", "", "is not named broken_<name>"),
    "version table": ("broken_version", "", "is not named broken_<name>"),
    "circle": ("broken_other", "", "states no circle"),
    "migrations": ("broken_note", "", "no migrations"),
    "people": (
        "broken_note",
        "person_id: UUID = Field(foreign_key='portal_person.id')",
        "about people",
    ),
    "key to the core": (
        "broken_note",
        "user: UUID = Field(foreign_key='portal_membership.id')",
        "not an anchor",
    ),
    "relationship to nothing": (
        "broken_note",
        "nowhere: list['Nowhere'] = Relationship()",
        "InvalidRequestError",
    ),
}


@pytest.mark.parametrize(("table", "column", "reason"), TABLES.values(), ids=TABLES)
def test_tables_out_of_order_are_quarantined_and_forgotten(
    write_plugin: WritePlugin, table: str, column: str, reason: str
) -> None:
    models = (
        "from uuid import UUID\nfrom sqlmodel import Field, Relationship\n"
        "from portal.sdk import Identified\n"
        f"class Thing(Identified, table=True):\n    __tablename__ = {table!r}\n    {column}\n"
    )
    entry = write_plugin("broken", "circles = {'broken_note': 'team'}", models=models)
    loaded = host.load([entry])
    assert reason in loaded.quarantined["broken"].reason
    assert table not in SQLModel.metadata.tables
    assert str(select(Agency)), "the core's tables can still be asked"


def test_templates_outside_the_own_folder_are_refused(write_plugin: WritePlugin) -> None:
    entry = write_plugin("broken", **{"templates__layout__page.html": "mine"})
    assert "templates/layout" in host.load([entry]).quarantined["broken"].reason


def test_view_without_permission_is_refused(write_plugin: WritePlugin) -> None:
    entry = write_plugin(
        "broken",
        BLUEPRINTS,
        before=f"{BLUEPRINT}\nbp.add_url_rule('/x', 'x', lambda: '')",
    )
    loaded = host.load([entry], is_declared=lambda view: hasattr(view, "declared"))
    assert loaded.quarantined["broken"].reason == "The view 'broken.x' declares no permission."


def test_slug_of_the_core_and_double_slug_are_refused(write_plugin: WritePlugin) -> None:
    cases, twin = write_plugin("cases"), write_plugin("twin")
    loaded = host.load([cases, twin, twin])
    assert not loaded.loaded
    assert "belongs to the portal" in loaded.quarantined["cases"].reason
    assert loaded.quarantined["twin"].reason == "Two distributions bring this slug."


def test_strictness_makes_the_first_fault_fatal(write_plugin: WritePlugin) -> None:
    with pytest.raises(OperatorError, match="broken"):
        host.load([write_plugin("broken", "requires_portal = '>=2'")], strict=True)


def test_caller_of_one_plugin_reaches_no_other_by_specname() -> None:
    """Pluggy before 1.7 let an excluded plugin answer where it used `specname`."""
    spec, mark = pluggy.HookspecMarker("t"), pluggy.HookimplMarker("t")

    class Specs:
        @spec
        def hook(self) -> str | None: ...

    class Asked:
        @mark
        def hook(self) -> str:
            return "asked"

    class Excluded:
        @mark(specname="hook")
        def other(self) -> str:
            return "excluded"

    manager = pluggy.PluginManager("t")
    manager.add_hookspecs(Specs)
    asked, excluded = Asked(), Excluded()
    manager.register(asked)
    manager.register(excluded)
    assert manager.subset_hook_caller("hook", remove_plugins=[excluded])() == ["asked"]


def test_loading_twice_gives_the_same(dummy: object) -> None:
    entries = [Entry("dummy", "portal_dummy")]
    first, second = host.load(entries, strict=True), host.load(entries, strict=True)
    assert first.loaded.keys() == second.loaded.keys() == {"dummy"}
    assert first.loaded["dummy"].tables == second.loaded["dummy"].tables


FAILING = ["blueprints", "permissions", "deadline_rules"]


@pytest.mark.parametrize("hook", FAILING)
def test_failing_at_load_quarantines(dummy: Any, hook: str) -> None:
    dummy.failing.add(hook)
    loaded = host.load([Entry("dummy", "portal_dummy")])
    assert "dummy" not in loaded.loaded
    assert "RuntimeError" in loaded.quarantined["dummy"].reason
