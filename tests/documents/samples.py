"""Files as people send them, and as nobody should."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache

from PIL import Image
from PIL.Image import Exif

PLACE = b"Jr. Escondido 123"
TYPES = (
    b'<?xml version="1.0"?><Types><Override ContentType="application/vnd.openxmlformats-'
    b'officedocument.wordprocessingml.document.main+xml"/></Types>'
)


@cache
def photo(width: int = 320, height: int = 200, form: str = "JPEG") -> bytes:
    """Return a photograph taken with the camera on its side, which says where it was taken."""
    exif = Exif()
    exif[0x0112] = 6
    exif[0x010E] = PLACE.decode()
    where = exif.get_ifd(0x8825)
    where[1], where[2], where[3], where[4] = "S", (6.0, 29.0, 12.0), "W", (76.0, 21.0, 9.0)
    out = io.BytesIO()
    image = Image.new("RGB", (width, height), "teal")
    image.paste("white", (0, 0, width // 4, height // 4))
    beside = {"comment": PLACE} if form == "JPEG" else {}
    image.save(out, form, exif=exif, **beside)
    return out.getvalue()


def pdf(inner: bytes = b"<< /Type /Catalog >>", head: bytes = b"%PDF-1.7\n") -> bytes:
    """Return a small PDF whose one object is given."""
    body = head + b"1 0 obj\n" + inner + b"\nendobj\n"
    return body + b"trailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def packed_list(text: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    """Return a PDF with a compressed list of objects."""
    stream = zlib.compress(text)
    said = b"<< /Type /ObjStm /N 1 /First 4 /Filter " + filters + b" >>\n"
    return pdf(said + b"stream\n" + stream + b"\nendstream")


def office(parts: Mapping[str, bytes] | None = None, **without: bytes) -> bytes:
    """Return a text document of the parts given, beside those that make it one."""
    out = io.BytesIO()
    whole = {
        "[Content_Types].xml": TYPES,
        "word/document.xml": b"<w:document>Oficio</w:document>",
        **(parts or {}),
        **without,
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return out.getvalue()


def odt() -> bytes:
    """Return a text document of the other office."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<office/>", zipfile.ZIP_DEFLATED)
        archive.writestr("META-INF/manifest.xml", "<manifest/>", zipfile.ZIP_DEFLATED)
    return out.getvalue()
