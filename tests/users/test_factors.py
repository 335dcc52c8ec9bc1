"""After the password: codes of an app and of recovery, each once; who has none adds one first."""

import re
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa
from sqlmodel import col

from portal import clock
from portal.actor import system_actor
from portal.db import Database
from portal.users.models import CodeApp, RecoveryCode, User
from portal.users.passwords import make_hash
from portal.users.services import make_code
from tests.factories.agencies import PASSWORD
from tests.postgresql import ON_BOTH
from tests.users.conftest import CODES, SECRET, Somebody, options
from tests.webclient import Browser

# Some hours from now, later than a long run of tests comes to this, ten seconds into a half minute.
AT = (clock.now() + timedelta(hours=3)).replace(second=10, microsecond=0)
SECOND, START = "/login/second", "/login/start"


class Telephone:
    """An app of one-time codes, whose clock may be wrong."""

    def __init__(self, secret: str, wrong: timedelta = timedelta()) -> None:
        self.app, self.wrong = pyotp.TOTP(secret), wrong

    @property
    def code(self) -> str:
        """Return what it shows now."""
        return self.app.at(clock.now() + self.wrong)


@pytest.fixture
def holder(somebody: Somebody) -> tuple[Somebody, Telephone, list[str]]:
    """Return somebody with an app, the telephone, and the recovery codes on paper."""
    with clock.at(AT - timedelta(minutes=5)):
        mine = somebody.inside()
        page = mine.get("/me/app")
        found = SECRET.search(page.text)
        assert found is not None
        assert "<svg" in page.text
        telephone = Telephone(found[1])
        fields = {**mine.marks("/me/app"), "secret": found[1], "code": telephone.code}
        answer = mine.post("/me/app", fields)
        codes = CODES.findall(answer.text)
    assert len(set(codes)) == 10
    return somebody, telephone, codes


Holder = tuple[Somebody, Telephone, list[str]]


@pytest.mark.parametrize("bent", ["", "a", "ñ", "A" * 31 + "1", "A" * 70_000])
def test_a_secret_that_was_bent_is_refused_and_another_is_shown(
    somebody: Somebody, bent: str
) -> None:
    mine = somebody.inside()
    fields = {**mine.marks("/me/app"), "secret": bent, "code": "123456"}
    answer = mine.post("/me/app", fields)
    assert answer.status_code == 422
    assert SECRET.search(answer.text)


@pytest.mark.parametrize("code", ["ñ", "١٢٣٤٥٦", "\u202e123456", "\U0001f9d2"])
def test_what_is_no_code_is_refused(holder: Holder, code: str) -> None:
    somebody, telephone, _codes = holder
    with clock.at(AT):
        mine, _answer = somebody.type_password()
        assert mine.post(SECOND, {"code": code}).status_code == 422
    inside = somebody.inside()
    fields = {**inside.marks("/me/app"), "secret": telephone.app.secret, "code": code}
    assert inside.post("/me/app", fields).status_code == 422


def second(mine: Browser, code: str) -> str:
    """Give a code; says where that leads."""
    answer = mine.post(SECOND, {"code": code})
    return answer.location or re.sub(r"\s+", " ", answer.text)


def test_password_then_code(holder: Holder) -> None:
    somebody, telephone, _codes = holder
    with clock.at(AT):
        mine, answer = somebody.type_password()
        assert answer.location == "/login/second?next=/"
        assert mine.get("/me").location == "/login/second?next=/me"
        assert second(mine, telephone.code) == "/"
        assert mine.get("/me").status_code == 200


@ON_BOTH
def test_a_code_is_taken_once_and_one_step_early_or_late(holder: Holder) -> None:
    somebody, telephone, _codes = holder
    with clock.at(AT):
        old, now = telephone.app.at(clock.now() - timedelta(seconds=30)), telephone.code
        early = telephone.app.at(clock.now() + timedelta(seconds=30))
        for code, expected in ((old, "/"), (old, "ya se usó"), (now, "/"), (early, "/")):
            mine, _answer = somebody.type_password()
            assert expected in second(mine, code)
        mine, _answer = somebody.type_password()
        assert "ya se usó" in second(mine, now)


@pytest.mark.parametrize(("wrong", "word"), [(5, "adelantado"), (-5, "atrasado")])
def test_a_clock_five_minutes_off_is_said(holder: Holder, wrong: int, word: str) -> None:
    somebody, telephone, _codes = holder
    telephone.wrong = timedelta(minutes=wrong)
    with clock.at(AT):
        mine, _answer = somebody.type_password()
        said = second(mine, telephone.code)
        assert word in said
        assert "5 minutos" in said


def test_guessing_codes_becomes_slow(holder: Holder) -> None:
    somebody, telephone, _codes = holder
    with clock.at(AT):
        mine, _answer = somebody.type_password()
        for _try in range(5):
            assert "no es correcto" in second(mine, "000000")
        assert "Demasiados intentos" in second(mine, telephone.code)


@ON_BOTH
def test_a_recovery_code_opens_once_and_its_owner_is_told(holder: Holder) -> None:
    somebody, _telephone, codes = holder
    with clock.at(AT):
        mine, _answer = somebody.type_password()
        assert second(mine, f" {codes[3].lower()} ") == "/"
        assert "Quedan 9 de diez" in mine.get("/me").text
        assert "código de recuperación" in mine.get("/notices").text
        again, _answer = somebody.type_password()
        assert "no es correcto" in second(again, codes[3])


