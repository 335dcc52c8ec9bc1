"""Goal 14: each page that carries cases has its entry in the trail, and the entry names them."""

import re
from itertools import cycle
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel, col
from werkzeug.test import TestResponse

from portal.audit.models import AuditEntry
from portal.cases.models import Case
from tests.security.crawling import walk
from tests.security.ground import Ground, Measure

GOAL = "14 reads in the trail"
CODE = re.compile(r"\b[A-Z0-9]+(?:-[A-Z0-9]+)*-20\d\d-[2-9A-Z]{4}\b")
LEAST, MOST, EACH = 8, 80, 4
IDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


class Trail:
    """What the trail says since it was last asked."""

    def __init__(self, ground: Ground) -> None:
        self.db = ground.db
        self.last: UUID | None = None
        self.since()

    def since(self) -> tuple[int, str]:
        """Return how many entries were written since, and every identifier that they name."""
        with self.db.read() as session:
            statement = sa.select(AuditEntry).order_by(col(AuditEntry.id))
            if self.last is None:
                statement = statement.order_by(None).order_by(col(AuditEntry.id).desc()).limit(1)
            else:
                statement = statement.where(col(AuditEntry.id) > self.last)
            found = session.scalars(statement).all()
        if found:
            self.last = found[-1].id
        return len(found), " ".join(f"{e.case_id} {e.subject_id} {e.facts}" for e in found)


def kin(ground: Ground) -> dict[str, set[str]]:
    """Return for each case its own identifier and those of every record that belongs to it."""
    found: dict[str, set[str]] = {}
    with ground.db.read() as session:
        for table in SQLModel.metadata.tables.values():
            if "case_id" in table.c and "id" in table.c and table.name != "portal_audit_entry":
                for own, case_id in session.execute(sa.select(table.c.id, table.c.case_id)):
                    found.setdefault(str(case_id), set()).add(str(own))
        for case_id, code in session.execute(sa.select(col(Case.id), col(Case.code))):
            found[code] = found.pop(str(case_id), set()) | {str(case_id), code}
    return found


class Looked:
    """The pages looked at that carried a case, where they are, and which had no entry for it."""

    def __init__(self, ground: Ground) -> None:
        self.known, self.trail = kin(ground), Trail(ground)
        self.places: list[tuple[str, str]] = []
        self.carrying = 0
        self.unwritten: list[str] = []
        self.unnamed: list[str] = []

    def look(self, account: str, url: str, answer: TestResponse) -> None:
        """Look at an answer, and at what was written when it was given."""
        count, named = self.trail.since()
        if answer.status_code != 200 or answer.mimetype != "text/html":
            return
        # What was typed into a search is no reading.
        typed = url.partition("?")[2]
        shown = {code for code in CODE.findall(answer.text) if code in self.known}
        shown = {code for code in shown if code not in typed}
        if not shown:
            return
        self.carrying += 1
        self.places.append((account, url))
        if not count:
            self.unwritten.append(url.split("?")[0])
        elif not all(any(own in named for own in self.known[code]) for code in shown):
            self.unnamed.append(url.split("?")[0])


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many pages that carry a case are looked at.

    Everybody walks some way to find them; then each opens in turn what carried a case.
    """
    looked, most = Looked(ground), max(LEAST, min(MOST, size // 20))
    for account in ground.accounts():
        for page in walk(ground.browser(account), most=most, each=EACH):
            looked.look(account, page.url, page.answer)
    for account, url in cycle(tuple(looked.places)):
        if looked.carrying >= size:
            break
        looked.look(account, url, ground.browser(account).get(url))
    missing = [IDS.sub("…", url) for url in (*looked.unwritten, *looked.unnamed)]
    return Measure(
        GOAL,
        f"0 of {size:,} pages without their entry",
        f"{len(looked.unwritten)} of {looked.carrying:,} without; "
        f"{len(looked.unnamed)} name not all of their cases",
        not missing and looked.carrying >= size,
        tuple(dict.fromkeys(CODE.sub("…", url) for url in missing)),
    )
