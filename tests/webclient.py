"""A browser for tests: signs in without a password, fills in a form's own marks, counts queries."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.actor import system_actor
from portal.agencies.models import Agency
from portal.db import Database
from portal.users.models import User
from portal.users.services import start_sign_in
from portal.web.signing import PLAIN

HIDDEN = re.compile(r'name="(_key|_agency|_version)" value="([^"]*)"')
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """One person's browser on the application under test."""

    def __init__(self, app: Flask, db: Database) -> None:
        self.app, self.db = app, db
        self.client: FlaskClient = app.test_client()

    def sign_in(self, user: User, agency: Agency | None) -> "Browser":
        """Sign a person in for an agency, as if password and name had been right."""
        with self.db.write() as session:
            token = start_sign_in(
                session,
                system_actor(),
                user_id=user.id,
                agency_id=agency.id if agency else None,
                device="test",
            )
        self.client.set_cookie(PLAIN, token)
        return self

    def get(self, url: str, **options: Any) -> TestResponse:
        """Open an address."""
        return self.client.get(url, **options)

    def post(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send fields as they are, from our own pages."""
        return self.client.post(url, data=data or {}, headers=SAME_ORIGIN, **options)

    def marks(self, url: str) -> dict[str, str]:
        """Return the hidden marks of the form at an address."""
        found = dict(HIDDEN.findall(self.get(url).text))
        found.setdefault("_agency", "")
        return found

    def fill(self, url: str, data: dict[str, Any] | None = None, to: str = "") -> TestResponse:
        """Open a form, fill it in and send it, to its own address or to another.

        Like a person who clicks twice: what was accepted is sent again, and must lead to the same
        place. That nothing is written twice is what each test then counts.
        """
        given = {**self.marks(url), **(data or {})}
        answer = self.post(to or url, given)
        if answer.status_code == 303:
            again = self.post(to or url, given)
            assert (again.status_code, again.location) == (303, answer.location)
        return answer


__all__ = ["SAME_ORIGIN", "Browser"]
