"""/admin/users: the people of an agency, for its administrator and for the platform's."""

from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.access import inputs, labels, leaving, listing, passing, rules, services
from portal.access.listing import PAGE, STATES, PeopleFilter, PersonRow
from portal.access.models import Handover
from portal.access.queries import people_with
from portal.access.views.blueprint import blueprint
from portal.actor import INSTANCE_ROLES, Role
from portal.db.paging import decode, encode
from portal.errors import Invalid, NotFound, Problem
from portal.texts import _l
from portal.users.services import create_user
from portal.web import (
    Form,
    actor,
    fresh,
    page,
    requires,
    see_other,
    session,
    writing,
)

Answer = str | Response | tuple[str, int]
FILTERS = ("q", "role", "state", "agency")
STATE = {
    "active": _l("With a role now or to come"),
    "suspended": _l("Suspended"),
    "former": _l("No longer here"),
    "all": _l("Everybody"),
}


@blueprint.get("/admin/users")
@requires("access.person.manage")
def people() -> str:
    """List the people of the agency, narrowed as the address says."""
    wanted = _read_filter()
    after = decode(request.args.get("after"), (str, UUID))
    found = listing.list_people(session(), actor(), wanted, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    last = shown[-1] if len(found) > PAGE else None
    keeping = listing.keeping(session(), actor())
    own = [agency_id for agency_id, _name in keeping]
    return page(
        "access/people.html",
        people=shown,
        following=encode((last.name, last.id)) if last else None,
        wanted=wanted,
        roles=[(role.value, labels.ROLE[role]) for role in _givable()],
        states=list(STATE.items()),
        agencies=[(str(agency_id), name) for agency_id, name in keeping],
        labels=labels,
        kept={name: request.args[name] for name in FILTERS if request.args.get(name)},
        handovers=_with_names(passing.list_open(session(), own)),
    )


def _with_names(found: list[Handover]) -> list[tuple[Handover, str]]:
    names = listing.names_of(session(), [each.user_id for each in found])
    return [(each, names.get(each.user_id, "")) for each in found]


def _read_filter() -> PeopleFilter:
    """Return what the address asks for; what it cannot mean is left out."""
    role, state = request.args.get("role", ""), request.args.get("state", "")
    return PeopleFilter(
        text=request.args.get("q", "").strip()[:80],
        role=Role(role) if role in set(Role) else None,
        state=state if state in STATES else "active",
        agency_id=_uuid(request.args.get("agency", "")),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _givable() -> list[Role]:
    """Return the roles that the actor gives: of agencies, and the instance's by the platform."""
    roles = labels.of_scope(instance=False)
    return roles + labels.of_scope(instance=True) if _is_platform() else roles


def _is_platform() -> bool:
    return actor().has_role(Role.PLATFORM_ADMIN)


def _agencies() -> list[tuple[str, str]]:
    return [(str(agency_id), name) for agency_id, name in listing.keeping(session(), actor())]


def _default_agency() -> str:
    return request.args.get("agency", "") or str(actor().agency_id or "")


def _own_agency(given: UUID | None) -> UUID | None:
    """Return the agency meant: the one chosen, else the administrator's own."""
    return given or actor().agency_id


@blueprint.route("/admin/users/new", methods=["GET", "POST"])
@fresh
@requires("access.person.manage")
def create_person() -> Answer:
    """Create an account with its first roles; the code to enter with is given on the next page."""
    form = Form(inputs.CreatePerson, initial={"agency_id": _default_agency()})
    if user_id := form.submit(_create):
        return see_other(url_for("access.person", user_id=user_id))
    return form.page(
        "access/new_person.html", agencies=_agencies(), roles=labels.choices(_givable())
    )


def _create(given: inputs.CreatePerson) -> UUID:
    user = create_user(writing(), actor(), username=given.username, name=given.name)
    _grant(user.id, given)
    return user.id


def _grant(user_id: UUID, given: inputs.GiveRoles) -> None:
    """Give each role that was chosen, in the agency or on the instance as the role says."""
    since = max(rules.midnight(given.since), clock.now()) if given.since else clock.now()
    until = leaving.end_of(given.until) if given.until else None
    if given.since and given.until and given.until < given.since:
        raise Invalid(Problem("until", _l("The end must be after the beginning.")))
    for role in given.roles:
        of_instance = role in INSTANCE_ROLES
        try:
            services.grant_role(
                writing(),
                actor(),
                user_id=user_id,
                agency_id=None if of_instance else _own_agency(given.agency_id),
                role=role,
                since=since,
                until=until,
                post=given.post,
            )
        except Invalid as error:
            raise _on_roles(error) from error


def _on_roles(error: Invalid) -> Invalid:
    """Say what is wrong with one role beside the list of roles."""
    return Invalid(
        *(
            Problem("roles" if each.field == "role" else each.field, each.message)
            for each in error.problems
        )
    )


@blueprint.get("/admin/users/<uuid:user_id>")
@requires("access.person.manage")
def person(user_id: UUID) -> str:
    """Show one person: roles with their dates, last seen, and what may be done."""
    return _person_page(user_id)


def _person_page(user_id: UUID, code: str = "") -> str:
    found = listing.get_person(session(), actor(), user_id)
    present = listing.present(found.roles)
    agencies = {each.agency_id: each.agency for each in present if each.agency_id}
    return page(
        "access/person.html",
        person=found,
        agencies=agencies,
        suspended={each.agency_id for each in present if each.suspended_at},
        labels=labels,
        code=code,
        is_self=user_id == actor().user_id,
        is_platform=_is_platform(),
        may_move=len(_agencies()) > 1,
        handovers=passing.list_of_person(session(), actor(), user_id),
    )


@blueprint.post("/admin/users/<uuid:user_id>/code")
@fresh
@requires("access.person.manage")
def give_code(user_id: UUID) -> str:
    """Show a code of the first day, once, to be handed over in person."""
    return _person_page(user_id, services.give_code(writing(), actor(), user_id))


@blueprint.route("/admin/users/<uuid:user_id>/roles/new", methods=["GET", "POST"])
@fresh
@requires("access.person.manage")
def give_roles(user_id: UUID) -> Answer:
    """Give a person roles, from and until a day."""
    found = _other(user_id)
    form = Form(inputs.GiveRoles, initial={"agency_id": _default_agency(), "post": found.post})
    if form.done(lambda given: _grant(user_id, given)):
        return see_other(url_for("access.person", user_id=user_id))
    return form.page(
        "access/give_roles.html",
        person=found,
        agencies=_agencies(),
        roles=labels.choices(_givable()),
    )


def _other(user_id: UUID) -> PersonRow:
    """Return a person whose roles the actor may change: never one's own."""
    found = listing.get_person(session(), actor(), user_id)
    if user_id == actor().user_id:
        raise NotFound
    return found


def _held(found: PersonRow, membership_id: UUID) -> listing.Held:
    """Return one of the roles on the person's page that has not ended; raises NotFound."""
    for each in listing.present(found.roles):
        if each.id == membership_id:
            return each
    raise NotFound


def _followers(agency_id: UUID | None, user_id: UUID) -> list[tuple[str, str]]:
    """Return who may follow the last administrator; none where others remain."""
    if not services.needs_follower(session(), user_id, agency_id):
        return []
    roles = [Role.PLATFORM_ADMIN] if agency_id is None else labels.of_scope(instance=False)
    return [
        (str(known), name)
        for known, name in people_with(session(), agency_id, *roles)
        if known not in (user_id, actor().user_id)
    ]


@blueprint.route(
    "/admin/users/<uuid:user_id>/roles/<uuid:membership_id>/end", methods=["GET", "POST"]
)
@fresh
@requires("access.person.manage")
def end_role(user_id: UUID, membership_id: UUID) -> Answer:
    """End one role after a last day; what only it may hold is handed over first."""
    found = listing.get_person(session(), actor(), user_id)
    held = _held(found, membership_id)
    form = Form(inputs.Leave)
    if handover := form.submit(lambda given: _end_role(found, held, given)):
        return _after(handover, user_id)
    return form.page(
        "access/end_role.html",
        person=found,
        held=held,
        labels=labels,
        followers=_followers(held.agency_id, user_id)
        if held.role in (Role.AGENCY_ADMIN, Role.PLATFORM_ADMIN)
        else [],
    )


def _end_role(found: PersonRow, held: listing.Held, given: inputs.Leave) -> Handover | bool:
    if held.agency_id is None:
        services.end_on_instance(writing(), actor(), held.id, at=leaving.end_of(given.last_day))
        return True
    return leaving.leave(
        writing(),
        actor(),
        user_id=found.id,
        agency_id=held.agency_id,
        roles=[held.role],
        last_day=given.last_day,
        follower_id=given.follower_id,
    )


def _after(handover: Handover | bool, user_id: UUID) -> Response:
    """Go where the act goes on: the hand-over where something waits, else the person."""
    if isinstance(handover, Handover) and handover.is_open:
        return see_other(url_for("access.handover", handover_id=handover.id))
    return see_other(url_for("access.person", user_id=user_id))


@blueprint.route("/admin/users/<uuid:user_id>/leave/<uuid:agency_id>", methods=["GET", "POST"])
@fresh
@requires("access.person.manage")
def let_go(user_id: UUID, agency_id: UUID) -> Answer:
    """Let a person go from an agency: everything held there is handed over."""
    found, agency = _at(user_id, agency_id)
    form = Form(inputs.Leave)
    if handover := form.submit(lambda given: _let_go(user_id, agency_id, given)):
        return _after(handover, user_id)
    return form.page(
        "access/let_go.html",
        person=found,
        agency=agency,
        followers=_followers(agency_id, user_id),
        counts=passing.counts(session(), agency_id, user_id),
        is_self=user_id == actor().user_id,
    )


def _at(user_id: UUID, agency_id: UUID) -> tuple[PersonRow, str]:
    """Return a person who holds a role in an agency that the actor keeps, and its name."""
    found = listing.get_person(session(), actor(), user_id)
    names = {each.agency_id: each.agency for each in listing.present(found.roles)}
    if agency_id not in names:
        raise NotFound
    return found, names[agency_id]


def _let_go(user_id: UUID, agency_id: UUID, given: inputs.Leave) -> Handover:
    handover = leaving.leave(
        writing(),
        actor(),
        user_id=user_id,
        agency_id=agency_id,
        last_day=given.last_day,
        follower_id=given.follower_id,
    )
    if given.suspend and handover.is_open:
        services.hold_back(writing(), actor(), user_id=user_id, agency_id=agency_id)
    return handover


@blueprint.route("/admin/users/<uuid:user_id>/move/<uuid:agency_id>", methods=["GET", "POST"])
@fresh
@requires("access.person.manage")
def move(user_id: UUID, agency_id: UUID) -> Answer:
    """Move a person to another agency or unit: it ends here and begins there in one act."""
    _other(user_id)
    found, agency = _at(user_id, agency_id)
    held = {each.role.value for each in listing.present(found.roles) if each.agency_id == agency_id}
    form = Form(inputs.Move, initial={"roles": sorted(held), "post": found.post})
    if handover := form.submit(lambda given: _move(user_id, agency_id, given)):
        return _after(handover, user_id)
    return form.page(
        "access/move.html",
        person=found,
        agency=agency,
        agencies=[each for each in _agencies() if each[0] != str(agency_id)],
        roles=labels.choices(labels.of_scope(instance=False)),
        followers=_followers(agency_id, user_id),
        counts=passing.counts(session(), agency_id, user_id),
    )


def _move(user_id: UUID, agency_id: UUID, given: inputs.Move) -> Handover:
    to = leaving.Destination(given.to_agency_id, tuple(given.roles), given.post)
    return leaving.leave(
        writing(),
        actor(),
        user_id=user_id,
        agency_id=agency_id,
        last_day=given.last_day,
        follower_id=given.follower_id,
        to=to,
    )


@blueprint.route("/admin/users/<uuid:user_id>/suspend/<uuid:agency_id>", methods=["GET", "POST"])
@fresh
@requires("access.person.manage")
def suspend(user_id: UUID, agency_id: UUID) -> Answer:
    """Suspend a person in an agency; the sign-ins end at once, and it can be lifted."""
    _other(user_id)
    found, agency = _at(user_id, agency_id)
    lifts = any(each.suspended_at for each in found.roles if each.agency_id == agency_id)
    act = services.lift if lifts else services.suspend
    form = Form(inputs.GiveReason)
    if form.done(
        lambda given: (
            act(writing(), actor(), user_id=user_id, agency_id=agency_id, reason=given.reason)
            or True
        )
    ):
        return see_other(url_for("access.person", user_id=user_id))
    return form.page("access/suspend.html", person=found, agency=agency, lifts=lifts)


@blueprint.route("/admin/users/<uuid:user_id>/account", methods=["GET", "POST"])
@fresh
@requires("access.person.manage")
def account(user_id: UUID) -> Answer:
    """Close an account in every agency, or open it again: the platform alone."""
    found = _other(user_id)
    if not _is_platform():
        raise NotFound
    act = services.open_account if found.disabled_at else services.close_account
    form = Form(inputs.GiveReason)
    if form.done(lambda given: act(writing(), actor(), user_id, reason=given.reason) or True):
        return see_other(url_for("access.person", user_id=user_id))
    return form.page("access/account.html", person=found)


@blueprint.route("/admin/users/end-all", methods=["GET", "POST"])
@fresh
@requires("access.person.manage")
def end_everybody() -> Answer:
    """End every role of an agency after a day: a new municipal government begins."""
    form = Form(inputs.EndEverybody, initial={"agency_id": _default_agency()})
    if form.done(
        lambda given: services.end_everybody(
            writing(),
            actor(),
            _required(given.agency_id),
            at=leaving.end_of(given.last_day),
            reason=given.reason,
        )
    ):
        return see_other(url_for("access.people"))
    return form.page("access/end_everybody.html", agencies=_agencies())


def _required(given: UUID | None) -> UUID:
    agency_id = _own_agency(given)
    if agency_id is None:
        raise Invalid(Problem("agency_id", _l("Choose one from the list.")))
    return agency_id
