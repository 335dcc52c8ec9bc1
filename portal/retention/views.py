"""The pages of retention: rules, holds, what may go, and erasures in the hands of two people."""

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal import host
from portal.agencies import labels as agency_labels
from portal.agencies.queries import list_agencies
from portal.errors import NotFound
from portal.retention import erasing, labels, queries, records, services
from portal.retention.inputs import (
    DecideErasure,
    EnterRule,
    LiftHold,
    PlaceHold,
    ProposeErasure,
    WithdrawRule,
)
from portal.retention.models import ErasureItem, ErasureStatus, RecordKind
from portal.retention.records import DueRecord
from portal.texts import _, _l
from portal.web import Form, actor, fresh, page, requires, see_other, session, writing
from portal.web.render import MenuEntry

blueprint = Blueprint("retention", __name__, url_prefix="/admin/retention")

MENU = [
    MenuEntry(
        _l("Retention"), "retention.index", "retention.record.read", section="admin", weight=70
    )
]
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DECISIONS = {
    "approve": ErasureStatus.APPROVED,
    "refuse": ErasureStatus.REFUSED,
    "withdraw": ErasureStatus.WITHDRAWN,
}

Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires("retention.record.read")
def index() -> str:
    """Show what may go now, what waits for a second person, what holds, and by which rules."""
    due = due_records()
    return page(
        "retention/index.html",
        due=[each for each in due if each.may_go],
        running=[each for each in due if not each.may_go],
        erasures=queries.list_erasures(session(), actor()),
        holds=queries.list_holds(session(), actor()),
        rules=[row for row in queries.list_rules(session()) if row.rule.withdrawn_at is None],
        labels=labels,
        may_rule=actor().may("retention.rule.manage"),
    )


def due_records() -> list[DueRecord]:
    """Return the actor's ended records with their terms; the read is noted."""
    ended = records.list_ended(session(), agency_id=queries.scope_of(actor()))
    queries.note_records(session(), actor(), [record.id for record in ended])
    return records.with_terms(session(), ended)


@blueprint.route("/rules/new", methods=["GET", "POST"])
@fresh
@requires("retention.rule.manage")
def enter_rule() -> Answer:
    """Enter for how long a kind of record is kept."""
    form = Form(EnterRule)
    if form.done(lambda given: services.enter_rule(writing(), actor(), given)):
        return see_other(url_for("retention.index", _anchor="rules"))
    return form.page(
        "retention/rule.html",
        kinds=labels.choices(labels.RULED),
        counted=labels.choices(labels.COUNTED),
        agency_kinds=agency_labels.choices(),
        agencies=[(agency.id, agency.name) for agency in list_agencies(session())],
    )


@blueprint.route("/rules/<uuid:rule_id>/withdraw", methods=["GET", "POST"])
@fresh
@requires("retention.rule.manage")
def withdraw_rule(rule_id: UUID) -> Answer:
    """Let a rule no longer hold."""
    rule = services.to_withdraw(session(), rule_id)
    form = Form(WithdrawRule, version=rule.row_version)
    if form.done(
        lambda given: services.withdraw_rule(writing(), actor(), rule_id, reason=given.reason)
    ):
        return see_other(url_for("retention.index", _anchor="rules"))
    return form.page("retention/withdraw_rule.html", rule=rule, labels=labels)


@blueprint.route("/holds/new", methods=["GET", "POST"])
@requires("retention.hold.manage")
def place_hold() -> Answer:
    """Keep a record, or all records of its children, from being erased."""
    form = Form(PlaceHold, initial={"code": request.args.get("code", "")})
    if form.done(lambda given: services.place_hold(writing(), actor(), given)):
        return see_other(url_for("retention.index", _anchor="holds"))
    return form.page("retention/hold.html")


@blueprint.route("/holds/<uuid:hold_id>/lift", methods=["GET", "POST"])
@fresh
@requires("retention.hold.manage")
def lift_hold(hold_id: UUID) -> Answer:
    """End a hold."""
    hold = services.to_lift(session(), actor(), hold_id)
    form = Form(LiftHold, version=hold.row_version)
    if form.done(
        lambda given: services.lift_hold(writing(), actor(), hold_id, reason=given.reason)
    ):
        return see_other(url_for("retention.index", _anchor="holds"))
    reason = queries.reason_of(session(), hold)
    return form.page("retention/lift.html", hold=hold, reason=reason)