def test_new_recovery_codes_replace_the_old(holder: Holder) -> None:
    somebody, _telephone, codes = holder
    with clock.at(AT):
        mine = somebody.inside()
        made = CODES.findall(mine.post("/me/codes", mine.marks("/me")).text)
        assert len(set(made)) == 10
        for code, works in ((codes[0], False), (made[0], True)):
            other, _answer = somebody.type_password()
            assert (second(other, code) == "/") is works


@ON_BOTH
def test_neither_codes_nor_secret_are_kept_in_the_clear(db: Database, holder: Holder) -> None:
    _somebody, telephone, codes = holder
    with db.read() as session:
        sealed = session.scalars(sa.select(col(CodeApp.secret_sealed))).one()
        hashes = session.scalars(sa.select(col(RecoveryCode.code_hash))).all()
    assert telephone.app.secret.encode() not in sealed
    assert not {code.replace("-", "") for code in codes} & set(hashes)


def test_proving_again_asks_password_and_code(holder: Holder) -> None:
    somebody, telephone, _codes = holder
    with clock.at(AT):
        mine = somebody.inside()
        marks = {**mine.marks("/login/proof"), "password": PASSWORD}
        assert "Escriba el código" in mine.post("/login/proof", marks).text
        assert mine.post("/login/proof", {**marks, "code": "000000"}).status_code == 422
        assert mine.post("/login/proof", {**marks, "code": telephone.code}).status_code == 303


def test_a_passkey_serves_as_the_second_step(holder: Holder) -> None:
    somebody, _telephone, _codes = holder
    with clock.at(AT):
        somebody.add_passkey()
        mine, _answer = somebody.type_password()
        shown = somebody.device.show(options(mine.get(SECOND)))
        assert mine.post(SECOND, {"credential": shown}).location == "/"


@pytest.mark.parametrize("path", ["/me/passkeys/new", "/me/app", "/me/codes", "/me/app/remove"])
def test_factors_change_only_after_a_proof_of_the_last_minutes(
    somebody: Somebody, path: str
) -> None:
    mine = somebody.inside()
    with clock.at(clock.now() + timedelta(minutes=11)):
        for answer in (mine.get(path), mine.post(path, mine.marks("/me"))):
            assert answer.location == f"/login/proof?next={path}"


def test_where_it_is_offered_the_password_is_enough(somebody: Somebody) -> None:
    assert somebody.type_password()[1].location == "/"


@pytest.mark.usefixtures("required")
def test_where_it_is_required_who_has_none_is_led_to_add_one(somebody: Somebody) -> None:
    mine, answer = somebody.type_password()
    assert answer.location == START
    for path in ("/", "/cases", "/me", "/me/codes"):
        assert mine.get(path).location == f"{START}?next={path}"
    assert mine.post(f"{START}/later").status_code == 404
    page = mine.get(f"{START}/app").text
    secret = SECRET.findall(page)[0]
    wrong = mine.post(f"{START}/app", {"secret": secret, "code": "000000"})
    assert secret in wrong.text
    fields = {"secret": secret, "code": Telephone(secret).code}
    answer = mine.post(f"{START}/app", fields)
    assert len(CODES.findall(answer.text)) == 10
    assert mine.get("/").status_code == 200


@ON_BOTH
@pytest.mark.usefixtures("required")
def test_a_newcomer_who_makes_a_passkey_is_home(somebody: Somebody, db: Database) -> None:
    with db.write() as session:
        session.execute(sa.update(User).values(password_hash=""))
        code = make_code(session, system_actor(), somebody.user.id)
    mine = somebody.new()
    mine.post("/login/first", {"username": somebody.user.username, "code": code})
    made = somebody.device.make(options(mine.get(START)))
    answer = mine.post(f"{START}/passkey", {"credential": made, "name": "Mi teléfono"})
    assert answer.location == "/"
    assert mine.get("/").status_code == 200
    assert somebody.show()[1].location == "/"


def test_after_a_reset_the_password_needs_the_code_in_hand(
    somebody: Somebody, db: Database
) -> None:
    with db.write() as session:
        code = make_code(session, system_actor(), somebody.user.id)
    mine, answer = somebody.type_password()
    assert answer.location == "/login/second?next=/"
    assert "doce letras" in mine.get(SECOND).text
    assert "expiró" in second(mine, "KR7M-4TXW-9PDH") or "venció" in second(mine, "x" * 12)
    assert second(mine, code) == START
    assert mine.post(f"{START}/later").location == "/"


@ON_BOTH
def test_two_tabs_of_the_second_step_let_in_once(holder: Holder) -> None:
    somebody, telephone, _codes = holder
    with clock.at(AT):
        mine, _answer = somebody.type_password()
        code = telephone.code
        assert second(mine, code) == "/"
        assert mine.get(SECOND).location == "/"
        assert mine.post(SECOND, {"code": code}).location == "/"


def test_a_half_way_sign_in_is_stolen_for_nothing(holder: Holder) -> None:
    somebody, telephone, _codes = holder
    with clock.at(AT):
        mine, _answer = somebody.type_password()
        old = mine.client.get_cookie("articula")
        assert old is not None
        second(mine, telephone.code)
        thief = somebody.new()
        thief.client.set_cookie("articula", old.value)
        assert thief.get("/me").location == "/login?next=/me"


def test_a_hash_of_another_cost_is_made_anew_at_sign_in(somebody: Somebody, db: Database) -> None:
    with db.write() as session:
        strong = make_hash(PASSWORD, weak=False)
        session.execute(sa.update(User).values(password_hash=strong))
    somebody.type_password()
    with db.read() as session:
        assert session.scalars(sa.select(col(User.password_hash))).one() != strong
    assert somebody.type_password()[1].location == "/"
