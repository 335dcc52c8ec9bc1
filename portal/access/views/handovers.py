"""Hand-overs of a post: who takes what, and the sheet that is signed."""

from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from portal.access import labels, leaving, listing, passing
from portal.access.inputs import TakeOver
from portal.access.leaving import Owners
from portal.access.lines import left_behind
from portal.access.models import Handover
from portal.access.services import governs
from portal.access.views.blueprint import blueprint
from portal.agencies.queries import get_agency
from portal.errors import Conflict, NotFound
from portal.web import Form, actor, page, requires, see_other, session, writing

Answer = str | Response | tuple[str, int]
TO, REST = "to-", "rest-"


@blueprint.get("/access/handovers")
@requires("access.handover.make")
def handovers() -> str:
    """List the hand-overs of the acting agency: those that wait, then those that were made."""
    agency_id = actor().agency_id
    waiting = passing.list_open(session(), [agency_id]) if agency_id else []
    made = passing.list_lately(session(), agency_id) if agency_id else []
    names = listing.names_of(session(), [each.user_id for each in [*waiting, *made]])
    return page(
        "access/handovers.html",
        left=left_behind(session(), agency_id) if agency_id else [],
        waiting=waiting,
        made=made,
        names=names,
        labels=labels,
    )


@blueprint.route("/access/handovers/<uuid:handover_id>", methods=["GET", "POST"])
@requires("access.handover.make")
def handover(handover_id: UUID) -> Answer:
    """Say who takes what over; complete, it shows who took what."""
    found = passing.get_handover(session(), actor(), handover_id)
    form = Form(TakeOver, version=found.row_version)
    if form.posted and not found.is_open:
        raise Conflict(leaving.SETTLED)
    if form.done(lambda given: _complete(found, given)):
        return see_other(url_for("access.handover", handover_id=found.id))
    if not found.is_open:
        return _made(found)
    return form.page(
        "access/handover.html",
        piles=passing.piles(session(), actor(), found),
        may_withdraw=governs(session(), actor(), found.agency_id),
        **_facts(found),
    )


def _complete(found: Handover, given: TakeOver) -> Handover:
    return leaving.complete(
        writing(),
        actor(),
        found.id,
        Owners(given.everything, _chosen_kinds(), _chosen_lines()),
        version=found.row_version,
    )


def _chosen_lines() -> dict[UUID, UUID]:
    """Return the owners chosen for single records; what is no identifier is left out."""
    chosen = {}
    for name, value in request.form.items():
        try:
            if name.startswith(TO) and value:
                chosen[UUID(name.removeprefix(TO))] = UUID(value)
        except ValueError:
            continue
    return chosen


def _chosen_kinds() -> dict[str, UUID]:
    chosen = {}
    for name, value in request.form.items():
        try:
            if name.startswith(REST) and value:
                chosen[name.removeprefix(REST)] = UUID(value)
        except ValueError:
            continue
    return chosen


def _facts(found: Handover) -> dict[str, object]:
    """Return what every page of a hand-over says: who leaves what, when, and where to."""
    people = {found.user_id, found.completed_by, found.opened_by, found.follower_id} - {None}
    names = listing.names_of(session(), [each for each in people if each])
    return {
        "handover": found,
        "names": names,
        "leaver": names.get(found.user_id, ""),
        "agency": get_agency(session(), found.agency_id),
        "destination": get_agency(session(), found.to_agency_id) if found.to_agency_id else None,
        "last_day": listing.last_day_of(found.ends_at),
        "labels": labels,
    }


def _made(found: Handover) -> str:
    return page("access/handed_over.html", **_passed(found))


def _passed(found: Handover) -> dict[str, object]:
    facts = _facts(found)
    takers = passing.takers_of(session(), found)
    return {
        **facts,
        "passed": passing.passed_lines(session(), actor(), found, takers),
        "takers": sorted(set(takers.values())),
        "noted": passing.noted_words(found),
        "posts": passing.posts_of(session(), found),
    }


@blueprint.get("/access/handovers/<uuid:handover_id>/sheet")
@requires("access.handover.make")
def handover_sheet(handover_id: UUID) -> str:
    """Print the sheet of a complete hand-over, to be signed: codes, never a child's name."""
    found = passing.get_handover(session(), actor(), handover_id)
    if found.completed_at is None:
        raise NotFound
    return page("access/handover_sheet.html", **_passed(found))


@blueprint.post("/access/handovers/<uuid:handover_id>/withdraw")
@requires("access.person.manage")
def withdraw_handover(handover_id: UUID) -> Response:
    """Take an open hand-over back: the person stays."""
    found = leaving.withdraw(writing(), actor(), handover_id)
    return see_other(url_for("access.person", user_id=found.user_id))


@blueprint.post("/access/handovers/of/<uuid:user_id>")
@requires("access.handover.make")
def pick_up(user_id: UUID) -> Response:
    """Open the hand-over of somebody whose roles ended with matters still in hand."""
    found = leaving.open_left_behind(writing(), actor(), user_id)
    return see_other(url_for("access.handover", handover_id=found.id))
