"""Forms: nothing typed is lost, nothing is written twice."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import UnionType
from typing import Union, get_args, get_origin
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from pydantic import BaseModel
from sqlmodel import col
from werkzeug.datastructures import MultiDict

from portal import clock, events
from portal.access.models import DutyShift
from portal.actor import Role
from portal.db import Database
from portal.inputs import Input
from portal.users.models import SignIn, User
from portal.web.forms import Form, nest
from portal.web.models import Draft
from tests.factories.agencies import make_agency, make_member
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]


@pytest.fixture
def person(db: Database, browser: NewBrowser) -> Browser:
    with db.write() as session:
        agency = make_agency(session)
        user = make_member(session, agency, Role.COORDINATOR, Role.DUTY_OFFICER, name="Ana P.")
        session.expunge_all()
    opened = browser().sign_in(user, agency)
    opened.user = user  # type: ignore[attr-defined]
    return opened


def shift(person: Browser, **changes: str) -> dict[str, str]:
    now = clock.local(clock.now())
    return {
        "user_id": str(person.user.id),  # type: ignore[attr-defined]
        "telephone": "942 000 111",
        "starts_at": now.strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (now + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M"),
        **changes,
    }


def count_shifts(db: Database) -> int:
    with db.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(DutyShift)) or 0


def test_a_form_that_holds_makes_one_record(db: Database, person: Browser) -> None:
    answer = person.fill("/access/roster/new", shift(person))
    assert (answer.status_code, answer.location) == (303, "/access/roster")
    assert count_shifts(db) == 1


def test_the_same_form_twice_makes_one_record(db: Database, person: Browser) -> None:
    data = {**person.marks("/access/roster/new"), **shift(person)}
    first = person.post("/access/roster/new", data)
    second = person.post("/access/roster/new", data)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert count_shifts(db) == 1


def test_the_forms_of_one_page_do_not_stand_in_each_others_way(
    db: Database, person: Browser
) -> None:
    marks = person.marks("/access/roster/new")
    assert person.post("/access/roster/new", {**marks, **shift(person)}).status_code == 303
    answer = person.post("/me", {**marks, "locale": "en"})
    assert answer.status_code == 303
    with db.read() as session:
        assert session.scalars(sa.select(col(User.locale))).one() == "en"


def test_a_form_that_was_refused_is_sent_again_with_the_same_key(
    db: Database, person: Browser
) -> None:
    marks = person.marks("/access/roster/new")
    wrong = {**marks, **shift(person, telephone="abc")}
    assert person.post("/access/roster/new", wrong).status_code == 422
    assert person.post("/access/roster/new", {**marks, **shift(person)}).status_code == 303
    assert count_shifts(db) == 1


def test_bad_input_is_said_beside_the_field_and_everything_stays(
    db: Database, person: Browser
) -> None:
    answer = person.fill("/access/roster/new", shift(person, telephone="abc<b>"))
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "abc&lt;b&gt;" in answer.text
    assert '<a href="#telephone">Teléfono en el que se atenderá: ' in answer.text
    assert count_shifts(db) == 0


def test_what_a_service_refuses_stands_beside_its_field(person: Browser) -> None:
    data = shift(person)
    answer = person.fill("/access/roster/new", {**data, "ends_at": data["starts_at"]})
    assert answer.status_code == 422
    assert 'id="ends_at-said"' in answer.text


def test_text_survives_a_sign_in_that_ran_out(db: Database, person: Browser) -> None:
    data = {**person.marks("/access/roster/new"), **shift(person, telephone="942 777 777")}
    with db.write() as session:
        session.execute(sa.update(SignIn).values(ended_at=clock.now()))
    answer = person.post("/access/roster/new", data)
    assert answer.location == "/login?next=/access/roster/new"
    with db.write() as session:
        session.execute(sa.update(SignIn).values(ended_at=None))
    assert "942 777 777" in person.get("/access/roster/new").text
    assert count_shifts(db) == 0


def test_a_draft_is_encrypted_and_goes_when_the_form_is_sent(db: Database, person: Browser) -> None:
    data = {**person.marks("/access/roster/new"), **shift(person, telephone="942 555 555")}
    kept = person.post("/drafts", {**data, "_path": "/access/roster/new"})
    assert kept.status_code == 204
    with db.read() as session:
        cell = session.execute(sa.text("SELECT content_sealed FROM portal_draft")).scalar_one()
    assert b"555" not in cell
    person.fill("/access/roster/new", shift(person))
    with db.read() as session:
        assert session.execute(sa.text("SELECT count(*) FROM portal_draft")).scalar_one() == 0


def test_a_draft_is_forgotten_after_its_days(app: Flask, db: Database, person: Browser) -> None:
    data = {**person.marks("/access/roster/new"), **shift(person)}
    person.post("/drafts", {**data, "_path": "/access/roster/new"})
    days = app.extensions["portal"].settings.draft_days
    for passed, left in ((days - 1, 1), (days + 1, 0)):
        with clock.at(clock.now() + timedelta(days=passed)), app.app_context():
            with db.write() as session:
                events.bus.jobs["web.forget"](session, {})
            with db.read() as session:
                assert session.scalar(sa.select(sa.func.count()).select_from(Draft)) == left


class Child(BaseModel):
    name: str
    born_on: date | None = None


class Sheet(BaseModel):
    day: date | None = None
    at: datetime | None = None
    signs: list[str] = []
    children: list[Child] = []


class Row(BaseModel):
    """A row of several."""

    age: int


class Several(BaseModel):
    """What is chosen among several, an hour, and rows."""

    ids: list[UUID]
    hour: time
    rows: list[Row]


def test_what_is_wrong_with_one_of_several_stands_beside_them(app: Flask) -> None:
    data = {"ids": "none", "hour": "25:99", "rows-0-age": "7", "rows-1-age": "seven"}
    with app.test_request_context("/", method="POST", data=data):
        form = Form(Several)
        assert form.read() is None
        said = {problem.field: str(problem.message) for problem in form.problems}
    assert list(said) == ["ids", "hour", "rows-1-age"]
    assert said["hour"] == "Escriba la hora, por ejemplo 15:00."


def test_whether_an_act_was_done_is_not_asked_of_its_result() -> None:
    """An act that returns nothing, or an empty list, was done all the same."""
    top = Path(__file__).parents[2]
    views = [*top.glob("portal/**/*.py"), *top.glob("plugins/*/portal_*/**/*.py")]
    asked = re.compile(r"\b(?:if|and|or|not) (?:\w+\.)?form\.submit\(")
    assert sum("form.done(" in each.read_text() for each in views) > 20
    assert [each.name for each in views if asked.search(each.read_text())] == []


def test_a_field_is_of_one_kind_or_left_out(application: object) -> None:
    """Of a choice of kinds each would say what is wrong, under a name that is no field's."""

    def below(model: type[Input]) -> Iterator[type[Input]]:
        for each in model.__subclasses__():
            yield each
            yield from below(each)

    models = list(below(Input))
    assert len(models) > 150
    for model in models:
        for name, field in model.model_fields.items():
            kinds = [each for each in get_args(field.annotation) if each is not type(None)]
            is_choice = get_origin(field.annotation) in (Union, UnionType)
            assert len(kinds) <= 1 or not is_choice, f"{model.__name__}.{name}"


