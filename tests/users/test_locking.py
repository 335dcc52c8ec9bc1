"""A locked screen answers nothing; whoever is back goes on, the next person enters at once."""

from datetime import timedelta

import pytest

from portal import clock
from portal.actor import Role
from portal.db import Database
from tests.factories.agencies import PASSWORD, give_password, make_member
from tests.users.authenticator import Authenticator
from tests.users.conftest import Somebody, options
from tests.webclient import Browser

UNLOCK = "/login/unlock"


@pytest.fixture
def locked(somebody: Somebody) -> Browser:
    """Return a browser that its person just locked."""
    mine = somebody.inside()
    answer = mine.post("/lock", mine.marks("/me"))
    assert answer.location == "/login/unlock?next=/"
    return mine


def test_a_locked_screen_answers_only_the_page_that_unlocks_it(locked: Browser) -> None:
    for path in ("/", "/cases", "/me", "/login/proof", "/notices"):
        assert locked.get(path).location == f"{UNLOCK}?next={path}"
    assert locked.post("/me/stay").location == UNLOCK
    assert locked.post(UNLOCK, {"password": "somebody guesses"}).status_code == 422
    assert locked.get("/me").status_code == 302


def test_the_password_unlocks_and_leads_back(locked: Browser) -> None:
    answer = locked.post(UNLOCK, {"password": PASSWORD, "next": "/me"})
    assert answer.location == "/me"
    assert locked.get("/me").status_code == 200


def test_a_form_that_was_open_keeps_its_text_as_a_draft(somebody: Somebody) -> None:
    mine = somebody.inside()
    marks = mine.marks("/alerts/new")
    mine.post("/lock", mine.marks("/me"))
    sent = mine.post("/alerts/new", {**marks, "what_happens": "Typed with care"})
    assert sent.location == f"{UNLOCK}?next=/alerts/new"
    mine.post(UNLOCK, {"password": PASSWORD})
    assert "Typed with care" in mine.get("/alerts/new").text


def test_the_next_persons_passkey_enters_in_one_gesture(somebody: Somebody, db: Database) -> None:
    with db.write() as session:
        user = make_member(session, somebody.agency, Role.COORDINATOR, name="Otra Persona")
        give_password(session, user)
        session.expunge_all()
    other = Somebody(user, somebody.agency, somebody.new, Authenticator())
    other.add_passkey()
    mine = somebody.inside()
    mine.post("/lock", mine.marks("/me"))
    old = mine.client.get_cookie("articula")
    shown = other.device.show(options(mine.get(UNLOCK)))
    assert mine.post(UNLOCK, {"credential": shown}).location == "/"
    assert "Otra Persona" in mine.get("/").text
    assert old is not None
    before = somebody.new()
    before.client.set_cookie("articula", old.value)
    assert before.get(UNLOCK).location.startswith("/login?")


def test_somebody_else_leaves_the_first_one_out(locked: Browser) -> None:
    assert locked.post("/login/other").location == "/login"
    assert locked.get("/me").location == "/login?next=/me"


def test_a_locked_screen_ends_like_any_other(locked: Browser) -> None:
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert locked.get(UNLOCK).location.startswith("/login?")


@pytest.mark.parametrize(("role", "minutes"), [(Role.AUDITOR, 15), (Role.PLATFORM_ADMIN, 15)])
def test_the_platforms_people_are_signed_out_sooner(
    db: Database, somebody: Somebody, role: Role, minutes: int
) -> None:
    with db.write() as session:
        user = make_member(session, None, role)
        session.expunge_all()
    mine, hers = somebody.new().sign_in(user, None), somebody.inside()
    now = clock.now()
    for after, theirs in ((minutes - 1, 200), (minutes + 1, 302)):
        with clock.at(now + timedelta(minutes=after, seconds=-1)):
            assert mine.get("/me/left").status_code == (200 if theirs == 200 else 404)
            assert hers.get("/me/left").status_code == 200


def test_asking_how_long_is_left_prolongs_nothing(somebody: Somebody) -> None:
    mine = somebody.inside()
    now = clock.now()
    for minutes in (10, 20, 29):
        with clock.at(now + timedelta(minutes=minutes)):
            left = mine.get("/me/left").json
            assert left is not None
            assert abs(left["left"] - 60 * (30 - minutes)) <= 2
    with clock.at(now + timedelta(minutes=31)):
        assert mine.get("/me/left").status_code == 404


def test_who_says_to_be_there_stays(somebody: Somebody) -> None:
    mine = somebody.inside()
    now = clock.now()
    with clock.at(now + timedelta(minutes=29)):
        assert mine.post("/me/stay", {"_agency": str(somebody.agency.id)}).status_code == 204
    with clock.at(now + timedelta(minutes=40)):
        assert mine.get("/me").status_code == 200
