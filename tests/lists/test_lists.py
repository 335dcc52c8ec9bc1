"""A list is looked at row by row before anything is sent, and sent once."""

import gc
import re
import tracemalloc
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from portal import clock
from portal.alerts.models import Alert, AlertChild
from portal.alerts.services import escalate_alerts, send_alert
from portal.db.models import ScopeKey
from portal.lists import services, sheets
from portal.lists.models import AlertList, ListBasis, ListRow, ListState, RowState
from portal.notifications.models import Notice
from portal.people.models import Person
from tests.lists.conftest import BASIS, ROWS, Desk, sheet
from tests.postgresql import ON_BOTH


@ON_BOTH
def test_nothing_is_sent_before_it_was_looked_at_and_confirmed(desk: Desk) -> None:
    where = desk.checked(sheet(*ROWS))
    text = desk.browsers["worker"].get(where).text
    assert "Nada se envió todavía" in text
    assert "Tangara Cedro Caoba" in text
    assert desk.states() == [RowState.READY] * 3
    assert desk.count(Alert) == desk.count(Person) == 0

    browser = desk.browsers["worker"]
    assert "decida qué se envía" in browser.get("/").text
    assert browser.fill(where, to=f"{where}/confirm").status_code == 303
    desk.work()
    assert "decida qué se envía" not in browser.get("/").text
    assert desk.states() == [RowState.SENT] * 3
    with desk.db.read() as session:
        alerts = session.scalars(sa.select(Alert).order_by(col(Alert.created_at))).all()
        children = session.scalars(sa.select(col(AlertChild.alert_id))).all()
    assert [(alert.authority_id, alert.signs, alert.list_id) for alert in alerts] == [
        (desk.upe.id, ["orphan"], desk.list_id())
    ] * 2
    assert sorted(children.count(alert.id) for alert in alerts) == [1, 2]
    assert desk.kept().state is ListState.DONE
    assert all(row.data_sealed is None and row.alert_id for row in desk.rows())
    assert "Enviada como alerta" in browser.get(where).text


@ON_BOTH
def test_each_row_says_what_is_wrong_or_looks_known(desk: Desk) -> None:
    first = desk.checked(sheet(ROWS[0]))
    desk.browsers["worker"].fill(first, to=f"{first}/confirm")
    desk.work()
    second = desk.checked(
        sheet(
            "Otra;Cedro;;;71234567;Lamas;",
            "Garza;Tornillo;;2/2/2012;;Lamas;",
            "Garza;Tornillo;;2/2/2012;;Lamas;",
            "Perdiz;Caoba;;2/2/2090;;Lamas;",
            "=1+1;Caoba;;;;Lamas;",
        )
    )
    with desk.db.read() as session:
        made = session.scalars(
            sa.select(AlertList).where(col(AlertList.state) == ListState.CHECKED)
        ).one()
        rows = session.scalars(
            sa.select(ListRow).where(col(ListRow.list_id) == made.id).order_by(col(ListRow.number))
        ).all()
        states = [row.state for row in rows]
    assert states == [
        RowState.DOUBLE,
        RowState.READY,
        RowState.DOUBLE,
        RowState.WRONG,
        RowState.WRONG,
    ]
    text = desk.browsers["worker"].get(second).text
    assert "Se parece a un niño, niña o adolescente de la alerta" in text
    assert "fecha de nacimiento es futura" in text
    assert "fórmula" in text
    only = desk.browsers["worker"].get(f"{second}?state=wrong").text
    assert "fórmula" in only
    assert "Garza" not in only


@ON_BOTH
@pytest.mark.parametrize(("doubles", "sent"), [("", 1), ("1", 2)])
def test_who_looks_known_is_sent_only_where_that_was_ticked(
    desk: Desk, doubles: str, sent: int
) -> None:
    where = desk.checked(sheet(ROWS[2], ROWS[2]))
    desk.browsers["worker"].fill(where, {"doubles": doubles}, to=f"{where}/confirm")
    desk.work()
    assert desk.count(Alert) == sent
    left = [] if doubles else [RowState.SKIPPED]
    assert desk.states() == [RowState.SENT] * sent + left


def test_what_another_person_sent_is_not_told_to_who_may_not_see_it(desk: Desk) -> None:
    first = desk.checked(sheet(ROWS[0]))
    desk.browsers["worker"].fill(first, to=f"{first}/confirm")
    desk.work()
    second = desk.checked(sheet(ROWS[0]), who="other")
    assert "Se enviará" in desk.browsers["other"].get(second).text
    assert desk.browsers["other"].get(first).status_code == 404
    assert desk.browsers["head"].get(first).status_code == 200
    assert desk.browsers["upe"].get(first).status_code == 404
    assert desk.browsers["officer"].get("/lists").status_code == 404


