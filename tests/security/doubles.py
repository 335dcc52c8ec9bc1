"""Goal 11: a form sent twice, at once, again later or by the back button makes one record."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from portal import clock
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseStatus
from portal.cases.queries import visible_cases
from portal.db import rows
from portal.web.signing import PLAIN
from tests.security.ground import Ground, Measure
from tests.security.sessions import token_of
from tests.webclient import SAME_ORIGIN, Browser

GOAL = "11 sent twice"
ACCOUNT = "upe"
ROUND = 10
AT_ONCE = 3
# What a request leaves behind even where it does nothing.
TECHNICAL = ("audit", "form_key", "sign_in", "draft", "task", "attempt", "version")


def count_rows(ground: Ground) -> int:
    """Return how many records there are in all."""
    there = sa.inspect(ground.db.engine).get_table_names()
    tables = [
        table
        for name, table in SQLModel.metadata.tables.items()
        if name in there and not any(part in name for part in TECHNICAL)
    ]
    counts = [sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in tables]
    total = sa.select(sum(counts[1:], start=sa.cast(counts[0], sa.BigInteger)))
    with ground.db.read() as session:
        return int(session.execute(total).scalar_one())


def a_case(ground: Ground) -> str:
    """Return the code of an open case that the account coordinates."""
    from portal.actor import Actor, Role

    user, agency = ground.account(ACCOUNT)
    assert agency is not None
    who = Actor(user.id, agency.id, agency.kind, frozenset({Role.COORDINATOR}))
    with ground.db.read() as session:
        return (
            session.scalars(
                sa.select(col(Case.code)).where(
                    visible_cases(who),
                    col(Case.status) == CaseStatus.OPEN,
                    col(Case.lead_agency_id) == agency.id,
                )
            ).first()
            or ""
        )


def forms(ground: Ground) -> dict[str, dict[str, Any]]:
    """Return forms that make a record, with what a person would fill in."""
    code, soon = a_case(ground), (clock.today() + timedelta(days=9)).isoformat()
    with ground.db.read() as session:
        codes = dict(rows(session, sa.select(col(Agency.code), col(Agency.id))))
    other, upe = codes["RENIEC"], codes["UPE-SM"]
    return {
        f"/cases/{code}/entries/new": {"kind": "note", "text": "Una nota", "circle": "team"},
        f"/cases/{code}/commitments/new": {
            "agency_id": str(other),
            "act": "Hace lo debido",
            "due_on": soon,
            "source": "manual",
        },
        "/alerts/new": {
            "children-0-given_names": "Gorrión",
            "children-0-estimated_age": "6",
            "district": "220501",
            "where": "Jr. Prueba 1",
            "what_happens": "Solo en la calle",
            "telephone": "942 000 200",
            "authority_id": str(upe),
        },
    }


def at_once(ground: Ground, browser: Browser, url: str, data: dict[str, Any]) -> None:
    """Send the same form from several threads at the same moment."""
    token, barrier = token_of(browser), threading.Barrier(AT_ONCE)

    def send() -> None:
        client = ground.app.test_client()
        client.set_cookie(PLAIN, token)
        barrier.wait()
        client.post(url, data=data, headers=SAME_ORIGIN)

    threads = [threading.Thread(target=send) for _each in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def again(send: Callable[[], Any], times: int) -> int:
    """Send a form some times more; returns how many were sent."""
    for _time in range(times):
        send()
    return times


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many forms are sent a second time."""
    browser, faults, repeated, turns = ground.sign_in(ACCOUNT), [], 0, 0
    wanted = list(forms(ground).items())
    while repeated < size:
        url, data = wanted[turns % len(wanted)]
        turns += 1
        sent = {**browser.marks(url), **data, "_key": uuid4().hex}
        first = browser.post(url, sent)
        if first.status_code != 303:
            faults.append(f"{url.split('/')[-2]}: not even accepted once ({first.status_code})")
            wanted.remove((url, data))
            if not wanted:
                break
            continue
        before = count_rows(ground)
        repeated += again(lambda url=url, sent=sent: browser.post(url, sent), ROUND)  # type: ignore[misc]
        if count_rows(ground) != before:
            faults.append(f"{url.split('/')[1]}: made twice by sending again")
        if turns % 5 == 0:
            fresh = {**sent, "_key": uuid4().hex}
            at_once(ground, browser, url, fresh)
            repeated += AT_ONCE - 1
            made = count_rows(ground) - before
            browser.post(url, {**fresh, "_key": uuid4().hex})
            if made != count_rows(ground) - before - made:
                faults.append(f"{url.split('/')[1]}: made twice at once")
    return Measure(
        GOAL,
        f"0 duplicates of {size:,}",
        f"{len(faults)} of {repeated:,}",
        not faults,
        tuple(dict.fromkeys(faults)),
    )
