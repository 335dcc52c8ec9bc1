"""Goal 17: a token that was planted, stolen or outlived its right opens nothing at its next use."""

from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from portal import clock
from portal.access.models import Membership
from portal.actor import Role, system_actor
from portal.agencies.models import Agency
from portal.users import services
from portal.users.models import User
from portal.users.passwords import make_hash
from portal.web.signing import PLAIN
from tests.factories.agencies import PASSWORD, give_password, make_member
from tests.security.ground import Ground, Measure
from tests.webclient import Browser

GOAL = "17 sessions that must be dead"
PAGE = "/cases"


class Victim:
    """A caseworker who is signed in, and a thief who holds the same token elsewhere."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        with ground.db.write() as session:
            self.agency = session.scalars(
                sa.select(Agency).where(col(Agency.code) == "EXTRANA")
            ).one()
            self.user: User = make_member(session, self.agency, Role.CASEWORKER)
            give_password(session, self.user)
            session.flush()
            session.expunge_all()
        self.own = ground.anybody().sign_in(self.user, self.agency)
        self.thief = ground.anybody()
        self.thief.client.set_cookie(PLAIN, token_of(self.own))

    def opens(self) -> bool:
        """Tell whether the thief's very next request shows anything."""
        return self.thief.get(PAGE).status_code == 200

    def other(self) -> Browser:
        """Return another browser of the same person."""
        return self.ground.anybody().sign_in(self.user, self.agency)


def token_of(browser: Browser) -> str:
    """Return the token that a browser carries."""
    cookie = browser.client.get_cookie(PLAIN)
    assert cookie is not None
    return cookie.value


def _planted(victim: Victim) -> None:
    """Sign in over a token that somebody else put into the browser."""
    planted = "x" * 43
    browser = victim.ground.anybody()
    browser.client.set_cookie(PLAIN, planted)
    browser.post("/login", {"username": victim.user.username, "password": PASSWORD})
    assert browser.client.get_cookie(PLAIN) is None or token_of(browser) != planted
    victim.thief.client.set_cookie(PLAIN, planted)


def _signed_out(victim: Victim) -> None:
    victim.own.post("/logout", {"_agency": str(victim.agency.id)})


def _password_changed(victim: Victim) -> None:
    with victim.ground.db.write() as session:
        actor = system_actor()
        user = session.get_one(User, victim.user.id)
        user.password_hash = make_hash("otra frase larga de verdad", weak=True)
        services.end_sign_ins(session, actor, user.id)


def _role_removed(victim: Victim) -> None:
    with victim.ground.db.write() as session:
        _end_roles(session, victim.user.id)


def _end_roles(session: sa.orm.Session, user_id: UUID) -> None:
    session.execute(
        sa.update(Membership).where(col(Membership.user_id) == user_id).values(until=clock.now())
    )


def _disabled(victim: Victim) -> None:
    with victim.ground.db.write() as session:
        services.disable_user(session, system_actor(), victim.user.id)


def _ended_from_elsewhere(victim: Victim) -> None:
    with victim.ground.db.write() as session:
        services.end_sign_ins(session, system_actor(), victim.user.id)


def _renewed(victim: Victim) -> None:
    """Act for another institution, which gives another token."""
    with victim.ground.db.write() as session:
        agency = session.scalars(sa.select(Agency).where(col(Agency.code) == "UPE-SM")).one()
        session.add(
            Membership(
                user_id=victim.user.id,
                agency_id=agency.id,
                role=Role.CASEWORKER,
                since=clock.now(),
            )
        )
        wanted = str(agency.id)
    answer = victim.own.post("/me/acting", {"agency_id": wanted, "_agency": str(victim.agency.id)})
    assert answer.status_code == 303


KINDS: dict[str, Callable[[Victim], None]] = {
    "planted before sign-in": _planted,
    "after sign-out": _signed_out,
    "after a change of password": _password_changed,
    "after the role's end": _role_removed,
    "of a closed account": _disabled,
    "ended from elsewhere": _ended_from_elsewhere,
    "after a new token was given": _renewed,
}


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many thefts are tried."""
    worked = []
    for number in range(size):
        name = list(KINDS)[number % len(KINDS)]
        victim = Victim(ground)
        if not victim.opens():
            worked.append(f"{name}: the token did not even work before")
        KINDS[name](victim)
        if victim.opens():
            worked.append(name)
    return Measure(
        GOAL,
        f"0 of {size} open anything, at the next request",
        f"{len(worked)} of {size}",
        not worked,
        tuple(dict.fromkeys(worked)),
    )
