"""What is gravest asks who one is once more, and loses nothing that was typed."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from portal import clock
from portal.actor import Role
from portal.db import Database
from portal.users.models import User
from portal.web import fresh
from tests.factories.agencies import PASSWORD, give_password, make_agency, make_member
from tests.webclient import Browser

LATER = timedelta(minutes=11)
GRAVE = "users.password"


@pytest.fixture
def grave(app: Flask) -> Iterator[None]:
    """Make one view of the application ask for a proof, for the length of a test."""
    view = app.view_functions[GRAVE]

    def asking(**given: str) -> Any:
        return view(**given)

    asking.__dict__.update(view.__dict__)
    app.view_functions[GRAVE] = fresh(asking)
    yield
    app.view_functions[GRAVE] = view


@pytest.fixture
def person(db: Database, browser: Callable[[], Browser]) -> tuple[Browser, User]:
    with db.write() as session:
        agency = make_agency(session)
        user = make_member(session, agency, Role.COORDINATOR)
        give_password(session, user)
        session.expunge_all()
    return browser().sign_in(user, agency), user


@pytest.mark.usefixtures("grave")
def test_a_grave_page_opens_within_ten_minutes_and_asks_afterwards(
    person: tuple[Browser, User],
) -> None:
    mine, _user = person
    assert mine.get("/me/password").status_code == 200
    with clock.at(clock.now() + LATER):
        asked = mine.get("/me/password")
        assert (asked.status_code, asked.location) == (303, "/login/proof?next=/me/password")
        proved = mine.fill(asked.location, {"password": PASSWORD}, to=asked.location)
        assert (proved.status_code, proved.location) == (303, "/me/password")
        assert mine.get("/me/password").status_code == 200


@pytest.mark.usefixtures("grave")
def test_a_form_that_asks_too_late_keeps_its_text(person: tuple[Browser, User]) -> None:
    mine, _user = person
    marks = mine.marks("/me/password")
    with clock.at(clock.now() + LATER):
        answer = mine.post("/me/password", {**marks, "words": "typed with care"})
        assert answer.location == "/login/proof?next=/me/password"


def test_a_wrong_password_proves_nothing_and_is_counted(person: tuple[Browser, User]) -> None:
    mine, _user = person
    for _try in range(5):
        answer = mine.fill("/login/proof", {"password": "somebody else knows"})
        assert answer.status_code == 422
    refused = mine.fill("/login/proof", {"password": PASSWORD})
    assert "Demasiados intentos" in refused.text


def test_proving_gives_a_new_token_and_ends_the_old(
    person: tuple[Browser, User], browser: Callable[[], Browser]
) -> None:
    mine, _user = person
    old = mine.client.get_cookie("articula")
    assert old is not None
    mine.post("/login/proof", {**mine.marks("/login/proof"), "password": PASSWORD})
    stolen = browser()
    stolen.client.set_cookie("articula", old.value)
    assert stolen.get("/me").status_code == 302
    assert mine.get("/me").status_code == 200
