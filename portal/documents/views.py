"""Pages of documents: those of a case, one with its versions, and the files themselves."""

import logging
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.wrappers import Response as Answer

from portal.access.queries import case_workers
from portal.cases import labels as case_labels
from portal.cases.models import Case, Circle, Level
from portal.cases.queries import (
    case_to_act,
    find_case,
    list_children,
    list_parties,
    readers_of,
)
from portal.documents import inputs, labels, pieces, queries, services
from portal.documents.labels import REFUSED
from portal.documents.models import Document
from portal.documents.receiving import Content, Refused
from portal.errors import Invalid, NotFound
from portal.sharing.circles import is_first_reader
from portal.web import (
    Form,
    actor,
    page,
    portal,
    require_proof,
    requires,
    see_other,
    session,
    taken,
    takes_files,
    writing,
)

log = logging.getLogger(__name__)
blueprint = Blueprint("documents", __name__)

READ = "documents.document.read"
FILE = "documents.document.file"
# What a slow line loses when it is cut; a piece stays in memory.
PIECE = 400_000
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
MIMES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
}


def _open(code: str, *levels: Level) -> tuple[Case, dict[str, Any]]:
    """Return a case whose documents are read or filed, and what its pages show.

    Raises as `case_to_act`.
    """
    case, access = case_to_act(session(), actor(), code, *levels)
    return case, {"case": case, "access": access, "labels": labels, "case_labels": case_labels}


@blueprint.get("/cases/<code>/documents")
@requires(READ)
def index(code: str) -> str:
    """List the documents of a case, the newest first."""
    case, shown = _open(code)
    rows = queries.list_for_case(session(), actor(), case, shown["access"])
    return page("documents/index.html", rows=rows, pieces=pieces.known(), **shown)


@blueprint.route("/cases/<code>/documents/new", methods=["GET", "POST"])
@takes_files
@requires(FILE)
def new(code: str) -> str | Answer | tuple[str, int]:
    """File a document on a case; who will read it stands beside the choice of circle."""
    case, shown = _open(code, *Level)
    access = shown["access"]
    circle = access.circles[0].value if access.circles else ""
    form = Form(inputs.FileDocument, initial={"circle": circle})
    content = taken(form)
    if document := form.submit(
        lambda given: services.file_document(writing(), actor(), case.id, given, _required(content))
    ):
        return see_other(url_for("documents.show", document_id=document.id))
    parties = list_parties(session(), actor(), case, access)
    return form.page(
        "documents/new.html",
        children_choices=[
            (str(child.person_id), f"{child.label}, {child.age_text}")
            for child in list_children(session(), actor(), case)
        ],
        colleagues=[
            (str(user_id), name)
            for user_id, name in case_workers(session(), actor().agency_id)
            if user_id != actor().user_id
        ],
        circles=[(each.value, case_labels.CIRCLE[each]) for each in access.circles],
        readers=readers_of(parties, access, actor().agency_name),
        **shown,
    )


def _required(content: Content | None) -> Content:
    """Return the file; a form without one was refused before it acts."""
    if content is None:
        raise NotFound
    return content


def _read(document_id: UUID) -> tuple[Document, dict[str, Any]]:
    """Return a document that the actor reads, and its piece."""
    document = queries.get_document(session(), actor(), document_id)
    entry = queries.entry_of(session(), document)
    is_sealed = entry is not None and entry.circle is Circle.SEALED
    if entry is not None and is_sealed and not is_first_reader(session(), actor(), entry):
        require_proof()
    case = find_case(session(), actor(), document.case_id) if document.case_id else None
    return document, {
        "document": document,
        "title": queries.title_of(session(), document),
        "entry": entry,
        "case": case,
        "piece": pieces.known().get(document.piece),
        "labels": labels,
        "case_labels": case_labels,
        "replaces": actor().may(FILE) and services.may_replace(actor(), document, entry, case),
    }


