"""The pages of calendars and terms, for the platform's administrator."""

from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.actor import AgencyKind
from portal.agencies import labels as agency_labels
from portal.agencies.queries import list_agencies, names_of
from portal.deadlines import labels, queries, rules, services
from portal.deadlines.inputs import AddDays, ChooseReading, WithdrawDay
from portal.deadlines.models import CalendarDay, Scope
from portal.deadlines.moving import MoveRow, list_moves
from portal.deadlines.rules import DeadlineRule
from portal.errors import Invalid
from portal.places import catalogue, list_provinces, name_of
from portal.texts import _, _l
from portal.web import Form, actor, page, requires, see_other, session, writing
from portal.web.render import MenuEntry

blueprint = Blueprint("deadlines", __name__, url_prefix="/admin/calendars")

MENU = [
    MenuEntry(
        _l("Calendars and terms"),
        "deadlines.index",
        "deadlines.calendar.manage",
        section="admin",
        weight=50,
    )
]

Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires("deadlines.calendar.manage")
def index() -> str:
    """List the days of a year that are not counted, with their norm and who entered them."""
    years = queries.list_years(session())
    asked, scope = request.args.get("year", ""), request.args.get("scope", "")
    year = int(asked) if asked.isdigit() and int(asked) in years else clock.today().year
    narrowed = Scope(scope) if scope in set(Scope) else None
    days = queries.list_days(session(), year, narrowed)
    return page(
        "deadlines/index.html",
        days=days,
        where=where_of(days),
        years=years,
        year=year,
        scope=narrowed,
        scopes=labels.choices(labels.SCOPE),
        words=labels.SCOPE,
        kinds=labels.KIND,
        known_until=queries.calendar_for(session()).known_until,
    )


def where_of(days: list[CalendarDay]) -> dict[UUID, str]:
    """Return for each day the place or agency that its scope speaks of."""
    agencies = {UUID(day.key) for day in days if day.scope is Scope.ENTITY}
    names = names_of(session(), agencies) if agencies else {}
    return {
        day.id: names[UUID(day.key)] if day.scope is Scope.ENTITY else place_of(day)
        for day in days
        if day.key
    }


def place_of(day: CalendarDay) -> str:
    """Return the place of a day's scope; for the Judiciary, that it is one district's."""
    place = name_of(day.key)
    return f"{labels.SCOPE[day.scope]}, {place}" if day.scope is Scope.JUDICIARY else place


@blueprint.route("/new", methods=["GET", "POST"])
@requires("deadlines.calendar.manage")
def add() -> Answer:
    """Enter days that are not counted: first what they would move is shown, then it is done."""
    form = Form(AddDays)
    given = form.read() if form.posted else None
    moves = None
    if given is not None and given.seen != given.mark:
        moves = _would_move(form, given)
    elif given is not None and (
        days := form.submit(lambda given: services.add_days(writing(), actor(), given))
    ):
        return see_other(url_for("deadlines.index", year=days[0].day.year))
    return form.page(
        "deadlines/add.html",
        moves=moves,
        mark=given.mark if given is not None and moves is not None else "",
        scopes=labels.choices(labels.SCOPE),
        kinds=labels.choices(labels.KIND),
        departments=[
            (place.code, place.name)
            for place in catalogue.places().values()
            if len(place.code) == catalogue.DEPARTMENT
        ],
        provinces=province_groups(),
        agencies=[(agency.id, agency.name) for agency in list_agencies(session())],
    )


def _would_move(form: Form[AddDays], given: AddDays) -> list[MoveRow] | None:
    """Return which terms the days would move, or None where they cannot be entered."""
    try:
        services.must_be_new(session(), given)
    except Invalid as error:
        form.refuse(*error.problems)
        return None
    return list_moves(session(), given)


def province_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every province for a select, grouped by department."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for place in list_provinces():
        groups.setdefault(name_of(place.department), []).append((place.code, place.name))
    return list(groups.items())


@blueprint.route("/<uuid:day_id>/withdraw", methods=["GET", "POST"])
@requires("deadlines.calendar.manage")
def withdraw(day_id: UUID) -> Answer:
    """Take back a day that was entered by mistake."""
    day = services.to_withdraw(session(), day_id)
    form = Form(WithdrawDay, version=day.row_version)
    if form.done(
        lambda given: services.withdraw_day(writing(), actor(), day.id, reason=given.reason)
    ):
        return see_other(url_for("deadlines.index", year=day.day.year))
    return form.page("deadlines/withdraw.html", day=day, kinds=labels.KIND)


@blueprint.get("/terms")
@requires("deadlines.calendar.manage")
def terms() -> str:
    """List every legal term with its source, and those whose reading is not settled."""
    decided = queries.list_readings(session())
    listed = rules.list_rules()
    return page(
        "deadlines/terms.html",
        rules=[(rule, labels.length_of(rule), owed_by(rule)) for rule in listed],
        doubtful=[
            (rule, labels.length_of(queries.as_decided(rule, decided.get(rule.code))))
            for rule in listed
            if rule.readings
        ],
        decided=decided,
        calendars=labels.CALENDAR,
    )


def owed_by(rule: DeadlineRule) -> str:
    """Return who owes the act, in words."""
    if not rule.owed_by:
        return _("the family or others")
    return ", ".join(str(agency_labels.KIND[kind]) for kind in AgencyKind if kind in rule.owed_by)


@blueprint.route("/terms/<code>", methods=["GET", "POST"])
@requires("deadlines.calendar.manage")
def choose(code: str) -> Answer:
    """Decide how a doubtful term is read; running terms are counted anew."""
    rule = rules.get(code)
    decided = queries.find_reading(session(), code)
    form = Form(
        ChooseReading,
        initial={
            "choice": queries.choice_of(rule, decided),
            "basis": decided.basis if decided else "",
        },
        version=decided.row_version if decided else 0,
    )
    if form.done(lambda given: services.choose_reading(writing(), actor(), code, given)):
        return see_other(url_for("deadlines.terms"))
    return form.page(
        "deadlines/choose.html",
        rule=rule,
        readings=[
            (number, labels.length_of(rule.read_as(rule.readings[number - 1]) if number else rule))
            for number in range(len(rule.readings) + 1)
        ],
        decided=decided,
    )
