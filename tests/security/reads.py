"""Goal 14: each page that carries cases has its entry in the trail, and the entry names them."""

import re
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from portal.audit.models import AuditEntry
from portal.cases.models import Case
from tests.security.crawling import walk
from tests.security.ground import Ground, Measure

GOAL = "14 reads in the trail"
CODE = re.compile(r"\b[A-Z0-9]+(?:-[A-Z0-9]+)*-20\d\d-[2-9A-Z]{4}\b")
IDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


class Trail:
    """What the trail says since it was last asked."""

    def __init__(self, ground: Ground) -> None:
        self.db = ground.db
        self.last = self._newest()

    def _newest(self) -> UUID | None:
        with self.db.read() as session:
            return session.scalar(
                sa.select(col(AuditEntry.id)).order_by(col(AuditEntry.id).desc()).limit(1)
            )

    def since(self) -> tuple[int, str]:
        """Return how many entries were written since, and every identifier that they name."""
        with self.db.read() as session:
            statement = sa.select(AuditEntry)
            if self.last is not None:
                statement = statement.where(col(AuditEntry.id) > self.last)
            found = session.scalars(statement).all()
            named = " ".join(f"{each.case_id} {each.subject_id} {each.facts}" for each in found)
        self.last = self._newest()
        return len(found), named


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


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many pages that carry a case are looked at."""
    known = kin(ground)
    carrying, unwritten, unnamed = 0, [], []
    waiting = ground.accounts()
    while waiting and carrying < size:
        account, before = waiting.pop(0), carrying
        trail = Trail(ground)
        for page in walk(ground.sign_in(account), most=size, each=40):
            count, named = trail.since()
            if page.answer.status_code != 200 or page.answer.mimetype != "text/html":
                continue
            # What was typed into the address is no reading.
            shown = {code for code in CODE.findall(page.answer.text) if code in known}
            shown = {code for code in shown if code not in page.url}
            if not shown:
                continue
            carrying += 1
            if not count:
                unwritten.append(page.url.split("?")[0])
            elif not all(any(own in named for own in known[code]) for code in shown):
                unnamed.append(page.url.split("?")[0])
            if carrying >= size:
                break
        if carrying > before:
            waiting.append(account)
    missing = [IDS.sub("…", url) for url in (*unwritten, *unnamed)]
    return Measure(
        GOAL,
        f"0 of {size:,} pages without their entry",
        f"{len(unwritten)} of {carrying:,} without; {len(unnamed)} name not all of their cases",
        not missing and carrying >= size,
        tuple(dict.fromkeys(CODE.sub("…", url) for url in missing)),
    )
