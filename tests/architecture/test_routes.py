"""Every route and every kind of person: the answer is written down, and really given."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from portal_shelter.inputs import SetPlace
from portal_shelter.models import PlaceKind
from portal_shelter.services import set_place
from sqlmodel import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal import host
from portal.actor import INSTANCE_ROLES, AgencyKind, Role, system_actor
from portal.agencies.models import Agency
from portal.db import Database
from portal.host import services
from portal.web.access import ALL, EARLY, HALF_WAY, SIGNED_IN, access_of
from tests.factories.agencies import make_agency, make_member, put_on_duty
from tests.webclient import SAME_ORIGIN, Browser

SNAPSHOT = Path(__file__).with_name("routes.txt")
HOW = (
    "routes.txt differs from the application. Where every change is meant, write it anew with "
    "`.venv/bin/python -m tests.architecture.test_routes` and let somebody read the difference."
)
WORDS = {
    ALL: "anybody",
    SIGNED_IN: "whoever is signed in",
    EARLY: "whoever holds its own token",
    HALF_WAY: "whoever is signing in",
}
SAMPLES = {"uuid": "01a20a25-76c7-71ba-82a7-fa585f65fe25", "int": "1", "string": "UPE-2026-ZZZZ"}
PART = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>")
PEOPLE = [role.value for role in Role]
# Their answer depends on who is signed in already, not on what a role grants.
OF_SIGN_IN = {"/lock", "/logout", "/me/acting", "/staff-session/end"}
# Nothing is there to answer with: no signed head of the trail, no app of one's own to remove.
NOT_YET = {"/admin/audit/checkpoints", "/me/app/remove"}

Route = tuple[str, Rule]


def routes(app: Flask) -> list[Route]:
    """Return every method and rule, in the order of the addresses."""
    found = [
        (method, rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(found, key=lambda route: (route[1].rule, route[0]))


def mark(app: Flask, rule: Rule) -> str:
    """Return what the view behind a rule declares."""
    return access_of(app.view_functions[rule.endpoint]) or ""


def is_of_sign_in(rule: Rule) -> bool:
    """Tell whether the answer depends on how far the person has signed in, and may end that."""
    return rule.rule in OF_SIGN_IN or rule.rule.startswith("/login")


def holders(app: Flask, permission: str) -> set[str]:
    """Return the roles that a permission is granted to."""
    granted = app.extensions["portal"].permissions.get(permission, frozenset())
    return {role.value for role in granted}


def described(app: Flask) -> str:
    """Return the table, one line for each method and address: permission and who holds it."""
    lines = []
    for method, rule in routes(app):
        wanted = mark(app, rule)
        if wanted in WORDS:
            answer = f"-  {WORDS[wanted]}"
        else:
            answer = f"{wanted}  {' '.join(sorted(holders(app, wanted)))}"
        lines.append(f"{method:4} {rule.rule}  {answer}")
    return "\n".join(lines) + "\n"


def test_every_route_stands_in_the_table_with_who_may_open_it(app: Flask) -> None:
    now, known = described(app).splitlines(), SNAPSHOT.read_text().splitlines()
    added = [f"+ {line}" for line in now if line not in known]
    gone = [f"- {line}" for line in known if line not in now]
    assert now == known, "\n".join([HOW, *added, *gone])


def test_every_permission_asked_for_is_held_by_somebody(app: Flask) -> None:
    asked = {mark(app, rule) for _method, rule in routes(app)} - WORDS.keys()
    assert [permission for permission in sorted(asked) if not holders(app, permission)] == []


def test_administrators_and_auditors_open_no_case(app: Flask) -> None:
    """ARCHITECTURE §4: no case for who keeps the agency, the platform or the trail."""
    outside = {"agency_admin", "platform_admin", "auditor", "privacy_officer", "viewer", "carer"}
    guarded = {
        mark(app, rule)
        for _method, rule in routes(app)
        if rule.rule.startswith(("/cases", "/alerts", "/referrals", "/commitments", "/briefs"))
    }
    assert {permission for permission in guarded if holders(app, permission) & outside} == set()


def address(rule: Rule) -> str:
    """Return an address that a rule matches and that names nothing there is."""
    return PART.sub(lambda found: SAMPLES[found[1] or "string"], rule.rule)


def module_of(rule: Rule) -> str | None:
    """Return the slug of the module that owns a rule."""
    return host.current().owner_of(rule.endpoint)


def kind_for(slug: str | None) -> AgencyKind:
    """Return a kind of agency that a module is meant for."""
    kinds = host.current().loaded[slug].plugin.for_kinds if slug else frozenset()
    return AgencyKind.UPE if not kinds or AgencyKind.UPE in kinds else min(kinds)


class Person:
    """Somebody of one role (or of all of an agency's) with a browser for each kind of agency."""

    def __init__(self, app: Flask, db: Database, who: str) -> None:
        self.app, self.db, self.who = app, db, who
        self.browsers: dict[AgencyKind | None, Browser] = {}
        self.agencies: dict[AgencyKind | None, UUID | None] = {}

    @property
    def roles(self) -> list[Role]:
        """Return the roles held."""
        return sorted(set(Role) - INSTANCE_ROLES) if self.who == "all" else [Role(self.who)]

    def at(self, kind: AgencyKind) -> Browser:
        """Return the browser with which the person acts for an agency of a kind."""
        wanted = None if INSTANCE_ROLES & set(self.roles) else kind
        if wanted not in self.browsers:
            self._sign_in(wanted)
        return self.browsers[wanted]

    def _sign_in(self, kind: AgencyKind | None) -> None:
        with self.db.write() as session:
            agency = make_agency(session, f"X-{kind}", kind) if kind else None
            user = make_member(session, agency, *self.roles)
            if agency is not None:
                switch_on(session, agency)
                if Role.DUTY_OFFICER in self.roles:
                    put_on_duty(session, agency, user)
            session.flush()
            session.expunge_all()
        self.agencies[kind] = agency.id if agency else None
        self.browsers[kind] = Browser(self.app, self.db).sign_in(user, agency)

    def may(self, rule: Rule) -> bool:
        """Tell what the table says of the person and a rule."""
        wanted = mark(self.app, rule)
        if wanted in WORDS:
            return True
        slug = module_of(rule)
        if slug and INSTANCE_ROLES & set(self.roles):
            return False
        return bool(holders(self.app, wanted) & {role.value for role in self.roles})

    def ask(self, method: str, rule: Rule) -> TestResponse:
        """Request a rule's address for an agency that has its module on."""
        browser = self.at(kind_for(module_of(rule)))
        if method == "GET":
            return browser.get(address(rule))
        wanted = None if None in self.browsers else kind_for(module_of(rule))
        agency = str(self.agencies[wanted] or "")
        return browser.post(address(rule), {"_agency": agency, "_key": "k"})


def switch_on(session: Session, agency: Agency) -> None:
    """Turn on every module that is meant for an agency, and give it a place of care."""
    for slug, module in host.current().loaded.items():
        kinds = module.plugin.for_kinds
        if not kinds or agency.kind in kinds:
            services.enable(session, system_actor(), slug, agency.id)
            if slug == "shelter":
                place = SetPlace(
                    name="Casa", kind=PlaceKind.RECEPTION, capacity=2, address="Jr. Prueba 1"
                )
                set_place(session, system_actor(agency.id), place)


def plain(answer: TestResponse) -> str:
    """Return a page without the mark of where one is in the menu."""
    return answer.text.replace(' aria-current="page"', "")


@pytest.fixture
def admitted(app: Flask, db: Database) -> Flask:
    """Return the application with every module admitted."""
    for slug in host.current().loaded:
        services.admit(db, system_actor(), slug)
    return app


@pytest.mark.slow
@pytest.mark.parametrize("who", PEOPLE)
def test_each_person_is_answered_as_the_table_says(admitted: Flask, db: Database, who: str) -> None:
    person = Person(admitted, db, who)
    wrong = []
    for method, rule in routes(admitted):
        if PART.search(rule.rule) or rule.rule in NOT_YET or is_of_sign_in(rule):
            continue
        answer = person.ask(method, rule)
        opened = answer.status_code in ({200} if method == "GET" else {200, 204, 303, 422})
        if opened != person.may(rule) or (not opened and answer.status_code != 404):
            wrong.append(f"{method} {rule.rule}: {answer.status_code} {answer.location or ''}")
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("who", ["all", "viewer", "platform_admin"])
def test_what_does_not_exist_is_not_found_by_anybody(
    admitted: Flask, db: Database, who: str
) -> None:
    person = Person(admitted, db, who)
    nowhere = plain(person.at(AgencyKind.UPE).get("/nowhere"))
    wrong = []
    for method, rule in routes(admitted):
        if not PART.search(rule.rule) or mark(admitted, rule) == EARLY:
            continue
        answer = person.ask(method, rule)
        elsewhere = method != "GET" or kind_for(module_of(rule)) is not AgencyKind.UPE
        same = elsewhere or plain(answer) == nowhere
        if answer.status_code != 404 or not same:
            wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_without_signing_in_only_what_is_open_to_all_answers(
    app: Flask, browser: Callable[[], Browser]
) -> None:
    wrong = []
    for method, rule in routes(app):
        person, url = browser(), address(rule)
        answer = person.get(url) if method == "GET" else person.post(url)
        to_sign_in = answer.status_code in (302, 303) and "/login" in (answer.location or "")
        is_open = mark(app, rule) == ALL
        refused = answer.status_code in (401, 403, 404) if mark(app, rule) == EARLY else to_sign_in
        if refused == is_open:
            wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_a_form_from_another_site_is_refused_everywhere(admitted: Flask, db: Database) -> None:
    person = Person(admitted, db, "all")
    browser = person.at(AgencyKind.UPE)
    for method, rule in routes(admitted):
        if method != "GET":
            answer = browser.client.post(address(rule), headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code == 403, rule.rule


@pytest.mark.slow
@pytest.mark.parametrize("who", ["all", "platform_admin"])
def test_an_act_that_does_not_say_for_whom_is_refused(
    admitted: Flask, db: Database, who: str
) -> None:
    """No view reads JSON: whatever is sent so names no institution, like a form without it."""
    person = Person(admitted, db, who)
    wrong = []
    for method, rule in routes(admitted):
        if method == "GET" or mark(admitted, rule) in {ALL, EARLY, HALF_WAY}:
            continue
        browser = person.at(kind_for(module_of(rule)))
        said = {"_agency": str(person.agencies[next(iter(person.agencies))] or "")}
        for sent in ({"json": said}, {"data": dict[str, str]()}):
            answer = browser.client.post(address(rule), headers=SAME_ORIGIN, **sent)
            if answer.status_code not in ((409,) if person.may(rule) else (404,)):
                wrong.append(f"{rule.rule}: {answer.status_code}")
    assert wrong == []


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    from portal.app import create_app
    from portal.db.sealing import make_key_file
    from portal.settings import Mode, Settings

    with TemporaryDirectory() as folder:
        made = create_app(
            Settings(
                mode=Mode.DEVELOPMENT,
                data_dir=Path(folder),
                secret_key="s" * 40,
                weak_hash=True,
                https=False,
                strict_plugins=True,
            ),
            keys=make_key_file(Path(folder) / "sealing.key"),
        )
        SNAPSHOT.write_text(described(made))
