"""Loading: every installed plugin, each as a whole or not at all.

What breaks a rule is quarantined with one line that says why; the portal starts without it, unless
the settings ask for strictness, as tests do.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

import pluggy
from flask import Blueprint, Flask

from portal.actor import Role
from portal.errors import OperatorError
from portal.host import checks, hooks
from portal.host.checks import IsDeclared, Rejected
from portal.host.health import Health
from portal.host.plugin import GROUP, PROJECT, Plugin
from portal.host.slots import LegalTerm

logger = logging.getLogger(__name__)

HOOKS = tuple(
    sorted(name for name, value in vars(hooks).items() if hasattr(value, f"{PROJECT}_spec"))
)


class Installed(Protocol):
    """What the host needs of an entry point."""

    @property
    def name(self) -> str:
        """Return the entry's name: the slug."""

    @property
    def dist(self) -> Any:
        """Return the distribution that brings it, with its `version`."""

    def load(self) -> Any:
        """Import the module and return the object that the entry names."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plugin in order, with everything it declared at load."""

    plugin: Plugin
    blueprints: Sequence[Blueprint] = ()
    permissions: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    rules: Sequence[LegalTerm] = ()
    tables: frozenset[str] = frozenset()
    templates: Path | None = None
    migrations: Path | None = None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A plugin that was not loaded, and the one line that says why."""

    slug: str
    version: str
    reason: str
    name: Any


@dataclass(slots=True)
class Host:
    """The modules of this process: what is loaded, what is quarantined, how each one fares.

    `agency_admins_switch` says whether an agency's administrator may turn modules on and off.
    """

    loaded: dict[str, Loaded] = field(default_factory=dict)
    quarantined: dict[str, Quarantined] = field(default_factory=dict)
    agency_admins_switch: bool = True
    health: Health = field(default_factory=Health)
    callers: dict[tuple[str, str], pluggy.HookCaller] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def implements(self, slug: str, hook: str) -> bool:
        """Tell whether a loaded module answers a hook."""
        return (hook, slug) in self.callers

    def name_of(self, slug: str) -> Any:
        """Return the name of a module as people read it; the slug where nothing else is known."""
        if slug in self.loaded:
            return self.loaded[slug].plugin.name
        return self.quarantined[slug].name if slug in self.quarantined else slug

    def answering(self, hook: str, slugs: Iterable[str]) -> list[str]:
        """Return those of `slugs` that answer a hook, in the order of weight and slug."""
        wanted = set(slugs)
        return [slug for slug in self.loaded if slug in wanted and (hook, slug) in self.callers]

    def owner_of(self, blueprint: str | None) -> str | None:
        """Return the slug of the module that owns a blueprint; None for the core's."""
        return self.owners.get((blueprint or "").partition(".")[0])

    def mount(self, app: Flask) -> None:
        """Register every loaded module's blueprints under `/p/<slug>/`."""
        for slug, module in self.loaded.items():
            for blueprint in module.blueprints:
                checks.mount(app, slug, blueprint)

    def permissions(self) -> dict[str, frozenset[Role]]:
        """Return every loaded module's permissions and the roles that hold them."""
        return {
            name: roles
            for module in self.loaded.values()
            for name, roles in module.permissions.items()
        }

    def deadline_rules(self) -> list[LegalTerm]:
        """Return every loaded module's legal terms."""
        return [rule for module in self.loaded.values() for rule in module.rules]


