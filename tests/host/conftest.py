"""A host with the dummy module, and plugins written on the spot."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal import clock, host
from portal.access.models import Membership
from portal.actor import Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.db import Database, new_id
from portal.events.bus import unsubscribe
from portal.host import checks, services
from portal.host.slots import CaseView
from portal.users.models import User
from tests.webclient import Browser

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


@dataclass(frozen=True)
class People:
    """Two agencies and the people who switch modules there."""

    upe: Agency
    demuna: Agency
    platform: Actor
    upe_admin: Actor
    demuna_admin: Actor
    coordinator: Actor

    def at_upe(self, *modules: str) -> Actor:
        """Return the UPE's coordinator with these modules on."""
        return replace(self.coordinator, modules=frozenset(modules))


@pytest.fixture
def people(db: Database) -> People:
    """Return a UPE and a DEMUNA with their administrators, and the platform's."""
    upe = Agency(code="UPE-SM", name="UPE San Martín", kind=AgencyKind.UPE)
    demuna = Agency(code="DEM-LA", name="DEMUNA Lamas", kind=AgencyKind.DEMUNA)
    users = [
        User(username=name, name=name, password_hash="-", created_at=clock.now())
        for name in ("platform", "upe", "demuna", "coordinator")
    ]
    with db.write() as session:
        session.add_all([upe, demuna, *users])
        session.commit()
        for row in (upe, demuna, *users):
            session.refresh(row)
        session.expunge_all()
    platform, upe_admin, demuna_admin, coordinator = users

    def at(agency: Agency, user: User, role: Role) -> Actor:
        return Actor(
            user_id=user.id,
            agency_id=agency.id,
            agency_kind=agency.kind,
            roles=frozenset({role}),
            request_id="request-1",
        )

    return People(
        upe=upe,
        demuna=demuna,
        platform=Actor(user_id=platform.id, roles=frozenset({Role.PLATFORM_ADMIN})),
        upe_admin=at(upe, upe_admin, Role.AGENCY_ADMIN),
        demuna_admin=at(demuna, demuna_admin, Role.AGENCY_ADMIN),
        coordinator=at(upe, coordinator, Role.COORDINATOR),
    )


class AdminBrowser(Browser):
    """A browser that sends single buttons too, with the acting agency that its pages carry."""

    actor: Actor

    def press(self, url: str, **data: str) -> TestResponse:
        """Send a form with its marks."""
        marks = {"_agency": str(self.actor.agency_id or ""), "_key": str(new_id())}
        return self.post(url, marks | data)


@pytest.fixture
def installed(dummy: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the dummy module be the only one that is installed."""
    entries = [Entry("dummy", "portal_dummy")]
    monkeypatch.setattr("portal.host.loading.entry_points", lambda group: entries)
    before = host.current()
    yield
    host.install(before)
    unsubscribe("host.dummy")


@pytest.fixture
def app(installed: None, new_app: Flask) -> Flask:
    """Return the application with the dummy module installed."""
    return new_app


@pytest.fixture
def sign_in(app: Flask, db: Database) -> Callable[[Actor], AdminBrowser]:
    """Return a function that signs an actor in, with the roles it names, and gives the browser."""

    def enter(actor: Actor) -> AdminBrowser:
        assert actor.user_id
        with db.write() as session:
            session.add_all(
                Membership(
                    user_id=actor.user_id,
                    agency_id=actor.agency_id,
                    role=role,
                    since=clock.now() - timedelta(days=1),
                )
                for role in actor.roles
            )
            user = session.get_one(User, actor.user_id)
            agency = session.get(Agency, actor.agency_id) if actor.agency_id else None
            session.flush()
            session.expunge_all()
        browser = AdminBrowser(app, db)
        browser.actor = actor
        browser.sign_in(user, agency)
        return browser

    return enter


@pytest.fixture
def switched(db: Database, people: People, modules: host.Host) -> host.Host:
    """Let the dummy module be admitted and on at the UPE."""
    services.admit(db, people.platform, "dummy")
    with db.write() as session:
        services.enable(session, people.platform, "dummy", people.upe.id)
    return modules


def a_case() -> CaseView:
    """Return a case as a module sees it."""
    return CaseView(
        id=new_id(),
        code="UPE-SM-2026-K7QX",
        title="Dos hermanos",
        status="open",
        priority="immediate",
        situation="unprotection",
        district="Lamas",
        lead_agency_id=new_id(),
        level="lead",
        opened_at=clock.now(),
        due_on=None,
    )
