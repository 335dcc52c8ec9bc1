"""What a plugin must satisfy before it is loaded; each check says in one line what is wrong.

The reasons are for the operator and the author, so they stand in the sources' language.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module, resources, util
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import configure_mappers
from sqlmodel import SQLModel

import portal
from portal.actor import INSTANCE_ROLES, AgencyKind, Role
from portal.host.plugin import SLUG, Plugin
from portal.host.slots import LegalTerm, TableCircle

ANCHORS = {"portal_case.id", "portal_person.id", "portal_agency.id", "portal_user.id"}
PEOPLE = {"portal_case.id", "portal_person.id"}
RESERVED = {
    "portal",
    "layout",
    "components",
    "pdf",
    *(m.name for m in iter_modules(portal.__path__)),
}

IsDeclared = Callable[[Callable[..., Any]], bool]


class Rejected(Exception):
    """A plugin breaks a rule of the host; the message is the one line that is shown."""


def check_manifest(name: str, plugin: object) -> Plugin:
    """Return the plugin if its manifest is complete and meant for this version of the portal."""
    if not isinstance(plugin, Plugin):
        raise Rejected("The entry point is not an object of a subclass of Plugin.")
    for field in ("slug", "name", "requires_portal"):
        if not getattr(plugin, field, ""):
            raise Rejected(f"The manifest has no {field}.")
    if plugin.slug != name:
        raise Rejected(f"The slug {plugin.slug!r} is not the name of the entry point, {name!r}.")
    if not SLUG.fullmatch(plugin.slug) or plugin.slug in RESERVED:
        raise Rejected(f"The slug {plugin.slug!r} is not allowed or belongs to the portal.")
    if plugin.package != f"portal_{name}":
        raise Rejected(f"Its package is {plugin.package!r}, not 'portal_{name}'.")
    check_version(plugin)
    check_words(plugin)
    check_settings(plugin)
    return plugin


def check_version(plugin: Plugin) -> None:
    """Refuse a plugin made for another version of the portal."""
    try:
        wanted = SpecifierSet(plugin.requires_portal)
    except InvalidSpecifier:
        raise Rejected(
            f"requires_portal is no version specifier: {plugin.requires_portal!r}."
        ) from None
    if not wanted.contains(portal.__version__, prereleases=True):
        raise Rejected(f"It requires portal {wanted}; this is {portal.__version__}.")


def check_words(plugin: Plugin) -> None:
    """Refuse kinds of agency, circles and duties that the portal does not know."""
    if strange := set(plugin.for_kinds) - set(AgencyKind):
        raise Rejected(f"for_kinds names unknown kinds of agency: {listed(strange)}.")
    if unknown := set(plugin.handles) - {"personal_data"}:
        raise Rejected(f"handles names unknown duties: {listed(unknown)}.")
    if unknown := set(plugin.circles.values()) - {circle.value for circle in TableCircle}:
        raise Rejected(f"circles names unknown circles: {listed(unknown)}.")
    if not isinstance(plugin.weight, int):
        raise Rejected("weight is not a whole number.")


def check_settings(plugin: Plugin) -> None:
    """Refuse settings without a default: a module must work as it comes."""
    model = plugin.settings_model
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise Rejected("settings_model is not a pydantic model.")
    try:
        model()
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Rejected(f"The setting {where} has no default.") from None


def check_blueprints(
    plugin: Plugin, blueprints: Sequence[Blueprint], is_declared: IsDeclared
) -> None:
    """Mount the blueprints on an application of their own and refuse what reaches beyond them."""
    scratch = Flask(plugin.slug, static_folder=None, template_folder=None)
    before = reach(scratch)
    for blueprint in blueprints:
        if not isinstance(blueprint, Blueprint):
            raise Rejected("blueprints() returned something that is no blueprint.")
        if not owns(plugin.slug, blueprint.name):
            raise Rejected(f"The blueprint {blueprint.name!r} is not named after the slug.")
        if blueprint.has_static_folder or blueprint.template_folder is not None:
            raise Rejected(f"The blueprint {blueprint.name!r} brings its own files.")
        if blueprint.cli.commands:
            raise Rejected(f"The blueprint {blueprint.name!r} adds commands.")
        mount(scratch, plugin.slug, blueprint)
    if reach(scratch) != before:
        raise Rejected("A blueprint reaches beyond its own pages (handlers of the application).")
    for endpoint, view in scratch.view_functions.items():
        if not is_declared(view):
            raise Rejected(f"The view {endpoint!r} declares no permission.")
    check_addresses(plugin.slug, scratch)


def check_addresses(slug: str, scratch: Flask) -> None:
    """Refuse a rule outside `/p/<slug>/` or on another host."""
    for rule in scratch.url_map.iter_rules():
        if not rule.rule.startswith(f"/p/{slug}/") or rule.subdomain or rule.host:
            raise Rejected(f"The address {rule.rule!r} is not under /p/{slug}/.")


def mount(app: Flask, slug: str, blueprint: Blueprint) -> None:
    """Register a blueprint under the module's own address."""
    app.register_blueprint(blueprint, url_prefix=f"/p/{slug}{blueprint.url_prefix or ''}")


def reach(app: Flask) -> dict[str, object]:
    """Return what of an application a blueprint might change beyond its own pages."""
    return {
        "before": list(app.before_request_funcs.get(None, ())),
        "after": list(app.after_request_funcs.get(None, ())),
        "teardown": list(app.teardown_request_funcs.get(None, ())),
        "context": list(app.template_context_processors.get(None, ())),
        "errors": dict(app.error_handler_spec.get(None, {})),
        "values": list(app.url_value_preprocessors.get(None, ())),
        "defaults": list(app.url_default_functions.get(None, ())),
        "appcontext": list(app.teardown_appcontext_funcs),
        "shell": list(app.shell_context_processors),
        "filters": sorted(app.jinja_env.filters),
        "tests": sorted(app.jinja_env.tests),
        "globals": sorted(app.jinja_env.globals),
        "wsgi": app.wsgi_app,
    }


