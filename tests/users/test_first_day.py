"""The first day: a code handed over in person opens the account once, for an own password."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import Role, system_actor
from portal.db import Database
from portal.errors import Conflict
from portal.users.models import FirstCode, User
from portal.users.services import create_user, issue_code
from tests.factories.agencies import PASSWORD, give_password, make_agency, make_member
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
OWN = "aguaje maduro en la orilla"
CODE_PAGE, START = "/login/first", "/login/start"


@pytest.fixture
def newcomer(db: Database) -> tuple[str, str]:
    """Return the user name and the code of somebody who comes for the first time."""
    with db.write() as session:
        user = make_member(session, make_agency(session), Role.CASEWORKER)
        return user.username, issue_code(session, system_actor(), user.id)


def hashes(session: Session) -> list[str]:
    return list(session.scalars(sa.select(col(FirstCode.code_hash))))


def come(mine: Browser, name: str, code: str) -> str:
    """Enter a name and a code; says where that leads."""
    answer = mine.post(CODE_PAGE, {"username": name, "code": code})
    return answer.location or str(answer.status_code)


def test_a_newcomer_chooses_a_password_and_is_home(
    newcomer: tuple[str, str], browser: NewBrowser
) -> None:
    name, code = newcomer
    mine = browser()
    assert come(mine, name.upper(), f" {code.lower().replace('-', ' ')} ") == START
    assert mine.get("/").location == "/login/start?next=/"
    assert mine.post(START, {"new_password": OWN}).location == START
    assert mine.post(f"{START}/later").location == "/"
    assert mine.get("/").status_code == 200
    again = browser()
    assert again.post("/login", {"username": name, "password": OWN}).location == "/"


@ON_BOTH
def test_a_code_opens_once(newcomer: tuple[str, str], browser: NewBrowser) -> None:
    assert come(browser(), *newcomer) == START
    assert come(browser(), *newcomer) == "422"


def test_a_code_opens_for_a_day(newcomer: tuple[str, str], browser: NewBrowser) -> None:
    with clock.at(clock.now() + timedelta(hours=24, seconds=1)):
        assert come(browser(), *newcomer) == "422"
    with clock.at(clock.now() + timedelta(hours=23, minutes=59)):
        assert come(browser(), *newcomer) == START


def test_a_wrong_code_and_an_unknown_name_are_answered_alike(
    newcomer: tuple[str, str], browser: NewBrowser
) -> None:
    name, code = newcomer
    answers = [
        browser().post(CODE_PAGE, {"username": given, "code": typed}).text
        for given, typed in ((name, "KR7M-4TXW-9PDH"), ("nadie", code))
    ]
    words = [re.findall(r"<li>.*?</li>", answer) for answer in answers]
    assert "ya se usó" in words[0][0]
    assert words[0] == words[1]


def test_guessing_codes_becomes_slow(newcomer: tuple[str, str], browser: NewBrowser) -> None:
    name, code = newcomer
    for _try in range(5):
        come(browser(), name, "KR7M-4TXW-9PDH")
    assert "Demasiados intentos" in browser().post(CODE_PAGE, {"username": name, "code": code}).text


def test_a_code_alone_opens_nothing_else(newcomer: tuple[str, str], browser: NewBrowser) -> None:
    mine = browser()
    come(mine, *newcomer)
    for path in ("/", "/me", "/cases", "/drafts", "/me/password", "/login/proof"):
        assert mine.get(path).location == f"{START}?next={path}" or path == "/drafts"
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert mine.get(START).location == "/login?next=/login/start"


def test_a_weak_password_is_refused_beside_its_field(
    newcomer: tuple[str, str], browser: NewBrowser
) -> None:
    mine = browser()
    come(mine, *newcomer)
    answer = mine.post(START, {"new_password": "corta"})
    assert answer.status_code == 422
    assert "12 caracteres" in answer.text


def test_an_account_without_a_password_is_opened_by_none(db: Database, browser: NewBrowser) -> None:
    with db.write() as session:
        create_user(session, system_actor(), username="nueva", name="Nueva Persona")
    assert browser().post("/login", {"username": "nueva", "password": "-"}).status_code == 422


@ON_BOTH
def test_only_the_hash_of_the_last_code_is_kept(db: Database, newcomer: tuple[str, str]) -> None:
    name, code = newcomer
    with db.write() as session:
        kept = hashes(session)
        user = session.execute(sa.select(User).where(col(User.username) == name)).scalar_one()
        another = issue_code(session, system_actor(), user.id)
        assert len(kept) == len(hashes(session)) == 1
        assert hashes(session) != kept
        assert code.replace("-", "") not in kept[0]
        assert another != code


def test_an_account_in_use_gets_no_code(session: Session) -> None:
    user = make_member(session, make_agency(session), Role.CASEWORKER)
    give_password(session, user)
    with pytest.raises(Conflict):
        issue_code(session, system_actor(), user.id)


@ON_BOTH
def test_a_disabled_newcomer_does_not_come_in(
    db: Database, newcomer: tuple[str, str], browser: NewBrowser
) -> None:
    with db.write() as session:
        session.execute(sa.update(User).values(disabled_at=clock.now()))
    assert come(browser(), *newcomer) == "422"


def test_who_holds_no_role_is_told_so(db: Database, browser: NewBrowser) -> None:
    with db.write() as session:
        user = create_user(session, system_actor(), username="sola", name="Sola")
        code = issue_code(session, system_actor(), user.id)
    answer = browser().post(CODE_PAGE, {"username": "sola", "code": code})
    assert "ningún rol" in answer.text or "ninguna institución" in answer.text
    assert PASSWORD not in answer.text
