"""Whoever opens a form may send it: the rule of the act decides both.

Each form that a person opens is tried in the same request, with something in each field: what was
typed may be wrong; who acts, and in what state the record is, may not. Nothing of it is kept.
"""

import types
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from pydantic import BaseModel
from sqlmodel import Session, col
from werkzeug.routing import Rule

from portal import clock
from portal.alerts.models import Alert
from portal.cases.models import (
    Case,
    CaseBar,
    CaseChild,
    CaseGrant,
    CaseParty,
    Entry,
    Right,
    Term,
    TermStatus,
)
from portal.cases.queries import visible_cases
from portal.commitments.models import Commitment
from portal.copies.models import CourtCopy
from portal.db import Database, new_id
from portal.documents import views as documents
from portal.documents.models import Document
from portal.duplicates.models import Match, MatchState
from portal.duties.models import CaseSign, Duty, DutyStatus
from portal.errors import Conflict, Forbidden
from portal.family.models import Relative
from portal.interviews.models import Interview
from portal.plans.models import Activity, Objective, Plan, Progress, Review, Visit
from portal.referrals.models import Referral
from portal.sharing.models import Transfer
from portal.web.forms import Form
from tests.security.crawling import read
from tests.visibility.conftest import Draw
from tests.visibility.rules import World
from tests.webclient import Browser

pytestmark = pytest.mark.slow

# What a part of an address names, the part that says most first.
RECORDS: dict[str, Any] = {
    "activity_id": Activity,
    "objective_id": Objective,
    "visit_id": Visit,
    "review_id": Review,
    "plan_id": Plan,
    "entry_id": Entry,
    "party_id": CaseParty,
    "term_id": Term,
    "relative_id": Relative,
    "interview_id": Interview,
    "duty_id": Duty,
    "sign_id": CaseSign,
    "bar_id": CaseBar,
    "alert_id": Alert,
    "referral_id": Referral,
    "commitment_id": Commitment,
    "document_id": Document,
    "transfer_id": Transfer,
    "copy_id": CourtCopy,
    "match_id": Match,
    "grant_id": CaseGrant,
    "person_id": CaseChild,
    "code": Case,
}
# Every other record of these is at its end: the world itself leaves them as they began.
ENDED: dict[Any, dict[str, Any]] = {
    Entry: {"struck_at": clock.now()},
    Relative: {"struck_at": clock.now()},
    Interview: {"struck_at": clock.now()},
    CaseSign: {"withdrawn_at": clock.now()},
    Duty: {"status": DutyStatus.CONFIRMED},
    Term: {"status": TermStatus.MET},
    Activity: {"progress": Progress.DONE},
    Visit: {"progress": Progress.DONE},
    Review: {"held_on": clock.today()},
    Match: {"state": MatchState.MERGED},
}
# So many addresses of each form are opened by each person, from all over the world.
EACH = 2
# Who leads, who intervenes or is told, who supervises.
WHO = ("UPE", "DEM", "SAL", "DEF")
ROOMS = {"alerts", "cases", "commitments", "copies", "documents", "duplicates"} | {
    *("duties", "family", "interviews", "plans", "referrals", "sharing")
}


@pytest.fixture(scope="module")
def draw() -> Draw:
    """Return what this file's world is drawn from: one of its own, since records are ended."""
    return Draw("sqlite", 29733, 3, is_thorough=False)


def some(kind: Any) -> Any:
    """Return something of the kind that a field takes."""
    if get_origin(kind) in (Annotated, Union, types.UnionType):
        return some(get_args(kind)[0])
    if get_origin(kind) is not None:
        return []
    made: dict[Any, Callable[[], Any]] = {
        Enum: lambda: next(iter(kind)),
        datetime: clock.now,
        date: clock.today,
        UUID: new_id,
        str: lambda: "Algo que se escribe",
        int: lambda: 1,
    }
    return next((make() for base, make in made.items() if issubclass(kind, base)), None)


def filled(model: type[BaseModel]) -> BaseModel:
    """Return an input with something in each field that must be filled in, unchecked."""
    fields = model.model_fields.items()
    return model.model_construct(
        **{name: some(field.annotation) for name, field in fields if field.is_required()}
    )


class Trying:
    """What the act of the form that was opened last said."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.refusal = ""
        patch.setattr(Form, "submit", lambda form, act: self.submit(form, act))
        patch.setattr(documents, "_required", lambda content: content)

    def submit(self, form: Form[Any], act: Callable[[Any], Any]) -> None:
        """Try the act instead of taking the form; what it wrote goes with the request."""
        try:
            act(filled(form.model))
        except (Forbidden, Conflict) as refused:
            self.refusal = str(refused.message)
        except Exception:
            self.refusal = ""


def end_every_other(session: Session) -> None:
    """Put every other record at its end."""
    for model, values in ENDED.items():
        for row in session.scalars(sa.select(model).order_by(col(model.id))).all()[::2]:
            for name, value in values.items():
                setattr(row, name, value)


def addresses(session: Session, rule: Rule) -> Iterator[dict[str, Any]]:
    """Return the arguments of a rule for every record that it may be about."""
    lead = next((name for name in RECORDS if name in rule.arguments), "")
    codes = {case.id: case.code for case in session.scalars(sa.select(Case))}
    for row in session.scalars(sa.select(RECORDS[lead])) if lead else ():
        plan = session.get_one(Plan, row.plan_id) if hasattr(row, "plan_id") else row
        known = dict.fromkeys(rule.arguments, row.id) | {
            "code": codes.get(getattr(plan, "case_id", row.id)),
            "plan_id": plan.id,
            "person_id": getattr(row, "person_id", row.id),
            "right": Right.IDENTITY.value,
        }
        yield {name: known[name] for name in rule.arguments}


def test_whoever_opens_a_form_may_send_it(
    app: Flask, db: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = app.url_map.bind("localhost")
    with db.write() as session:
        end_every_other(session)
    with db.read() as session:
        asked = [
            (rule.endpoint, [*addresses(session, rule)])
            for rule in app.url_map.iter_rules()
            if {"GET", "POST"} <= (rule.methods or set())
        ]
    trying, wrong, opened = Trying(monkeypatch), set(), set()
    for code in WHO:
        person = world.at(code, "coordinator")
        browser = Browser(app, db).sign_in(person.user, world.agencies[code])
        with db.read() as session:
            seen = set(
                session.scalars(sa.select(col(Case.code)).where(visible_cases(person.actor)))
            )
        for endpoint, every in asked:
            found = [values for values in every if "code" not in values or values["code"] in seen]
            for values in found[:: max(1, len(found) // EACH)]:
                url = routes.build(endpoint, values, method="GET")
                trying.refusal = ""
                answer = browser.get(url)
                sent = [each for each in read(url, answer).forms if each.method == "post"]
                if answer.status_code == 200 and any(each.action == url for each in sent):
                    opened.add(endpoint.partition(".")[0])
                    if trying.refusal:
                        wrong.add(f"{endpoint} to {person}: {trying.refusal}")
    assert opened >= ROOMS
    assert not wrong, "\n".join(sorted(wrong))