def check_permissions(slug: str, permissions: Mapping[str, frozenset[Role]]) -> None:
    """Refuse a permission that is not the module's own, or a role that it may not give."""
    grammar = re.compile(rf"{slug}\.[a-z_]+\.[a-z_]+")
    for name, roles in permissions.items():
        if not grammar.fullmatch(name):
            raise Rejected(f"The permission {name!r} is not written {slug}.<resource>.<verb>.")
        if unknown := set(roles) - (set(Role) - INSTANCE_ROLES):
            raise Rejected(
                f"The permission {name!r} names roles outside the agency: {listed(unknown)}."
            )


def check_rules(slug: str, rules: Iterable[LegalTerm]) -> None:
    """Refuse a legal term without its source, or under another owner's code."""
    for rule in rules:
        if not rule.code.startswith(f"{slug}."):
            raise Rejected(f"The term {rule.code!r} is not written {slug}.<name>.")
        if not rule.source:
            raise Rejected(f"The term {rule.code!r} names no source.")


def check_migrations(plugin: Plugin, has_tables: bool) -> None:
    """Refuse a module whose tables no revision would make."""
    if not plugin.migrations:
        if has_tables:
            raise Rejected("It has tables and no migrations.")
        return
    if not (migrations_folder(plugin) / "versions").is_dir():
        raise Rejected(f"There is no folder of migrations {plugin.migrations!r}.")


def migrations_folder(plugin: Plugin) -> Path:
    """Return the folder named by `package:folder`; raises Rejected when it is written otherwise."""
    package, separator, folder = plugin.migrations.partition(":")
    if not separator or package != plugin.package:
        raise Rejected(f"migrations is not written '{plugin.package}:<folder>'.")
    return Path(str(resources.files(package))) / folder


def check_tables(plugin: Plugin, implements: Callable[[str], bool]) -> frozenset[str]:
    """Return the names of the module's tables if their names, keys and duties are in order."""
    tables = tables_of(plugin.package)
    for table in tables:
        if not table.name.startswith(f"{plugin.slug}_") or table.name == f"{plugin.slug}_version":
            raise Rejected(f"The table {table.name!r} is not named {plugin.slug}_<name>.")
        if table.name not in plugin.circles:
            raise Rejected(f"The table {table.name!r} states no circle.")
        check_keys(plugin, table)
    if "personal_data" in plugin.handles and not (
        implements("export_person") and implements("erase_person")
    ):
        raise Rejected("It handles personal data and has no export_person or no erase_person.")
    return frozenset(table.name for table in tables)


def check_keys(plugin: Plugin, table: sa.Table) -> None:
    """Refuse a key to anything but the core's anchors and the module's own tables."""
    for key in table.foreign_keys:
        target = key.target_fullname
        if target not in ANCHORS and not target.startswith(f"{plugin.slug}_"):
            raise Rejected(
                f"The table {table.name!r} refers to {target!r}, which is not an anchor."
            )
        if target in PEOPLE and "personal_data" not in plugin.handles:
            raise Rejected(f"The table {table.name!r} is about people; say handles personal_data.")


def tables_of(package: str) -> list[sa.Table]:
    """Return the tables that a package declares, mapped or plain, its `models` imported first."""
    if util.find_spec(f"{package}.models"):
        import_module(f"{package}.models")
    configure_mappers()
    found = {mapper.local_table for mapper in mappers_of(package)}
    for name, module in sorted(sys.modules.items()):
        if belongs(package, name):
            found |= {value for value in vars(module).values() if isinstance(value, sa.Table)}
    return sorted(
        (table for table in found if isinstance(table, sa.Table)), key=lambda table: table.name
    )


def mappers_of(package: str) -> list[Any]:
    """Return the mapped classes of a package."""
    registry = SQLModel._sa_registry
    return [m for m in registry.mappers if belongs(package, m.class_.__module__)]


def forget(package: str) -> None:
    """Take a rejected package back out, its tables first, so that it cannot break the core's.

    A class that cannot be configured would stop every other mapped class of the process; the
    library has no public way to drop a single one.
    """
    for mapper in mappers_of(package):
        table, registry, manager = mapper.local_table, mapper.registry, mapper.class_manager
        registry._dispose_manager_and_mapper(manager)
        registry._managers.pop(manager, None)
        if isinstance(table, sa.Table) and table.key in SQLModel.metadata.tables:
            SQLModel.metadata.remove(table)
    for name in [name for name in sys.modules if belongs(package, name)]:
        del sys.modules[name]


def check_templates(plugin: Plugin) -> Path | None:
    """Return the module's folder of templates, None where it has none; nothing stands beside it."""
    root = Path(str(resources.files(plugin.package))) / "templates"
    if not root.is_dir():
        return None
    for path in sorted(root.iterdir()):
        if path.name != plugin.slug:
            raise Rejected(f"templates/{path.name} is outside templates/{plugin.slug}/.")
    return root / plugin.slug


def belongs(package: str, module: str) -> bool:
    """Tell whether a module is the package or stands inside it."""
    return module == package or module.startswith(f"{package}.")


def owns(slug: str, name: str) -> bool:
    """Tell whether a name is the slug or begins with it and an underscore."""
    return name == slug or name.startswith(f"{slug}_")


def listed(words: Iterable[object]) -> str:
    """Return words in order, separated by commas."""
    return ", ".join(sorted(str(word) for word in words))
