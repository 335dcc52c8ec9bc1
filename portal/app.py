"""The factory: one short function per concern, in order."""

import importlib
import importlib.util
import json
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask
from jinja2 import FileSystemLoader, StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from portal import host
from portal.audit import labels as audit_labels
from portal.cases import parts
from portal.db import Database
from portal.db.files import FileStore
from portal.db.paths import PACKAGE, folder
from portal.db.sealing import Keyring, load_key_file
from portal.errors import OperatorError
from portal.home import queries as home
from portal.home.calendar import add_days
from portal.host import bridge, templating
from portal.retention import rooms
from portal.settings import Mode, Settings, load_settings
from portal.web import guard, locale, problems, render, request, routing, security, uploads
from portal.web.access import ALL, EARLY, HALF_WAY, SIGNED_IN, access_of

log = logging.getLogger(__name__)

# The contexts that have pages, permissions or work of their own, in the order of their handlers.
CONTEXTS = (
    "web",
    "users",
    "access",
    "places",
    "deadlines",
    "agencies",
    "audit",
    "host",
    "people",
    "cases",
    "documents",
    "sharing",
    "family",
    "registries",
    "alerts",
    "lists",
    "referrals",
    "commitments",
    "duties",
    "followups",
    "duplicates",
    "interviews",
    "plans",
    "councils",
    "notifications",
    "privacy",
    "copies",
    "home",
    "search",
    "retention",
)
# What a context's queries may tell: the home page, its calendar, its page of long work, a case.
ASKED: dict[str, Callable[[str, Any], None]] = {
    "home_items": home.add_source,
    "due_days": add_days,
    "long_work": home.add_work,
    "belongs": parts.register,
}
YEAR_SECONDS = 31_536_000
SHORTEST_SECRET = 32
DEMO_ACCOUNTS = "demo-accounts.json"


def create_app(settings: Settings | None = None, *, keys: Keyring | None = None) -> Flask:
    """Return the application of an instance; raises OperatorError where it must not start."""
    settings = settings or load_settings()
    check_settings(settings)
    app = Flask("portal", static_folder=None)
    app.url_rule_class = routing.Route
    configure(app, settings)
    connect_database(app, settings, keys)
    load_modules(app, settings)
    add_languages(app)
    add_templates(app, settings)
    add_requests(app)
    register_contexts(app)
    add_static(app, settings)
    check_views(app)
    return app


def check_settings(settings: Settings) -> None:
    """Refuse in production what must not be."""
    if settings.mode is Mode.PRODUCTION and len(settings.secret_key) < SHORTEST_SECRET:
        raise OperatorError("Set PORTAL_SECRET_KEY to at least 32 random characters.")
    if settings.mode is Mode.PRODUCTION and (settings.data_dir / DEMO_ACCOUNTS).exists():
        raise OperatorError("This folder holds a demonstration: choose another PORTAL_DATA_DIR.")


