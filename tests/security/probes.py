"""Goal 2: every address and form of an institution, asked by everybody else, and nothing leaks.

In the generated world each secret is planted with those who may read it, by the plain second
writing of the rules; in the demonstration a stranger who works on no case sees none at all.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.cases.models import Case, CaseChild, Circle
from portal.db import Database
from portal.people.models import Person
from tests.security.crawling import Sent, walk
from tests.security.ground import STRANGERS, Ground, Measure
from tests.visibility.rules import File, Someone, World
from tests.visibility.world import make_world
from tests.webclient import Browser

GOAL = "2 cross-agency probes"
NOBODY = "nobody"
LEAST = 5000
WHOLE = 30
WALKERS = ("coordinator", "on_duty", "staff")
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z0-9-]+-20\d\d-\w{4}")
Secrets = Mapping[str, str]


@dataclass
class Probes:
    """How many probes were sent, and what leaked. Secrets map what to look for to what it is."""

    count: int = 0
    leaks: list[str] = field(default_factory=list)

    def ask(self, who: str, browser: Browser, url: str, secrets: Secrets) -> None:
        """Open an address; no secret may stand in the answer."""
        answer = browser.get(url)
        self._look(who, url, answer.get_data() + str(answer.headers).encode(), secrets)

    def send(self, who: str, browser: Browser, form: Sent, secrets: Secrets) -> None:
        """Send a form of somebody else's page: it must be refused, and show nothing."""
        answer = browser.post(form.action, {**form.fields, "_key": "", "_agency": ""})
        # Administrators have pages of their own, which show no case; what they show is looked at.
        if answer.status_code < 300 and not form.action.startswith("/admin/"):
            self.leaks.append(f"{who} POST {_plain(form.action)}: {answer.status_code}")
        self._look(who, f"POST {form.action}", answer.get_data(), secrets)

    def _look(self, who: str, url: str, body: bytes, secrets: Secrets) -> None:
        self.count += 1
        text = body.decode(errors="replace")
        # What stands in the address was known to whoever asked.
        found = {name for what, name in secrets.items() if what in text and what not in url}
        self.leaks += [f"{who} {_plain(url)}: {name}" for name in sorted(found)]


def _plain(url: str) -> str:
    return IDENTIFIER.sub("…", url)


def forbidden(world: World, one: Someone) -> dict[str, str]:
    """Return what a person may read nowhere, by the plain second writing of the rules."""
    found: dict[str, str] = {}
    for file in world.files:
        if not knows(world, one, file):
            found[file.code] = "a code"
            found |= {name.split()[1]: "a child's surname" for name in file.names}
        for piece in file.pieces:
            sealed = piece.circle is Circle.SEALED
            reads = world.opens_piece if sealed else world.sees_piece
            if not reads(one, file, piece):
                found[piece.text] = f"a text of the circle {piece.circle.value}"
    return found


def knows(world: World, one: Someone, file: File) -> bool:
    """Tell whether a person may know that a case is there: on it, by a letter, by a review."""
    return (
        world.sees(one, file)
        or any(each.file is file and world.sees_referral(one, each) for each in world.referrals)
        or any(each.file is file and world.sees_commitment(one, each) for each in world.commitments)
        or any(each.file is file and world.sees_alert(one, each) for each in world.alerts)
        or world.reviews(one, file)
    )


def of_world(ground: Ground, *, size: int, most: int) -> Probes:
    """Ask for every address of every person of a generated world as everybody."""
    with ground.elsewhere() as db:
        return _of_world(ground, db, size, most)


def _of_world(ground: Ground, db: Database, size: int, most: int) -> Probes:
    run = Probes()
    with db.write() as session:
        world = make_world(session, 20, size=size)
        session.flush()
        session.expunge_all()
    browsers = {
        str(one): Browser(ground.app, db).sign_in(one.user, world.agencies.get(one.agency))
        for one in world.people
    }
    urls: dict[str, None] = {}
    for one in [each for each in world.people if each.post in WALKERS]:
        for page in walk(browsers[str(one)], most=most, each=most):
            if IDENTIFIER.search(page.url):
                urls.setdefault(page.url.split("?")[0])
    for one in world.people:
        secrets = forbidden(world, one)
        for url in ["/", "/cases", "/alerts", "/referrals", "/commitments", "/notices", *urls]:
            run.ask(str(one), browsers[str(one)], url, secrets)
    return run


def of_demonstration(ground: Ground, *, most: int) -> Probes:
    """Ask for every address and form of the demonstration's institutions as strangers."""
    run = Probes()
    with ground.db.read() as session:
        secrets = dict(_children(session))
        secrets |= dict.fromkeys(session.scalars(sa.select(col(Case.code))), "a code")
    asking = [f"ajena-{name}" for name in STRANGERS] + ["plataforma", "auditor", NOBODY]
    urls: dict[str, None] = {}
    forms: dict[str, Sent] = {}
    for insider in [each for each in ground.accounts() if each not in asking]:
        for page in walk(ground.browser(insider), most=most, each=most):
            if IDENTIFIER.search(page.url):
                urls.setdefault(page.url)
                for form in page.forms:
                    if form.method == "post" and IDENTIFIER.search(form.action):
                        forms.setdefault(form.action, form)
    for who in asking:
        browser = ground.anybody() if who == NOBODY else ground.browser(who)
        for url in urls:
            run.ask(who, browser, url, secrets)
        for form in forms.values():
            run.send(who, browser, form, secrets)
    return run


def _children(session: Session) -> Iterable[tuple[str, str]]:
    """Return the full names of the children of cases."""
    statement = sa.select(Person).where(col(Person.id).in_(sa.select(col(CaseChild.person_id))))
    for person in session.scalars(statement):
        yield f"{person.given_names} {person.first_surname}", "a child's name"


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many pages each person walks."""
    runs = [of_demonstration(ground, most=size)]
    if size >= WHOLE:
        runs.append(of_world(ground, size=6, most=size))
    count = sum(run.count for run in runs)
    leaks = [leak for run in runs for leak in run.leaks]
    return Measure(
        GOAL,
        f"≥ {LEAST:,} probes, 0 leaks" if size >= WHOLE else "0 leaks",
        f"{count:,} probes, {len(leaks)} leaks",
        not leaks and (size < WHOLE or count >= LEAST),
        tuple(dict.fromkeys(leaks)),
    )