class Loader:
    """The work of one load; each plugin passes through `take` alone."""

    def __init__(self, host: Host, is_declared: IsDeclared) -> None:
        self.host = host
        self.is_declared = is_declared
        self.manager = pluggy.PluginManager(PROJECT)
        self.manager.add_hookspecs(hooks)

    def take(self, entry: Installed, plugin: object) -> None:
        """Load one plugin, or raise Rejected and leave nothing of it behind."""
        known = checks.check_manifest(entry.name, plugin)
        known.version = version_of(entry)
        try:
            self.register(known)
            module = self.declared(known)
        except Exception:
            if self.manager.is_registered(known):
                self.manager.unregister(known)
            checks.forget(known.package)
            raise
        self.host.loaded[known.slug] = module
        self.host.owners |= {blueprint.name: known.slug for blueprint in module.blueprints}

    def register(self, plugin: Plugin) -> None:
        """Register the hooks of a plugin; a misspelt one, or one with options, is refused."""
        for name in dir(plugin):
            options = self.manager.parse_hookimpl_opts(plugin, name)
            if options and any(options.values()):
                raise Rejected(f"The hook {name} uses options; the host alone orders modules.")
        try:
            self.manager.register(plugin, plugin.slug)
            self.manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise Rejected(f"A hook does not fit: {one_line(error)}") from error

    def declared(self, plugin: Plugin) -> Loaded:
        """Ask a registered plugin what it brings, and check it."""
        slug = plugin.slug
        blueprints = self.ask(slug, "blueprints") or ()
        checks.check_blueprints(plugin, blueprints, self.is_declared)
        permissions = self.ask(slug, "permissions") or {}
        checks.check_permissions(slug, permissions)
        rules = self.ask(slug, "deadline_rules") or ()
        checks.check_rules(slug, rules)
        tables = checks.check_tables(plugin, lambda hook: self.answers(slug, hook))
        checks.check_migrations(plugin, bool(tables))
        return Loaded(
            plugin=plugin,
            blueprints=tuple(blueprints),
            permissions=dict(permissions),
            rules=tuple(rules),
            tables=tables,
            templates=checks.check_templates(plugin),
            migrations=checks.migrations_folder(plugin) if plugin.migrations else None,
        )

    def answers(self, slug: str, hook: str) -> bool:
        """Tell whether a registered plugin answers a hook."""
        caller: pluggy.HookCaller = getattr(self.manager.hook, hook)
        return any(implementation.plugin_name == slug for implementation in caller.get_hookimpls())

    def ask(self, slug: str, hook: str) -> Any:
        """Return what one plugin answers to a hook of the load."""
        if not self.answers(slug, hook):
            return None
        return next(iter(self.caller(hook, slug)()), None)

    def caller(self, hook: str, slug: str) -> pluggy.HookCaller:
        """Return a caller that asks one plugin only."""
        others = [
            plugin for name, plugin in self.manager.list_name_plugin() if plugin and name != slug
        ]
        return self.manager.subset_hook_caller(hook, remove_plugins=others)

    def finish(self) -> None:
        """Build the callers, once for each hook that a loaded plugin answers."""
        self.host.callers = {
            (hook, slug): self.caller(hook, slug)
            for hook in HOOKS
            for slug in self.host.loaded
            if self.answers(slug, hook)
        }


def load(
    entries: Iterable[Installed] | None = None,
    *,
    strict: bool = False,
    agency_admins_switch: bool = True,
    is_declared: IsDeclared = lambda view: True,
) -> Host:
    """Load every installed plugin, by weight and slug, and return the host.

    `is_declared` tells whether a view states its permission (`web` knows). With `strict`, the first
    plugin that is not in order raises OperatorError instead of being quarantined.
    """
    host = Host(agency_admins_switch=agency_admins_switch)
    loader = Loader(host, is_declared)
    found = list(entry_points(group=GROUP) if entries is None else entries)
    for entry, plugin in sorted(imported(host, found), key=order):
        try:
            loader.take(entry, plugin)
        except Exception as error:
            quarantine(host, entry, error, getattr(plugin, "name", entry.name))
    loader.finish()
    if strict and host.quarantined:
        first = next(iter(host.quarantined.values()))
        raise OperatorError(f"The module {first.slug} is not in order. {first.reason}")
    return host


def imported(host: Host, entries: Sequence[Installed]) -> Iterator[tuple[Installed, Any]]:
    """Import what the entries name; a failing import or a double slug is set aside."""
    names = [entry.name for entry in entries]
    for entry in entries:
        try:
            if names.count(entry.name) > 1:
                raise Rejected("Two distributions bring this slug.")
            yield entry, entry.load()
        except Exception as error:
            quarantine(host, entry, error, entry.name)


def order(found: tuple[Installed, Any]) -> tuple[int, str]:
    """Return the place of a plugin among the others."""
    weight = getattr(found[1], "weight", 0)
    return (weight if isinstance(weight, int) else 0, found[0].name)


def quarantine(host: Host, entry: Installed, error: Exception, name: Any) -> None:
    """Set a plugin aside with one line that says why."""
    reason = (
        str(error) if isinstance(error, Rejected) else f"{type(error).__name__}: {one_line(error)}"
    )
    host.quarantined[entry.name] = Quarantined(entry.name, version_of(entry), reason, name)
    logger.warning("The module %s is quarantined. %s", entry.name, reason)


def version_of(entry: Installed) -> str:
    """Return the version of the distribution that brings a plugin."""
    return str(entry.dist.version) if entry.dist else "0"


def one_line(error: Exception) -> str:
    """Return an error's text in one line of at most 300 characters."""
    return " ".join(str(error).split())[:300]


_installed = Host()


def current() -> Host:
    """Return the host of this process: empty until the factory or the command line loads one."""
    return _installed


def install(host: Host) -> Host:
    """Make a host the one of this process."""
    global _installed
    _installed = host
    return host


@contextmanager
def using(host: Host) -> Iterator[Host]:
    """Let another host serve for a block; for tests and for the check of a plugin."""
    before = current()
    try:
        yield install(host)
    finally:
        install(before)