@blueprint.get("/documents/<uuid:document_id>")
@requires(READ)
def show(document_id: UUID) -> str:
    """Show what a document is, who filed it, its preview, its versions and their hashes."""
    document, shown = _read(document_id)
    return page("documents/show.html", versions=queries.list_versions(session(), document), **shown)


@blueprint.route("/documents/<uuid:document_id>/replace", methods=["GET", "POST"])
@takes_files
@requires(FILE)
def replace(document_id: UUID) -> str | Answer | tuple[str, int]:
    """Put a new version on a document; the last one stays."""
    document, shown = _read(document_id)
    services.must_replace(actor(), document, shown["entry"], shown["case"])
    form = Form(inputs.NewVersion, version=document.row_version)
    content = taken(form)
    if form.done(
        lambda _given: services.add_version(writing(), actor(), document_id, _required(content))
    ):
        return see_other(url_for("documents.show", document_id=document_id))
    return form.page("documents/replace.html", **shown)


@blueprint.get("/documents/<uuid:document_id>/<int(max=999):number>")
@requires(READ)
def download(document_id: UUID, number: int) -> Response:
    """Hand out a version of a document, as a file to keep and never as a page."""
    return _handed_out(document_id, number, preview=False)


@blueprint.get("/documents/<uuid:document_id>/<int(max=999):number>/preview")
@requires(READ)
def preview(document_id: UUID, number: int) -> Response:
    """Hand out the small picture of an image, which the document's page shows."""
    return _handed_out(document_id, number, preview=True)


def _handed_out(document_id: UUID, number: int, *, preview: bool) -> Response:
    document, shown = _read(document_id)
    lying = queries.file_of(session(), document, number, preview=preview)
    case: Case | None = shown["case"]
    # Codes and numbers only: a name in a folder of downloads would tell whose file it is.
    name = f"{case.code if case else 'articula'}-{document.id.hex[-6:]}-v{number}.{lying.format}"
    return Response(
        portal().files.read(lying.name, lying.key),
        mimetype=MIMES[lying.format.value],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(lying.size),
            "Content-Security-Policy": SANDBOX,
        },
    )


@blueprint.post("/uploads")
@requires(FILE)
def begin() -> tuple[Response, int]:
    """Begin a file that arrives in pieces; the form that it is for comes afterwards."""
    form = Form(inputs.BeginUpload)
    given = form.read()
    if given is None:
        return _wrong(REFUSED["choose"])
    try:
        upload = services.begin_upload(writing(), actor(), portal().files, given)
    except Refused as refused:
        return _wrong(REFUSED[refused.code])
    except Invalid as error:
        return _wrong(error.problems[0].message)
    return jsonify(id=str(upload.id), received=0, piece=PIECE), 200


def _wrong(message: Any) -> tuple[Response, int]:
    return jsonify(message=str(message)), 422


@blueprint.get("/uploads/<uuid:upload_id>")
@requires(FILE)
def received(upload_id: UUID) -> Response:
    """Say how much of an upload has come, for a line that was cut."""
    return jsonify(received=queries.get_upload(session(), actor(), upload_id).received)


@blueprint.post("/uploads/<uuid:upload_id>")
@requires(FILE)
def feed(upload_id: UUID) -> tuple[Response, int]:
    """Take the next piece of an upload; one that begins elsewhere is answered with where it is."""
    upload = queries.get_upload(session(), actor(), upload_id)
    sent, offset = request.files.get("piece"), request.form.get("offset", "")
    if sent is None or offset != str(upload.received):
        return jsonify(received=upload.received), 409
    try:
        end = services.feed(session(), upload, portal().files, sent.stream.read(PIECE + 1))
    except Invalid as error:
        return _wrong(error.problems[0].message)
    except OSError:
        log.exception("a piece of an upload could not be written")
        # It cannot go on: its room is given back at once, and its row goes with those that wait.
        portal().files.remove(upload.file)
        return _wrong(REFUSED["room"])
    before = upload.received
    services.note_received(writing(), actor(), upload_id, before, end)
    return jsonify(received=end.size), 200
