"""Documents in the demonstration: a report of a health centre and the photograph of a register."""

import io
from typing import TYPE_CHECKING

from portal import clock, paper
from portal.cases.models import Circle
from portal.cases.queries import children_of
from portal.db.files import FileStore
from portal.documents.inputs import FileDocument
from portal.documents.receiving import check
from portal.documents.services import file_document

if TYPE_CHECKING:
    from portal.demo.world import Builder

CASE = "hermanos"


def make_documents(made: "Builder") -> None:
    """Let the institution in charge have filed a report on paper and a photograph of a page.

    Both go the way of every file that is sent: looked at in a process of its own, the photograph
    drawn anew, and encrypted in the store.
    """
    from portal.demo.world import ago

    case_id = made.cases[CASE]
    store = FileStore(made.settings.files_path)
    for days, title, data, suffix in (
        (3, "Informe de atención del centro de salud", _report(), "pdf"),
        (2, "Fotografía de la ficha de matrícula", _photograph(), "jpg"),
    ):
        with made.acting("upe", ago(days)) as (session, actor):
            eldest = children_of(session, [case_id])[case_id][0].person_id
            sent = store.write([data])
            content = check(store, sent, suffix)
            if content.file.name != sent.name:
                store.remove(sent.name)
            given = FileDocument(
                title=title,
                happened_at=clock.now(),
                person_id=eldest,
                circle=Circle.TEAM,
            )
            file_document(session, actor, case_id, given, content)


def _report() -> bytes:
    """Return a page as a health centre would print it, of nobody who lives."""
    return paper.draw(
        "piece.typ",
        {
            "title": "Informe de atención N.° 214-2026",
            "kind": "Centro de Salud de la demostración",
            "facts": [
                ["Servicio", "Crecimiento y desarrollo"],
                ["Fecha", f"{clock.today():%d/%m/%Y}"],
            ],
            "text": "Se atendió en el control de crecimiento y desarrollo, con su familiar.\n"
            "Tiene las vacunas de su edad, salvo un refuerzo, que se programó.",
            "struck": "",
            "notes": ["Documento ficticio, elaborado para la demostración."],
        },
    )


def _photograph() -> bytes:
    """Return the photograph of a page: ruled paper on a table."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (900, 1200), "#8a6f52")
    pen = ImageDraw.Draw(image)
    pen.rectangle((90, 90, 810, 1110), fill="#f7f4ea")
    pen.text((150, 150), "FICHA ESCOLAR 2026", fill="#1c2b3a", font_size=34)
    pen.text((150, 210), "Documento ficticio de muestra", fill="#1c2b3a", font_size=22)
    for line in range(300, 1060, 60):
        pen.line((150, line, 750, line), fill="#9db0c4", width=2)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
