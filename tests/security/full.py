"""Goal 7: on a full disk nothing about a child is shown unrecorded, and work goes on afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from portal import audit
from portal.actor import system_actor
from tests.security.ground import Ground, Measure
from tests.security.reads import CODE
from tests.webclient import Browser

GOAL = "7 disk full"
ACCOUNT = "upe"
MOST = 1000
SENTENCE = ("ocupado", "No disponible", "No se guardó")


@contextmanager
def full(ground: Ground) -> Iterator[None]:
    """Leave the database no room for another page, by its own limit, for a block.

    SQLite then answers SQLITE_FULL, as on a full disk. On PostgreSQL the trail's table answers with
    the server's own code of a full disk (53100), since its log cannot be limited without ending it.
    """
    if ground.db.is_sqlite:

        def limit(dbapi: Any, _record: Any) -> None:
            pages = dbapi.execute("PRAGMA page_count").fetchone()[0]
            dbapi.execute(f"PRAGMA max_page_count={pages}")

        ground.db.dispose()
        event.listen(ground.db.writer, "connect", limit)
        fill(ground)
        yield
        event.remove(ground.db.writer, "connect", limit)
        ground.db.dispose()
        return
    with ground.db.writer.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
            "EXCEPTION 'could not extend file: No space left on device' "
            "USING ERRCODE = '53100'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER no_room BEFORE INSERT ON portal_audit_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION no_room()"
        )
    yield
    with ground.db.writer.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER no_room ON portal_audit_entry")
        connection.exec_driver_sql("DROP FUNCTION no_room()")


def fill(ground: Ground) -> None:
    """Write to the trail until there is no room for a single entry more."""
    for many in (100, 1):
        with suppress(sa.exc.OperationalError):
            while True:
                with ground.db.write() as session:
                    for _entry in range(many):
                        audit.record(session, system_actor(), "test.fill", None)


def pages(browser: Browser) -> list[str]:
    """Return addresses that carry cases."""
    listed = browser.get("/cases").text
    codes = sorted(set(CODE.findall(listed)))
    return ["/cases", "/", *[f"/cases/{code}" for code in codes]]


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many requests are made while there is no room."""
    browser, faults = ground.sign_in(ACCOUNT), []
    urls = pages(browser)
    refused = shown = 0
    form = f"{urls[2]}/entries/new"
    marks = browser.marks(form)
    with full(ground):
        while refused < size and refused + shown < MOST:
            before = entries(ground)
            answer = browser.get(urls[(refused + shown) % len(urls)])
            refused += answer.status_code == 503
            if answer.status_code != 503 or CODE.search(answer.get_data(as_text=True)):
                shown += 1
                if entries(ground) == before:
                    faults.append(f"shown unrecorded: {answer.status_code}")
        written = browser.post(
            form, {**marks, "kind": "note", "text": "x" * 3900, "circle": "team"}
        )
        said = any(words in written.text for words in SENTENCE)
        if written.status_code != 503 or not said:
            faults.append(f"a write was answered {written.status_code}")
    after = browser.get(urls[0]).status_code
    if after != 200:
        faults.append(f"does not recover by itself: {after}")
    if refused < size:
        faults.append("nothing was refused: there was room")
    return Measure(
        GOAL,
        "0 shown unrecorded; refused with a sentence; recovers",
        f"{refused} refused, {shown} shown and recorded before, {len(faults)} faults",
        not faults,
        tuple(dict.fromkeys(faults)),
    )


def entries(ground: Ground) -> int:
    """Return how many entries the trail has."""
    with ground.db.read() as session:
        found: int = session.execute(
            sa.text("SELECT count(*) FROM portal_audit_entry")
        ).scalar_one()
    return found