@blueprint.route("/erasures/new", methods=["GET", "POST"])
@fresh
@requires("retention.erasure.propose")
def propose() -> Answer:
    """Propose an erasure: the plan is made, and the second person is asked."""
    form = Form(ProposeErasure, initial={"record_ids": request.args.getlist("record")})
    if made := form.submit(lambda given: services.propose(writing(), actor(), given)):
        return see_other(url_for("retention.show", erasure_id=made.id))
    listed = [*due_records(), *parts_among(form.values("record_ids"))]
    choices = [(str(each.record.id), line_of(each)) for each in listed if not each.is_held]
    grounds = labels.choices(labels.GROUND)
    runs_on = {*form.values("record_ids")} - {str(each.record.id) for each in listed}
    return form.page(
        "retention/propose.html", records=choices, grounds=grounds, runs_on=bool(runs_on)
    )


def parts_among(wanted: list[str]) -> list[DueRecord]:
    """Return the parts of single children that were asked for: no list offers them."""
    ids = [UUID(each) for each in wanted if UUID_TEXT.fullmatch(each)]
    found = records.list_ended(session(), agency_id=queries.scope_of(actor()), ids=ids)
    parts = [record for record in found if record.kind is RecordKind.CHILD]
    queries.note_records(session(), actor(), [record.id for record in parts])
    return records.with_terms(session(), parts)


def line_of(each: DueRecord) -> str:
    """Return a record in a line: its code, whose it is, since when it may go."""
    record = each.record
    if record.kind is RecordKind.CHILD:
        since = _("this child alone, by a granted cancellation")
    else:
        since = _("may go") if each.may_go else _("its term has not passed")
    return f"{record.code} · {record.agency_name} · {since}"


@blueprint.get("/erasures/<uuid:erasure_id>")
@requires("retention.record.read")
def show(erasure_id: UUID) -> str:
    """Show an erasure: its plan by table, its records, how far it is."""
    return page("retention/erasure.html", **shown(erasure_id))


def shown(erasure_id: UUID) -> dict[str, Any]:
    """Return what the page of an erasure shows."""
    row = queries.get_erasure(session(), actor(), erasure_id)
    items = queries.list_items(session(), actor(), erasure_id)
    return {
        "row": row,
        "items": items,
        "totals": [
            (table_name(table), erased, held)
            for table, (erased, held) in queries.totals_of(items).items()
        ],
        "reason": queries.why_of(session(), row.erasure),
        "stays": list(
            dict.fromkeys(line for kind in kinds_of(items) for line in labels.STAYS[kind])
        ),
        "labels": labels,
        "approves": services.may_approve(actor(), row.erasure),
        "is_mine": row.erasure.proposed_by == actor().user_id,
    }


def kinds_of(items: list[tuple[ErasureItem, str]]) -> list[RecordKind]:
    """Return which kinds of records an erasure has, in their order."""
    found = {item.record for item, _code in items}
    return [kind for kind in RecordKind if kind in found]


def table_name(table: str) -> Any:
    """Return what a plan calls a table: its words, or the name of the module that keeps it."""
    if table in labels.TABLE:
        return labels.TABLE[table]
    slug = table.partition("_")[0]
    return _("Module %(name)s: emptied", name=host.current().name_of(slug))


@blueprint.route("/erasures/<uuid:erasure_id>/<word>", methods=["GET", "POST"])
@fresh
@requires("retention.erasure.decide")
def decide(erasure_id: UUID, word: str) -> Answer:
    """Approve, refuse or withdraw an erasure."""
    to = DECISIONS.get(word)
    if to is None:
        raise NotFound
    row = queries.get_erasure(session(), actor(), erasure_id)
    services.must_decide(actor(), row.erasure, to)
    form = Form(DecideErasure, version=row.erasure.row_version)
    if form.done(lambda given: _decide(erasure_id, to, given)):
        return see_other(url_for("retention.show", erasure_id=erasure_id))
    return form.page("retention/decide.html", word=word, **shown(erasure_id))


def _decide(erasure_id: UUID, to: ErasureStatus, given: DecideErasure) -> Any:
    writer = writing()
    erasure = queries.get_erasure(writer, actor(), erasure_id).erasure
    return services.decide(writer, actor(), erasure, to, reason=given.reason)


@blueprint.get("/codes")
@requires("retention.record.read")
def codes() -> str:
    """Say whether the record of a code that a paper bears was erased, when and on what ground."""
    code = request.args.get("code", "").strip().upper()[:60]
    stone = erasing.answer_for(session(), actor(), code) if code else None
    return page("retention/codes.html", code=code, stone=stone, labels=labels)