def configure(app: Flask, settings: Settings) -> None:
    """Take over what Flask itself needs."""
    app.config.update(
        SECRET_KEY=settings.secret_key or secrets.token_hex(32),
        TRUSTED_HOSTS=settings.trusted_hosts,
        # A sheet of 2 MB, and the fields beside it.
        MAX_CONTENT_LENGTH=2_200_000,
        MAX_FORM_MEMORY_SIZE=1_000_000,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.url_map.strict_slashes = False
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def connect_database(app: Flask, settings: Settings, keys: Keyring | None) -> None:
    """Open the database with the sealing keys."""
    db = Database(settings.url, keys or load_key_file(settings.key_path))
    parts = request.Portal(settings=settings, db=db, files=FileStore(settings.files_path))
    if settings.mode is Mode.DEMO:
        parts.demo_accounts = demo_accounts(settings)
    app.extensions["portal"] = parts


def demo_accounts(settings: Settings) -> tuple[dict[str, str], ...]:
    """Return the accounts that the sign-in page of a demonstration lists."""
    path = settings.data_dir / DEMO_ACCOUNTS
    return tuple(json.loads(path.read_text())) if path.exists() else ()


def load_modules(app: Flask, settings: Settings) -> None:
    """Load the installed plugins; one that is not in order is quarantined, the portal starts."""
    host.install(
        host.load(
            strict=settings.strict_plugins,
            agency_admins_switch=settings.agency_admin_switches_modules,
            is_declared=is_guarded,
        )
    )
    for module in host.current().loaded.values():
        audit_labels.add(module.plugin.acts)
    host.current().mount(app)


def is_guarded(view: Any) -> bool:
    """Tell whether a module's view asks for a permission: no other mark may pass the gate."""
    declared = access_of(view)
    return declared is not None and declared not in (ALL, SIGNED_IN, EARLY, HALF_WAY)


def add_languages(app: Flask) -> None:
    """Join the modules' catalogues with the core's, which wins."""
    catalogues = [
        (slug, str(package_folder(module.plugin.package) / "translations"))
        for slug, module in host.current().loaded.items()
    ]
    locale.install(app, catalogues)


def package_folder(name: str) -> Path:
    """Return the folder of an importable package."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise OperatorError(f"The package {name} is not installed.")
    return Path(spec.submodule_search_locations[0])


def add_templates(app: Flask, settings: Settings) -> None:
    """Find templates in one folder, and each module's under its own name only."""
    app.jinja_env.loader = templating.with_modules(FileSystemLoader(folder("templates")))
    app.jinja_env.bytecode_cache = templating.Compiled(settings.data_dir / "compiled")
    app.jinja_env.undefined = StrictUndefined
    render.install(app)


def add_requests(app: Flask) -> None:
    """Put guard, error pages, transactions and headers around every request."""
    security.install(app)
    request.install(app, refuse=problems.unsettled)
    problems.install(app)
    uploads.install(app)
    guard.install(app)


def register_contexts(app: Flask) -> None:
    """Register each context's pages, menu, permissions and work."""
    permissions = app.extensions["portal"].permissions
    for name in CONTEXTS:
        granted = room(name, "permissions")
        if granted is not None:
            permissions.update(granted.PERMISSIONS)
        views = room(name, "views")
        if views is not None:
            app.register_blueprint(views.blueprint)
            for entry in getattr(views, "MENU", ()):
                render.add_to_menu(entry)
        queries = room(name, "queries")
        for asked, add in ASKED.items():
            if hasattr(queries, asked):
                add(name, getattr(queries, asked))
    permissions.update(host.current().permissions())
    register_work()


def register_work() -> None:
    """Register event handlers, objections, periodic work and what is held of people."""
    for name in CONTEXTS:
        personal = room(name, "personal")
        if personal is not None:
            rooms.register(name, personal)
        wiring = room(name, "wiring")
        if wiring is not None:
            wiring.register()
    bridge.connect()


def room(context: str, name: str) -> ModuleType | None:
    """Return a context's module of a name, or None where the context has no such room."""
    folder = PACKAGE / context
    if not (folder / f"{name}.py").is_file() and not (folder / name).is_dir():
        return None
    return importlib.import_module(f"portal.{context}.{name}")


def add_static(app: Flask, settings: Settings) -> None:
    """Serve our own files from memory, kept for a year by their fingerprint."""
    files = WhiteNoise(
        app.wsgi_app,
        root=str(PACKAGE / "static"),
        prefix="static/",
        max_age=YEAR_SECONDS if settings.mode is not Mode.DEVELOPMENT else 0,
        autorefresh=settings.mode is Mode.DEVELOPMENT,
    )
    app.wsgi_app = files  # type: ignore[method-assign]


def check_views(app: Flask) -> None:
    """Refuse to start with a view that does not declare who may open it."""
    for endpoint, view in app.view_functions.items():
        if access_of(view) is None:
            raise OperatorError(f"The view {endpoint} declares no permission.")
