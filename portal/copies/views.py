"""Pages of copies: the history of a case, asked for with a reason and fetched once."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Answer

from portal.cases.models import Case
from portal.cases.queries import access_to_act, get_case
from portal.copies import histories, inputs, labels, queries
from portal.copies.models import HistoryKind
from portal.errors import Forbidden
from portal.texts import _l
from portal.web import (
    Form,
    actor,
    fresh,
    page,
    portal,
    requires,
    see_other,
    session,
    settings,
    writing,
)

blueprint = Blueprint("copies", __name__)

MAKE = "copies.history.make"
MIMES = {HistoryKind.PDF: "application/pdf", HistoryKind.ZIP: "application/zip"}


@blueprint.route("/cases/<code>/history", methods=["GET", "POST"])
@fresh
@requires(MAKE)
def history(code: str) -> str | Answer | tuple[str, int]:
    """Ask why the history of a case is taken out, and how far it goes; show one's own."""
    case = get_case(session(), actor(), code)
    if access_to_act(session(), actor(), case).reads_only:
        raise Forbidden(_l("This case is open to you for reading only."))
    form = Form(inputs.AskHistory, initial={"kind": HistoryKind.PDF})
    if made := form.submit(
        lambda given: histories.ask_history(
            writing(), actor(), code, given, per_day=settings().copies_per_day
        )
    ):
        return see_other(url_for("copies.ready", history_id=made.id))
    return form.page(
        "copies/history.html",
        case=case,
        own=queries.list_own(session(), actor(), case),
        labels=labels,
        minutes=settings().copy_minutes,
    )


@blueprint.route("/histories/<uuid:history_id>", methods=["GET", "POST"])
@fresh
@requires(MAKE)
def ready(history_id: UUID) -> str | Answer:
    """Show to who asked whether a history is ready; fetching it deletes it here."""
    if request.method == "POST":
        made, pieces = histories.fetch_history(writing(), actor(), history_id, portal().files)
        return Response(
            pieces,
            mimetype=MIMES[made.kind],
            headers={
                "Content-Disposition": f'attachment; filename="{made.number}.{made.kind}"',
                "Content-Length": str(made.size),
            },
        )
    made = histories.get_history(session(), actor(), history_id)
    case: Case = histories.case_of(session(), made)
    return page(
        "copies/ready.html", made=made, case=case, until=histories.ends_at(made), labels=labels
    )
