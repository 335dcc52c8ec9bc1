"""Words for documents: what they are, and why a file is not taken."""

from portal.documents.models import Format
from portal.texts import _l

FORMAT = {
    Format.JPEG: _l("Photograph or scan (JPEG)"),
    Format.PNG: _l("Image (PNG)"),
    Format.PDF: _l("PDF"),
    Format.DOCX: _l("Text (DOCX)"),
    Format.XLSX: _l("Sheet (XLSX)"),
    Format.ODT: _l("Text (ODT)"),
}
REFUSED = {
    "choose": _l("Choose the file."),
    "empty": _l("This file is empty. Choose it again."),
    "large": _l("It is larger than 20 MB. Scan it in grey, or send it in parts."),
    "kind": _l("This kind of file is not taken. Send a JPEG, PNG, WebP, PDF, DOCX, XLSX or ODT."),
    "name": _l("The file's name leads to another folder. Give it a plain name and send it again."),
    "differs": _l("Its content is not what its name says. Save it anew in its right format."),
    "two": _l("It is two kinds of file in one. Save it anew and send that."),
    "pixels": _l(
        "The image is too large: at most 40 megapixels, 12 for WebP or with transparency."
    ),
    "moving": _l("It is a moving image. Send a photograph or a scan."),
    "bomb": _l("It unpacks to far more than a document holds. Save it as PDF and send that."),
    "paths": _l("It holds names that lead out of the file. Save it anew and send that."),
    "protected": _l("It is protected by a password. Save it without and send that."),
    "active": _l(
        "It carries programs, other files or remote content. Print it to PDF and send that."
    ),
    "unreadable": _l("It is cut off or damaged. Open it to see that it is whole; send it again."),
    "room": _l("The portal has no room for it now: tell who keeps it. Nothing was saved."),
    "gone": _l("The upload was not finished, or too long ago. Choose the file again."),
}
