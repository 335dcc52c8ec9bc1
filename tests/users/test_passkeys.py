"""Passkeys: one gesture, bound to our origin and to a verified holder, each answer once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import clock
from portal.db import Database
from portal.users.models import User
from tests.postgresql import ON_BOTH
from tests.users.authenticator import Authenticator
from tests.users.conftest import Somebody, options
from tests.webclient import Browser


@pytest.fixture
def holder(somebody: Somebody) -> Somebody:
    """Return somebody with a passkey."""
    assert somebody.add_passkey().location == "/me"
    return somebody


def is_in(mine: Browser) -> bool:
    return mine.get("/me").status_code == 200


def test_a_passkey_is_enough_and_needs_no_name(holder: Somebody) -> None:
    mine, answer = holder.show()
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_in(mine)
    assert "Teléfono" in mine.get("/me").text


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "http://articula.example"},
        {"host": "articula.example"},
        {"verifies": False},
        {"counter": -1},
    ],
    ids=["another origin", "another host", "nobody verified", "a copy"],
)
def test_what_is_not_our_passkey_with_its_holder_is_refused(
    holder: Somebody, change: dict[str, object]
) -> None:
    holder.show()
    for name, value in change.items():
        setattr(holder.device, name, value)
    mine, answer = holder.show()
    assert answer.status_code == 422
    assert "no abre esta cuenta" in answer.text
    assert not is_in(mine)


def test_an_unknown_passkey_and_nonsense_are_refused(holder: Somebody) -> None:
    holder.device = Authenticator()
    assert holder.show()[1].status_code == 422
    deep, unreadable = "[" * 3000 + "]" * 3000, '{"response": {"clientDataJSON": "!"}}'
    for sent in ("", "{}", "[]", "null", unreadable, "\x00" * 9, deep):
        assert holder.new().post("/login/passkey", {"credential": sent}).status_code == 422


@ON_BOTH
def test_an_answer_opens_once(holder: Somebody) -> None:
    mine = holder.new()
    shown = holder.device.show(options(mine.get("/login")))
    assert mine.post("/login/passkey", {"credential": shown}).status_code == 303
    thief = holder.new()
    assert thief.post("/login/passkey", {"credential": shown}).status_code == 422
    assert not is_in(thief)


def test_a_page_that_stood_open_too_long_is_asked_again(holder: Somebody) -> None:
    mine = holder.new()
    asked = options(mine.get("/login"))
    with clock.at(clock.now() + timedelta(minutes=16)):
        late = mine.post("/login/passkey", {"credential": holder.device.show(asked)})
        assert "demasiado tiempo" in late.text
        again = holder.device.show(options(late))
        assert mine.post("/login/passkey", {"credential": again}).status_code == 303


def test_what_was_signed_for_one_page_serves_no_other(holder: Somebody) -> None:
    mine = holder.inside()
    shown = holder.device.show(options(mine.get("/login/proof")))
    assert holder.new().post("/login/passkey", {"credential": shown}).status_code == 422


@ON_BOTH
def test_two_tabs_of_the_sign_in_page_both_serve(holder: Somebody) -> None:
    mine = holder.new()
    first, second = (options(mine.get("/login")) for _tab in range(2))
    for asked in (second, first):
        answer = mine.post("/login/passkey", {"credential": holder.device.show(asked)})
        assert answer.status_code == 303


def test_a_passkey_opens_while_the_password_must_wait(holder: Somebody) -> None:
    for _try in range(9):
        holder.new().post("/login", {"username": holder.user.username, "password": "not it at all"})
    assert "Demasiados intentos" in holder.type_password()[1].text
    assert holder.show()[1].status_code == 303


def test_a_disabled_account_is_opened_by_no_passkey(db: Database, holder: Somebody) -> None:
    with db.write() as session:
        session.execute(sa.update(User).values(disabled_at=clock.now()))
    assert holder.show()[1].status_code == 422


@ON_BOTH
def test_a_passkey_proves_again_who_one_is(holder: Somebody) -> None:
    mine = holder.inside()
    with clock.at(clock.now() + timedelta(minutes=11)):
        asked = mine.get("/me/codes")
        assert asked.location == "/login/proof?next=/me/codes"
        shown = holder.device.show(options(mine.get(asked.location)))
        fields = {**mine.marks(asked.location), "credential": shown, "next": "/me/codes"}
        assert mine.post("/login/proof", fields).location == "/me/codes"
        assert mine.get("/me/codes").status_code == 200


@ON_BOTH
def test_one_device_is_added_once_and_several_may_be(holder: Somebody) -> None:
    assert holder.add_passkey().status_code == 409
    other = Authenticator()
    assert holder.add_passkey(other).location == "/me"
    holder.device = other
    assert holder.show()[1].status_code == 303


@ON_BOTH
def test_a_removed_passkey_opens_nothing_and_ends_other_sign_ins(holder: Somebody) -> None:
    lost, _answer = holder.show()
    mine = holder.inside()
    page = mine.get("/me").text
    path = page.split('href="/me/passkeys/')[1].split('"')[0]
    asked = mine.get(f"/me/passkeys/{path}")
    assert "Quitar esta llave" in asked.text
    assert mine.fill("/me", to=f"/me/passkeys/{path}").status_code == 303
    assert not is_in(lost)
    assert is_in(mine)
    assert holder.show()[1].status_code == 422


@pytest.mark.usefixtures("required")
def test_the_only_second_factor_is_not_given_away(holder: Somebody) -> None:
    mine = holder.inside()
    path = mine.get("/me").text.split('href="/me/passkeys/')[1].split('"')[0]
    assert mine.post(f"/me/passkeys/{path}", mine.marks("/me")).status_code == 409
    assert holder.show()[1].status_code == 303
