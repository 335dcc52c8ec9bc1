"""What holds for every module that is installed: off is not there, and failing hurts nobody."""

import re
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal import host
from portal.actor import INSTANCE_ROLES, Actor, AgencyKind, Role, system_actor
from portal.db import Database, migrations, new_id
from portal.host import calling, services
from portal.host.plugin import GROUP
from portal.host.slots import CaseRef, CaseView
from tests.factories.agencies import make_agency, make_member
from tests.host.conftest import a_case, dummy, installed
from tests.webclient import Browser

__all__ = ["dummy", "installed"]

INSTALLED = sorted(entry.name for entry in entry_points(group=GROUP))
SAMPLES = {"uuid": "01a20a25-76c7-71ba-82a7-fa585f65fe25", "int": "1", "path": "x", "string": "x"}
PART = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>")

pytestmark = pytest.mark.parametrize("slug", [*INSTALLED, "dummy"])


@pytest.fixture
def app(slug: str, request: pytest.FixtureRequest) -> Flask:
    """Return the application with the installed modules, or with the dummy of the host's tests."""
    if slug == "dummy":
        request.getfixturevalue("installed")
    made: Flask = request.getfixturevalue("new_app" if slug == "dummy" else "app")
    return made


def address(rule: Rule) -> str:
    """Return an address that a rule matches."""
    return PART.sub(lambda found: SAMPLES[found[1] or "string"], rule.rule)


def rules_of(app: Flask, slug: str) -> list[Rule]:
    """Return the rules that a module owns."""
    current = host.current()
    return [rule for rule in app.url_map.iter_rules() if current.owner_of(rule.endpoint) == slug]


@pytest.mark.slow
@pytest.mark.parametrize("role", sorted(set(Role) - INSTANCE_ROLES))
def test_no_address_exists_where_the_module_is_off(
    app: Flask, db: Database, browser: Callable[[], Browser], slug: str, role: Role
) -> None:
    with db.write() as session:
        agency = make_agency(session)
        user = make_member(session, agency, role)
        session.flush()
        session.expunge_all()
    person = browser().sign_in(user, agency)
    unknown = person.get("/p/unknown/").text
    for rule in rules_of(app, slug):
        url = address(rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = (
                person.get(url)
                if method == "GET"
                else person.post(url, {"_agency": str(agency.id), "_key": "k"})
            )
            assert answer.status_code == 404, f"{method} {url}"
            if method == "GET":
                assert answer.text == unknown, url


def test_nobody_enters_without_signing_in(
    app: Flask, browser: Callable[[], Browser], slug: str
) -> None:
    for rule in rules_of(app, slug):
        if "GET" in (rule.methods or ()):
            answer = browser().get(address(rule))
            assert (answer.status_code, "/login" in answer.headers["Location"]) == (302, True)


@pytest.fixture
def failing(app: Flask, db: Database, slug: str) -> Iterator[Actor]:
    """Admit the module, turn it on, and let every hook of it fail."""

    def fail(**given: Any) -> None:
        raise RuntimeError("Rosa Huamán")

    services.admit(db, system_actor(), slug)
    current = host.current()
    kinds = current.loaded[slug].plugin.for_kinds
    with db.write() as session:
        agency = make_agency(session, kind=min(kinds, default=AgencyKind.UPE))
        services.enable(session, system_actor(), slug, agency.id)
        agency_id = agency.id
    before = dict(current.callers)
    current.callers |= dict.fromkeys(before, fail)  # type: ignore[arg-type]
    yield Actor(user_id=None, agency_id=agency_id, modules=frozenset({slug}))
    current.callers |= before


def test_every_failure_stays_with_the_module(
    failing: Actor, db: Database, slug: str, caplog: pytest.LogCaptureFixture
) -> None:
    current, case = host.current(), a_case()
    with db.read() as session:
        assert host.navigation(failing) == []
        assert host.case_actions(failing, case) == []
        _items, boxes = host.home_items(session, failing, 5)
        assert len(boxes) == current.implements(slug, "home_items")
        _lines, boxes = host.council_brief(session, failing, case)
        assert len(boxes) == current.implements(slug, "council_brief")
        panels = host.case_panels(session, failing, case, lambda name, data: "")
        assert [panel.failed is not None for panel in panels] == [
            True for _each in panels if current.implements(slug, "case_panels")
        ]
        assert failing.agency_id
        objections = host.case_objections(session, failing, case.id, "close", {failing.agency_id})
        assert len(objections) == current.implements(slug, "check_transition")
    assert "Rosa Huamán" not in caplog.text


def test_a_module_answers_calmly_about_a_case_that_it_does_not_know(
    app: Flask, db: Database, slug: str
) -> None:
    services.admit(db, system_actor(), slug)
    with db.write() as session:
        agency = make_agency(session)
        user = make_member(session, agency, Role.COORDINATOR)
        actor = Actor(
            user_id=user.id,
            agency_id=agency.id,
            roles=frozenset({Role.COORDINATOR}),
            modules=frozenset({slug}),
        )
    case: CaseView = a_case()
    with db.read() as session:
        _items, boxes = host.home_items(session, actor, 5)
        assert boxes == []
        assert host.navigation(actor) == host.navigation(actor)
        panels = host.case_panels(session, actor, case, lambda name, data: "")
        assert [panel for panel in panels if panel.failed] == []
        assert calling.objections_of(slug, session, actor, CaseRef(new_id()), "close") == []


def test_its_tables_equal_its_migrations(app: Flask, db: Database, slug: str) -> None:
    folder = host.current().loaded[slug].migrations
    if folder is None:
        return
    services.admit(db, system_actor(), slug)
    migrations.check(db, slug, folder)
    migrations.downgrade(db, slug, folder)
    migrations.upgrade(db, slug, folder)
    migrations.check(db, slug, folder)
