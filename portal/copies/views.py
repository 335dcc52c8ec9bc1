"""Pages of copies: the history of a case, and the copy of the file for the court."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Answer

from portal import clock
from portal.cases.models import Case, Level
from portal.cases.queries import case_to_act, get_case
from portal.copies import court, histories, inputs, labels, queries
from portal.copies.choosing import Candidate
from portal.copies.models import COURT_COPY, Choice, CourtCopy, HistoryKind
from portal.deadlines.steps import explain
from portal.documents.queries import list_for_piece
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
    taken,
    takes_files,
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
    case, _access = case_to_act(session(), actor(), code)
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


FORM = "copies.copy.form"


def _case_of(code: str) -> Case:
    return court.leading(session(), actor(), code)


def _read(copy_id: UUID) -> tuple[CourtCopy, Case]:
    """Return a copy that the actor's institution formed, and its case."""
    copy = court.get_copy(session(), actor(), copy_id)
    return copy, get_case(session(), actor(), copy.case_id)


@blueprint.get("/cases/<code>/copies")
@requires(FORM)
def copies(code: str) -> str:
    """List the copies of a case for the court, and the term that asks for one."""
    case = _case_of(code)
    return page(
        "copies/index.html",
        case=case,
        copies=court.list_copies(session(), actor(), case),
        terms=[(term, explain(term.steps)) for term in court.running_terms(session(), case)],
        number_of=court.number_of,
        labels=labels,
        today_on=clock.today(),
    )


@blueprint.route("/cases/<code>/copies/declared", methods=["GET", "POST"])
@requires(FORM)
def declared(code: str) -> str | Answer | tuple[str, int]:
    """Record the declaration from which the term of the copies runs."""
    case, _access = case_to_act(session(), actor(), code, Level.LEAD)
    form = Form(inputs.NoteDeclaration, initial={"measure": case.measure})
    if form.done(lambda given: court.note_declaration(writing(), actor(), code, given)):
        return see_other(url_for("copies.copies", code=code))
    return form.page("copies/declared.html", case=case)


@blueprint.route("/cases/<code>/copies/new", methods=["GET", "POST"])
@requires(FORM)
def begin(code: str) -> str | Answer | tuple[str, int]:
    """Choose the pieces of a copy, its court and who signs it."""
    case = _case_of(code)
    found = court.offered(session(), actor(), case)
    known = court.courts(session())
    signing = court.signers(session(), actor())
    initial = {
        "pieces": [each.key for each in found if each.is_usual],
        "court_id": known[0][0] if len(known) == 1 else "",
        "signer_id": signing[0].id if signing else "",
    }
    form = Form(inputs.BeginCopy, initial=initial)
    if copy := form.submit(lambda given: court.begin_copy(writing(), actor(), code, given)):
        return see_other(url_for("copies.show", copy_id=copy.id))
    return _choosing(form, case, found)


@blueprint.route("/copies/<uuid:copy_id>/choose", methods=["GET", "POST"])
@requires(FORM)
def choose(copy_id: UUID) -> str | Answer | tuple[str, int]:
    """Choose the pieces of a draft again; those that stay keep their place."""
    copy, case = _read(copy_id)
    copy.require_draft()
    rows = court.rows_of(session(), copy)
    initial = {
        "pieces": [f"{row.kind.value}:{row.piece_id}" for row in rows],
        "court_id": copy.court_id or "",
        "court": "" if copy.court_id else copy.court,
        "court_number": copy.court_number,
        "signer_id": copy.signer_id or "",
    }
    form = Form(inputs.BeginCopy, initial=initial, version=copy.row_version)
    if form.done(lambda given: court.choose_again(writing(), actor(), copy_id, given)):
        return see_other(url_for("copies.show", copy_id=copy_id))
    return _choosing(form, case, court.offered(session(), actor(), case), copy)


def _choosing(
    form: Form[inputs.BeginCopy],
    case: Case,
    found: list[Candidate],
    copy: CourtCopy | None = None,
) -> tuple[str, int]:
    return form.page(
        "copies/choose.html",
        case=case,
        copy=copy,
        found=found,
        chosen=set(form.values("pieces")),
        courts=court.courts(session()),
        signers=[
            (str(each.id), f"{each.name}, {each.post}" if each.post else each.name)
            for each in court.signers(session(), actor())
        ],
        labels=labels,
        most=settings().copy_mb,
    )