@pytest.mark.parametrize(
    "typed", ["0", "12345", "2026-13-01", "31/02/2026", "mañana", "1e9", "9999-12-31"]
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="day"):
        Sheet.model_validate(nest(MultiDict({"day": typed}), Sheet))


@pytest.mark.parametrize("typed", ["2026-11-23", "0001-01-01T00:00", "9999-12-31T23:59"])
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="at"):
        Sheet.model_validate(nest(MultiDict({"at": typed}), Sheet))


def test_dates_as_people_type_them() -> None:
    for typed in ("2026-11-23", "23/11/2026", " 23/11/2026 "):
        assert Sheet.model_validate(nest(MultiDict({"day": typed}), Sheet)).day == date(
            2026, 11, 23
        )


def test_rows_are_gathered_and_blank_ones_dropped() -> None:
    data = MultiDict(
        [
            ("children-0-name", "A"),
            ("children-1-name", " "),
            ("children-2-name", "B"),
            ("signs", "x"),
        ]
    )
    sheet = Sheet.model_validate(nest(data, Sheet))
    assert [child.name for child in sheet.children] == ["A", "B"]
    assert sheet.signs == ["x"]


def test_idle_sign_in_ends(db: Database, person: Browser) -> None:
    with db.write() as session:
        session.execute(sa.update(SignIn).values(seen_at=clock.now() - timedelta(minutes=31)))
    assert person.get("/me").status_code == 302


def test_guessing_is_slowed_for_known_and_unknown_names_alike(browser: NewBrowser) -> None:
    stranger = browser()
    texts = [
        stranger.post("/login", {"username": "nobody", "password": "x" * 12}).text
        for _attempt in range(7)
    ]
    assert "no son correctos" in texts[0]
    assert texts[0] != texts[6]