@ON_BOTH
def test_without_its_legal_basis_a_guarded_list_is_refused_and_says_who_can_record_it(
    desk: Desk,
) -> None:
    refused = desk.hand_in(sheet(*ROWS), kind="prisoners")
    assert refused.status_code == 422
    assert "Quien Opina" in refused.text
    assert desk.count(AlertList) == 0

    officer = desk.browsers["officer"]
    assert officer.fill("/lists/bases/new", BASIS).status_code == 303
    assert "Impreso por" in officer.get("/lists/bases").text
    assert desk.count(ListBasis) == 1
    assert desk.browsers["worker"].get("/lists/bases/new").status_code == 404
    assert desk.hand_in(sheet(*ROWS), kind="prisoners").status_code == 303
    with desk.db.read() as session:
        basis = session.scalars(sa.select(ListBasis)).one()
    assert desk.kept().basis_id == basis.id
    ended = officer.fill(f"/lists/bases/{basis.id}/end", {"until": clock.today().isoformat()})
    assert ended.status_code == 303
    assert desk.hand_in(sheet(*ROWS), kind="prisoners").status_code == 422
    assert desk.hand_in(sheet(*ROWS), kind="students").status_code == 422


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Elija el archivo"),
        (b"x" * (sheets.MOST_BYTES + 1), "2 MB"),
    ],
)
def test_a_file_that_is_missing_or_too_large_is_refused_beside_its_field(
    desk: Desk, content: bytes, words: str
) -> None:
    answer = desk.hand_in(content)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="942 000 200"' in answer.text


def test_all_that_is_wrong_with_a_list_is_told_in_one_round(desk: Desk) -> None:
    answer = desk.hand_in(b"", kind="prisoners", telephone="942")
    assert answer.status_code == 422
    assert re.findall(r'<a href="#(\w+)"', answer.text) == ["kind", "file", "telephone"]
    assert 'value="942"' in answer.text
    answer = desk.hand_in(b"", kind="", telephone="")
    assert re.findall(r'<a href="#(\w+)"', answer.text) == ["kind", "file", "telephone"]
    answer = desk.hand_in(sheet(*ROWS), telephone="942")
    assert re.findall(r'<a href="#(\w+)"', answer.text) == ["telephone"]
    assert "Elija de nuevo el archivo" in answer.text


@ON_BOTH
@pytest.mark.parametrize(
    "content", [b"\xd0\xcf\x11\xe0 old", b"%PDF\x00", b"Edad\n4", b"Nombres\n"]
)
def test_what_cannot_be_read_is_said_with_what_to_do(desk: Desk, content: bytes) -> None:
    where = desk.checked(content)
    made = desk.kept()
    assert made.state is ListState.UNREADABLE
    assert made.file_sealed is None
    assert "Entregar otro archivo" in desk.browsers["worker"].get(where).text


@ON_BOTH
def test_a_list_is_decided_once(desk: Desk) -> None:
    where = desk.checked(sheet(*ROWS))
    browser = desk.browsers["worker"]
    marks = browser.marks(where)
    assert browser.post(f"{where}/cancel", marks).status_code == 303
    assert desk.kept().state is ListState.CANCELLED
    assert all(row.data_sealed is None for row in desk.rows())
    late = browser.post(f"{where}/confirm", {**marks, "_key": "another"})
    assert late.status_code == 409
    desk.work()
    assert desk.count(Alert) == 0


