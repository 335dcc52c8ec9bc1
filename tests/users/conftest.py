"""People who sign in by the pages, with what they hold."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.actor import Role
from portal.agencies.models import Agency
from portal.db import Database
from portal.users.models import User
from tests.factories.agencies import PASSWORD, give_password, make_agency, make_member
from tests.users.authenticator import Authenticator
from tests.webclient import Browser

OPTIONS = re.compile(r'data-passkey="(?:show|make)" data-options="([^"]*)"')
SECRET = re.compile(r'name="secret" value="([^"]*)"')
CODES = re.compile(r"<li>((?:\w{4}-){5}\w{4})</li>")


def options(answer: TestResponse) -> str:
    """Return what a page asks the browser for."""
    found = OPTIONS.search(answer.text)
    assert found is not None
    return html.unescape(found[1])


@dataclass
class Somebody:
    """A person with an account, and what the person holds to come in."""

    user: User
    agency: Agency
    new: Callable[[], Browser]
    device: Authenticator = field(default_factory=Authenticator)

    def type_password(self, mine: Browser | None = None) -> tuple[Browser, TestResponse]:
        """Give name and password in a browser."""
        mine = mine or self.new()
        return mine, mine.post("/login", {"username": self.user.username, "password": PASSWORD})

    def show(self, mine: Browser | None = None) -> tuple[Browser, TestResponse]:
        """Show the passkey on the page of sign-in."""
        mine = mine or self.new()
        shown = self.device.show(options(mine.get("/login")))
        return mine, mine.post("/login/passkey", {"credential": shown})

    def inside(self) -> Browser:
        """Return a browser in which the person just signed in."""
        return self.new().sign_in(self.user, self.agency)

    def add_passkey(self, device: Authenticator | None = None) -> TestResponse:
        """Add a passkey on one's own settings."""
        mine = self.inside()
        asked = options(mine.get("/me/passkeys/new"))
        made = (device or self.device).make(asked)
        fields = {**mine.marks("/me"), "credential": made, "name": "Teléfono"}
        return mine.post("/me/passkeys/new", fields)


@pytest.fixture
def somebody(db: Database, browser: Callable[[], Browser]) -> Somebody:
    """Return a caseworker with a password and nothing else yet."""
    with db.write() as session:
        agency = make_agency(session)
        user = make_member(session, agency, Role.CASEWORKER)
        give_password(session, user)
        session.expunge_all()
    return Somebody(user, agency, browser)


@pytest.fixture
def required(app: Flask) -> Iterator[None]:
    """Let the instance ask a second factor of everybody."""
    parts = app.extensions["portal"]
    strict = parts.settings.model_copy(update={"second_factor": "required"})
    app.extensions["portal"] = replace(parts, settings=strict)
    yield
    app.extensions["portal"] = parts