@blueprint.route("/copies/<uuid:copy_id>", methods=["GET", "POST"])
@requires(FORM)
def show(copy_id: UUID) -> str | Answer | tuple[str, int]:
    """Order the pieces of a draft; show a copy that was formed, with its folios and its receipt."""
    copy, case = _read(copy_id)
    form = Form(inputs.ArrangeCopy, version=copy.row_version)
    if form.done(lambda given: court.arrange_copy(writing(), actor(), copy_id, given)):
        return see_other(url_for("copies.show", copy_id=copy_id))
    shown = court.named_rows(session(), copy)
    places = dict(zip(form.values("piece"), form.values("place"), strict=False))
    template = "copies/arrange.html" if copy.is_draft else "copies/show.html"
    return form.page(
        template,
        case=case,
        copy=copy,
        number=court.number_of(copy),
        inside=[each for each in shown if each[0].choice is Choice.INCLUDED],
        withheld=[each for each in shown if each[0].choice is not Choice.INCLUDED],
        places=places,
        documents=list_for_piece(session(), actor(), COURT_COPY, copy.id),
        problem=labels.COPY_PROBLEM.get(copy.problem, ""),
        labels=labels,
    )


@blueprint.route("/copies/<uuid:copy_id>/withhold/<uuid:piece_id>", methods=["GET", "POST"])
@requires(FORM)
def withhold(copy_id: UUID, piece_id: UUID) -> str | Answer | tuple[str, int]:
    """Keep a piece out of a copy by a reasoned resolution."""
    _copy, case = _read(copy_id)
    copy, row = court.to_withhold(session(), actor(), copy_id, piece_id)
    form = Form(inputs.WithholdPiece)
    if form.done(
        lambda given: court.withhold_piece(writing(), actor(), copy_id, piece_id, why=given.why)
    ):
        return see_other(url_for("copies.show", copy_id=copy_id))
    title = court.title_of(session(), copy, row)
    return form.page("copies/withhold.html", case=case, copy=copy, title=title)


@blueprint.route("/copies/<uuid:copy_id>/form", methods=["GET", "POST"])
@fresh
@requires(FORM)
def form_copy(copy_id: UUID) -> str | Answer:
    """Show what a copy will hold, a last time; then ask the worker to form it."""
    if request.method == "POST":
        court.ask_to_form(writing(), actor(), copy_id)
        return see_other(url_for("copies.show", copy_id=copy_id))
    copy, case = _read(copy_id)
    copy.require_draft()
    rows = court.rows_of(session(), copy)
    return page(
        "copies/form.html",
        case=case,
        copy=copy,
        inside=sum(row.choice is Choice.INCLUDED for row in rows),
        named=sum(row.choice is not Choice.INCLUDED for row in rows),
    )


@blueprint.post("/copies/<uuid:copy_id>/discard")
@requires(FORM)
def discard(copy_id: UUID) -> Answer:
    """Leave a draft."""
    _copy, case = _read(copy_id)
    court.discard_copy(writing(), actor(), copy_id)
    return see_other(url_for("copies.copies", code=case.code))


@blueprint.route("/copies/<uuid:copy_id>/deliver", methods=["GET", "POST"])
@takes_files
@requires(FORM)
def deliver(copy_id: UUID) -> str | Answer | tuple[str, int]:
    """Record that the court received a copy, with its receipt; the term is then met."""
    copy, case, _formed_at = court.to_deliver(session(), actor(), copy_id)
    form = Form(inputs.DeliverCopy, initial={"delivered_at": clock.now()}, version=copy.row_version)
    content = taken(form, required=False)
    if form.done(lambda given: court.deliver_copy(writing(), actor(), copy_id, given, content)):
        return see_other(url_for("copies.show", copy_id=copy_id))
    terms = court.running_terms(session(), case)
    return form.page(
        "copies/deliver.html",
        case=case,
        copy=copy,
        number=court.number_of(copy),
        terms=terms,
        is_late=any(term.due_at < clock.now() for term in terms),
    )
