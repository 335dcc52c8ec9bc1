"""The trail's own page, for the auditor: who, when, what kind; never what a case says."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from flask import Blueprint, Response, request

from portal import audit, clock
from portal.agencies.queries import list_agencies, names_of
from portal.audit import listing
from portal.audit.chain import checkpoints_path
from portal.audit.labels import acts_named
from portal.db.paging import decode, encode
from portal.errors import NotFound
from portal.texts import _l
from portal.users.queries import find_user, names_of_users
from portal.web import actor, page, requires, session, settings
from portal.web.render import MenuEntry

blueprint = Blueprint("audit", __name__, url_prefix="/admin/audit")

READ = "audit.trail.read"
FILTERS = ("person", "agency", "action", "day")
MENU = (MenuEntry(_l("Trail"), "audit.index", READ, section="admin", weight=90),)


@blueprint.get("")
@requires(READ)
def index() -> str:
    """List the trail, newest first, with the state of its chain."""
    wanted = _wanted()
    before = decode(request.args.get("before"), (datetime, UUID))
    found = listing.list_entries(session(), wanted, before=before, limit=listing.PAGE + 1)
    shown = found[: listing.PAGE]
    audit.note_read(session(), actor(), "audit.trail.read")
    older = encode((shown[-1].at, shown[-1].id)) if len(found) > listing.PAGE else ""
    return page(
        "audit/index.html",
        rows=shown,
        older=older,
        people=names_of_users(session(), {row.user_id for row in shown if row.user_id}),
        agencies=names_of(session(), {row.agency_id for row in shown if row.agency_id}),
        choices=list_agencies(session()),
        state=listing.state(session(), settings().data_dir),
        kept={name: request.args.get(name, "").strip()[:60] for name in FILTERS},
    )


def _wanted() -> listing.Wanted:
    """Return the filters of the address; what cannot be read filters nothing."""
    person = request.args.get("person", "").strip()[:60]
    user = find_user(session(), person) if person else None
    day = _day(request.args.get("day", ""))
    since = datetime.combine(day, time(), tzinfo=clock.LIMA).astimezone(UTC) if day else None
    return listing.Wanted(
        user_id=user.id if user else UUID(int=0) if person else None,
        agency_id=_id(request.args.get("agency", "")),
        action=request.args.get("action", "").strip()[:60],
        actions=acts_named(request.args.get("action", "").strip()[:60]),
        since=since,
        until=since + timedelta(days=1) if since else None,
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 < found.year < 9000 else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@blueprint.get("/checkpoints")
@requires(READ)
def checkpoints() -> Response:
    """Give the signed checkpoints, to be kept where the database cannot reach."""
    path = checkpoints_path(settings().data_dir)
    if not path.exists():
        raise NotFound
    audit.note_read(session(), actor(), "audit.checkpoints.read")
    headers = {"Content-Disposition": 'attachment; filename="checkpoints.jsonl"'}
    return Response(path.read_bytes(), mimetype="application/json", headers=headers)