@ON_BOTH
def test_a_worker_that_dies_goes_on_where_it_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "SEND_AT_ONCE", 2)
    monkeypatch.setattr(services, "READ_AT_ONCE", 2)
    lines = [f"Garza{number};Cedro;;;;Lamas;" for number in range(7)]
    written = services._write_rows
    turns = iter(range(100))

    def dying(*given: object, **named: object) -> None:
        if next(turns) == 1:
            raise RuntimeError
        written(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(services, "_write_rows", dying)
    where = desk.hand_in(sheet(*lines)).location
    with clock.at(clock.now() + timedelta(hours=1)):
        desk.work()
    with clock.at(clock.now() + timedelta(hours=2)):
        desk.work()
    assert desk.states() == [RowState.READY] * 7
    assert desk.kept().rows_read == desk.kept().rows_total == 7

    desk.browsers["worker"].fill(where, to=f"{where}/confirm")
    turns = iter(range(100))

    def failing(*given: object, **named: object) -> Alert:
        if next(turns) == 3:
            raise RuntimeError
        return send_alert(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(services, "send_alert", failing)
    for hours in (3, 4):
        with clock.at(clock.now() + timedelta(hours=hours)):
            desk.work()
    assert desk.count(Alert) == 7
    assert desk.states() == [RowState.SENT] * 7


@ON_BOTH
def test_the_authority_is_told_once_and_finds_one_line_at_home(desk: Desk) -> None:
    where = desk.checked(sheet(*ROWS))
    desk.browsers["worker"].fill(where, to=f"{where}/confirm")
    desk.work()
    upe = desk.browsers["upe"]
    home = upe.get("/").text
    assert "2 alertas de la lista" in home
    with desk.db.read() as session:
        told = session.scalars(
            sa.select(Notice).where(col(Notice.user_id) == desk.people["upe"].id)
        ).all()
    assert [notice.url for notice in told] == [f"/alerts?list={desk.list_id()}"]
    narrowed = upe.get(f"/alerts?list={desk.list_id()}").text
    assert narrowed.count("/alerts/") >= 2
    with clock.at(clock.now() + timedelta(hours=1)), desk.db.write() as session:
        assert escalate_alerts(session, after=timedelta(minutes=15)) == 0


def test_a_child_under_three_of_a_list_stands_by_itself(desk: Desk) -> None:
    born = (clock.today() - timedelta(days=300)).strftime("%d/%m/%Y")
    where = desk.checked(sheet(f"Lechuza;Bolaina;;{born};;Lamas;"))
    desk.browsers["worker"].fill(where, to=f"{where}/confirm")
    desk.work()
    with clock.at(clock.now() + timedelta(hours=1)), desk.db.write() as session:
        assert escalate_alerts(session, after=timedelta(minutes=15)) == 1


@ON_BOTH
def test_what_rows_say_goes_with_the_list(desk: Desk) -> None:
    desk.checked(sheet(*ROWS))
    list_id = desk.list_id()
    with clock.at(clock.now() + timedelta(days=31)), desk.db.write() as session:
        assert services.forget_lists(session) == 1
    with desk.db.read() as session:
        key = session.get(ScopeKey, list_id)
    assert key is None
    assert desk.kept().state is ListState.CANCELLED
    assert all(row.data_sealed is None for row in desk.rows())


@pytest.mark.slow
def test_more_than_a_thousand_rows_are_read_in_one_go(desk: Desk) -> None:
    lines = [f"Garza{number};Cedro;;;;Lamas;" for number in range(1_100)]
    desk.checked(sheet(*lines))
    assert desk.kept().state is ListState.CHECKED
    assert desk.count(ListRow) == len(lines)


@ON_BOTH
def test_others_write_while_a_list_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "READ_AT_ONCE", 2)
    kept, pauses = services._kept, list[float]()

    def meanwhile(*given: object) -> object:
        with desk.db.write() as session:
            session.execute(sa.text("UPDATE portal_agency SET name = name"))
        return kept(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(services, "_kept", meanwhile)
    monkeypatch.setattr(services, "sleep", pauses.append)
    desk.checked(sheet(*[f"Garza{number};Cedro;;;;Lamas;" for number in range(5)]))
    assert desk.states() == [RowState.READY] * 5
    assert pauses == [services.PAUSE.total_seconds()] * 3


def test_a_district_that_is_none_is_told_once_beside_its_field(desk: Desk) -> None:
    answer = desk.hand_in(sheet(*ROWS), district="Lamaz del Sur")
    assert answer.status_code == 422
    assert re.findall(r'<a href="#(district[^"]*)"', answer.text) == ["district"]
    assert desk.hand_in(sheet(*ROWS)).status_code == 303


@pytest.mark.slow
def test_a_long_list_takes_hardly_more_memory_than_a_short_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(services, "READ_AT_ONCE", 50)
    monkeypatch.setattr(services, "sleep", lambda _seconds: gc.collect())
    # What stands there before is not looked through again and again.
    gc.freeze()
    request.addfinalizer(gc.unfreeze)
    peaks = []
    for count in (50, 200, 800):
        number = count * 10_000
        lines = [
            f"Garza{n};Cedro;;{1 + n % 28}/2/2012;{number + n:08};Lamas;" for n in range(count)
        ]
        assert desk.hand_in(sheet(*lines)).status_code == 303
        tracemalloc.start()
        desk.work()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert len(desk.rows()) == 1050
    assert peaks[2] - peaks[1] < 1000 * (800 - 200), peaks
