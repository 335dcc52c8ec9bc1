"""Goal 18: who guesses passwords reaches few hashes; who exists is not told by the time."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlmodel import col

from portal import clock
from portal.actor import Role
from portal.agencies.models import Agency
from tests.factories.agencies import PASSWORD, give_password, make_member
from tests.security.ground import Ground, Measure
from tests.users.conftest import Somebody
from tests.webclient import SAME_ORIGIN

GOAL = "18 guessing"
ADDRESSES = 100
REACH = 100
ENTERS = 20
MOST_RATIO, TURNS = 1.1, 4


class Count:
    """How many passwords reached the hash."""

    def __init__(self) -> None:
        self.value = 0


@contextmanager
def hashes() -> Iterator[Count]:
    """Count the passwords that are really compared."""
    counted, verify = Count(), PasswordHasher.verify

    def counting(self: PasswordHasher, *given: str) -> bool:
        counted.value += 1
        return verify(self, *given)

    PasswordHasher.verify = counting  # type: ignore[method-assign,assignment]
    try:
        yield counted
    finally:
        PasswordHasher.verify = verify  # type: ignore[method-assign]


class Guesser:
    """Tries names and passwords from many addresses, under a clock of its own."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.client = ground, ground.app.test_client(use_cookies=False)

    def guess(self, username: str, password: str, address: int, after_s: float) -> None:
        """Try once."""
        with clock.at(clock.now() + timedelta(seconds=after_s)):
            self.client.post(
                "/login",
                data={"username": username, "password": password},
                headers=SAME_ORIGIN,
                environ_overrides={"REMOTE_ADDR": f"198.51.{address // 250}.{address % 250 + 1}"},
            )


def owner(ground: Ground) -> Somebody:
    """Add a person who has a password and a passkey."""
    with ground.db.write() as session:
        agency = session.scalars(sa.select(Agency).where(col(Agency.code) == "EXTRANA")).one()
        user = make_member(session, agency, Role.CASEWORKER)
        give_password(session, user)
        session.flush()
        session.expunge_all()
    found = Somebody(user, agency, ground.anybody)
    assert found.add_passkey().status_code == 303
    return found


def account(ground: Ground) -> str:
    """Add a person who has a password and return the name of the account."""
    with ground.db.write() as session:
        agency_user = make_member(session, None, Role.AUDITOR)
        give_password(session, agency_user)
        return agency_user.username


@dataclass(frozen=True)
class Attack:
    """What became of many tries at one account, and of its owner meanwhile."""

    reached: int
    asked: int
    entered: int


def one_account(ground: Ground, tries: int) -> Attack:
    """Try one account from many addresses, once a second, while its owner shows a passkey."""
    holder, guesser = owner(ground), Guesser(ground)
    name, asked, entered = holder.user.username, 0, 0
    spelt = (name, name.upper(), f" {name}", name.capitalize())
    with hashes() as reached:
        for number in range(tries):
            guesser.guess(
                spelt[number % len(spelt)], f"frase número {number}", number % ADDRESSES, number
            )
            if number % (tries // ENTERS) == 0:
                asked += 1
                with clock.at(clock.now() + timedelta(seconds=number)):
                    mine, _answer = holder.show()
                    entered += mine.get("/me").status_code == 200
    return Attack(reached.value, asked, entered)


def one_password(ground: Ground, accounts: int) -> int:
    """Return how many of many accounts one address can try with one password, one a second."""
    guesser = Guesser(ground)
    with hashes() as reached:
        for number in range(accounts):
            guesser.guess(f"cuenta{number}", PASSWORD, 9000, 200_000 + number)
    return reached.value


class Timing:
    """How long a known name and an unknown one take, tried in turns."""

    def __init__(self, ground: Ground) -> None:
        self.guesser, self.names = Guesser(ground), (account(ground), "nadie")
        self.taken: dict[str, list[float]] = {name: [] for name in self.names}
        self.tries = 0

    def take(self, pairs: int) -> None:
        """Time so many pairs; each of the two comes first in every other pair."""
        for number in range(pairs):
            for name in self.names if number % 2 else reversed(self.names):
                self.tries += 1
                started = time.perf_counter()
                # Days apart and from other addresses, so that neither has to wait.
                self.guesser.guess(
                    name, "una frase que no es", 9100 + self.tries, 100_000 * (4 + self.tries)
                )
                self.taken[name].append(time.perf_counter() - started)

    @property
    def ratio(self) -> float:
        """Return the larger time over the smaller, by the lower quartiles of all that was timed.

        Others on the machine lengthen single tries; a difference of ours lengthens all of them.
        """
        known, unknown = (statistics.quantiles(self.taken[name], n=4)[0] for name in self.names)
        return max(known, unknown) / min(known, unknown)


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal without timings; `size` is how many tries one account suffers."""
    attack = one_account(ground, size)
    sprayed = one_password(ground, size // 10)
    return Measure(
        GOAL,
        f"≤ {REACH} of {size:,} tries reach the hash; owner's passkey opens; 1 password tries few",
        f"{attack.reached} reach it; owner in {attack.entered} of {attack.asked} times; "
        f"{sprayed} of {size // 10:,} accounts",
        attack.reached <= REACH and sprayed <= REACH and attack.entered == attack.asked > 0,
    )


def check_time(ground: Ground, *, size: int) -> Measure:
    """Measure whether the time tells who exists; `size` is how many pairs are timed."""
    timing = Timing(ground)
    timing.take(2)
    timing.taken = {name: [] for name in timing.names}
    # Where it misses, so many more are timed, and all of them count.
    for _turn in range(TURNS):
        timing.take(size)
        if timing.ratio <= MOST_RATIO:
            break
    pairs = len(timing.taken["nadie"])
    return Measure(
        "18 guessing: time",
        "known ÷ unknown ≤ 1.10",
        f"{timing.ratio:.3f} over {pairs} pairs",
        timing.ratio <= MOST_RATIO,
    )
