"""One page of all long work: what runs first, each to those whose work it is."""

from datetime import timedelta

from sqlmodel import Session

from portal import clock
from portal.db import new_id
from portal.privacy.models import ExportFile, ExportState
from portal.retention.models import (
    Erasure,
    ErasureItem,
    ErasureStatus,
    Ground,
    ItemStatus,
    RecordKind,
)
from tests.conftest import Statements
from tests.lists.conftest import ROWS, Desk, sheet
from tests.postgresql import ON_BOTH

EMPTY = "Aquí verá las listas"


def put_copy(session: Session, desk: Desk, who: str, state: ExportState, days: int = 0) -> str:
    made = ExportFile(
        number=f"E-{new_id().hex[-8:]}",
        owner_id=desk.people[who].id,
        agency_id=desk.prison.id,
        entry_id=new_id(),
        state=state,
        made_at=clock.now() - timedelta(days=days),
    )
    session.add(made)
    session.flush()
    return f"/privacy/copies/{made.id}"


def put_erasure(session: Session, desk: Desk, done: int, total: int, days: int = 0) -> str:
    at = clock.now() - timedelta(days=days)
    made = Erasure(
        agency_id=desk.prison.id,
        ground=Ground.RULE,
        status=ErasureStatus.APPROVED,
        reason_sealed=b"Prueba",
        proposed_at=at,
        decided_at=at,
    )
    session.add(made)
    session.flush()
    session.add_all(
        ErasureItem(
            erasure_id=made.id,
            record=RecordKind.CASE,
            record_id=new_id(),
            status=ItemStatus.ERASED if number < done else ItemStatus.PLANNED,
        )
        for number in range(total)
    )
    session.flush()
    return f"/admin/retention/erasures/{made.id}"


@ON_BOTH
def test_a_list_stands_there_while_it_is_read_and_afterwards(desk: Desk) -> None:
    assert EMPTY in desk.browsers["worker"].get("/tasks").text
    address = str(desk.hand_in(sheet(*ROWS)).location)
    for who, sees in (("worker", True), ("head", True), ("other", False), ("upe", False)):
        text = desk.browsers[who].get("/tasks").text
        assert (address in text) is sees, who
        assert ("<progress" in text) is sees, who
    desk.work()
    text = desk.browsers["worker"].get("/tasks").text
    assert address in text
    assert "Espera su decisión" in text
    assert "<progress" not in text
    assert 'href="/tasks"' in desk.browsers["worker"].get("/lists").text


@ON_BOTH
def test_copies_are_ones_own_and_erasures_the_officers(desk: Desk) -> None:
    with desk.db.write() as session:
        mine = put_copy(session, desk, "worker", ExportState.WAITING)
        ready = put_copy(session, desk, "worker", ExportState.READY)
        old = put_copy(session, desk, "worker", ExportState.GONE, days=8)
        others = put_copy(session, desk, "other", ExportState.WAITING)
        runs = put_erasure(session, desk, 1, 4, days=30)
        ended = put_erasure(session, desk, 2, 2)
        past = put_erasure(session, desk, 2, 2, days=8)
    own = desk.browsers["worker"].get("/tasks").text
    assert all(address in own for address in (mine, ready))
    assert own.index(mine) < own.index(ready)
    assert not any(address in own for address in (old, others, runs, ended))
    officer = desk.browsers["officer"].get("/tasks").text
    assert all(address in officer for address in (runs, ended))
    assert officer.index(runs) < officer.index(ended)
    assert 'value="25"' in officer
    assert not any(address in officer for address in (past, mine, others))


def test_the_page_asks_as_much_for_much_work_as_for_little(
    desk: Desk, statements: Statements
) -> None:
    counts = []
    desk.browsers["officer"].get("/tasks")
    for number in (1, 4):
        with desk.db.write() as session:
            for _each in range(number):
                put_erasure(session, desk, 1, 4)
                put_copy(session, desk, "officer", ExportState.WAITING)
        desk.browsers["worker"].get("/tasks")
        statements.seen.clear()
        desk.browsers["officer"].get("/tasks")
        counts.append(statements.count)
    assert counts[0] == counts[1]
