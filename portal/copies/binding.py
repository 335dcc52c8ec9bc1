"""Puts files of a case on the folios of a copy, in a process of its own: `python -I binding.py`.

Two jobs. `measure` reads one file from standard input and answers with a line of JSON: how wide
and high each of its pages is as a reader shows it, or why it cannot be put on paper. `bind` reads a
line of JSON, the drawn folios and then the files; it answers with a line of JSON and the whole PDF.

PDFs come from outside: what breaks a reader of PDF ends this process and no other, within limits of
memory and time; nothing here may import the portal. A page is set onto its folio as a picture of
itself, smaller where it must be, so that number and foot are never written over it; what a reader
would run, and links, stay behind, while stamps, filled fields and signatures are drawn as shown.
"""

import io
import json
import os
import resource
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

MOST_PAGES = 2_000
ADDRESS_SPACE = 640 * 1024 * 1024
CPU_SECONDS = {"measure": 20, "bind": 150}
# What the number of the folio above and the foot below keep free of a sheet, in points.
TOP, BOTTOM, SIDE = 52.0, 40.0, 26.0
# An image is set at this many dots an inch unless the sheet is smaller.
POINTS_A_PIXEL = 0.75
HIDDEN, UNSEEN = 2, 32
UNDRAWN = ("/Link", "/Popup")
NAME = "/Pieza"

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]


class Refused(Exception):
    """The file cannot be put on paper; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# Pages of a PDF.


def pages_of(data: bytes) -> Sequence[Any]:
    """Return the pages of a PDF; raises Refused for one that is locked, empty or without end."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise Refused("protected")
    count = len(reader.pages)
    if not count:
        raise Refused("empty")
    if count > MOST_PAGES:
        raise Refused("long")
    return reader.pages


def box_of(page: Any) -> Box:
    """Return what a reader shows of a page."""
    box, whole = page.cropbox, page.mediabox
    left, right = sorted((float(box.left), float(box.right)))
    bottom, top = sorted((float(box.bottom), float(box.top)))
    if right - left < 1 or top - bottom < 1:
        left, right = sorted((float(whole.left), float(whole.right)))
        bottom, top = sorted((float(whole.bottom), float(whole.top)))
    if right - left < 1 or top - bottom < 1:
        raise Refused("unreadable")
    return left, bottom, right, top


def shown(page: Any) -> tuple[Matrix, float, float]:
    """Return how a page is turned upright from its corner, and its width and height then."""
    left, bottom, right, top = box_of(page)
    width, height = right - left, top - bottom
    turned = int(page.rotation) % 360
    if turned == 90:
        return (0, -1, 1, 0, -bottom, right), height, width
    if turned == 180:
        return (-1, 0, 0, -1, right, top), width, height
    if turned == 270:
        return (0, 1, -1, 0, top, -left), height, width
    return (1, 0, 0, 1, -left, -bottom), width, height


def as_picture(writer: Any, page: Any) -> Any:
    """Return a page as one object that draws it, with what its annotations show."""
    from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject

    contents = page.get_contents()
    drawn = b"q\n" + (contents.get_data() if contents is not None else b"") + b"\nQ\n"
    resources = page.get("/Resources")
    held = resources.get_object().clone(writer) if resources is not None else DictionaryObject()
    if not isinstance(held, DictionaryObject):
        held = DictionaryObject()
    # A list of pictures that two pages share is not added to: this page has its own.
    pictures = DictionaryObject(held.get("/XObject", DictionaryObject()).get_object())
    held = DictionaryObject(held)
    for number, annotation in enumerate(annotations(page)):
        found = appearance(annotation)
        if found is None:
            continue
        form, matrix = found
        name = f"/Anota{number}"
        pictures[NameObject(name)] = form.clone(writer).indirect_reference
        drawn += f"q {numbers(matrix)} cm {name} Do Q\n".encode()
    held[NameObject("/XObject")] = pictures
    picture = packed(drawn)
    picture[NameObject("/Type")] = NameObject("/XObject")
    picture[NameObject("/Subtype")] = NameObject("/Form")
    picture[NameObject("/BBox")] = ArrayObject([FloatObject(each) for each in box_of(page)])
    picture[NameObject("/Resources")] = held
    if "/Group" in page:
        picture[NameObject("/Group")] = page["/Group"].get_object().clone(writer)
    return picture


def packed(data: bytes) -> Any:
    """Return a compressed stream."""
    from pypdf.generic import DecodedStreamObject

    stream = DecodedStreamObject()
    stream.set_data(data)
    return stream.flate_encode()


def annotations(page: Any) -> list[Any]:
    """Return what lies on a page and is shown: stamps, filled fields, signatures, notes."""
    listed = page.get("/Annots")
    found = []
    within: Any = listed.get_object() if listed is not None else ()
    for each in within:
        annotation = each.get_object()
        flags = int(annotation.get("/F", 0))
        if annotation.get("/Subtype") not in UNDRAWN and not flags & (HIDDEN | UNSEEN):
            found.append(annotation)
    return found


def appearance(annotation: Any) -> tuple[Any, Matrix] | None:
    """Return what draws an annotation and how it is set into its place (ISO 32000-1, 12.5.5)."""
    from pypdf.generic import StreamObject

    looks, place = annotation.get("/AP"), annotation.get("/Rect")
    if looks is None or place is None:
        return None
    form = looks.get_object().get("/N")
    form = form.get_object() if form is not None else None
    if form is not None and not isinstance(form, StreamObject):
        state = annotation.get("/AS")
        form = form.get(state) if state is not None else None
        form = form.get_object() if form is not None else None
    if not isinstance(form, StreamObject) or "/BBox" not in form:
        return None
    box: Any = form["/BBox"]
    a, b, c, d, e, f = (float(each) for each in form.get("/Matrix", (1, 0, 0, 1, 0, 0)))
    x0, y0, x1, y1 = (float(each) for each in box)
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (x0, x1) for y in (y0, y1)]
    left, bottom = min(x for x, _y in corners), min(y for _x, y in corners)
    width = max(x for x, _y in corners) - left
    height = max(y for _x, y in corners) - bottom
    rx0, ry0, rx1, ry1 = (float(each) for each in place.get_object())
    if width <= 0 or height <= 0:
        return None
    wide, high = abs(rx1 - rx0) / width, abs(ry1 - ry0) / height
    corner = min(rx0, rx1) - left * wide, min(ry0, ry1) - bottom * high
    return form, (wide, 0, 0, high, *corner)


def numbers(matrix: Sequence[float]) -> str:
    """Return a matrix as it is written."""
    return " ".join(f"{each:.5f}".rstrip("0").rstrip(".") for each in matrix)


# Images.


def image_of(data: bytes, kind: str) -> tuple[Any, int, int]:
    """Return an image as an object that draws it, one unit wide and high, and its pixels."""
    from PIL import Image
    from pypdf.generic import DecodedStreamObject, NameObject, NumberObject

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(data), formats=[{"jpg": "JPEG"}.get(kind, "PNG")]) as image:
        width, height = image.size
        if kind == "jpg" and image.mode in ("L", "RGB"):
            mode, stream = image.mode, DecodedStreamObject()
            stream.set_data(data)
            stream[NameObject("/Filter")] = NameObject("/DCTDecode")
        else:
            plain = on_white(image)
            mode, stream = plain.mode, packed(plain.tobytes())
    colours = "/DeviceGray" if mode == "L" else "/DeviceRGB"
    for name, value in (
        ("/Type", NameObject("/XObject")),
        ("/Subtype", NameObject("/Image")),
        ("/Width", NumberObject(width)),
        ("/Height", NumberObject(height)),
        ("/BitsPerComponent", NumberObject(8)),
        ("/ColorSpace", NameObject(colours)),
    ):
        stream[NameObject(name)] = value
    return stream, width, height


def on_white(image: Any) -> Any:
    """Return an image in grey or colour; what is transparent shows paper."""
    from PIL import Image

    if image.mode in ("1", "L"):
        return image.convert("L")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        whole = image.convert("RGBA")
        ground = Image.new("RGB", whole.size, "white")
        ground.paste(whole, mask=whole.getchannel("A"))
        return ground
    return image.convert("RGB")


# The two jobs.


def measure(data: bytes, kind: str) -> list[tuple[float, float]]:
    """Return the width and height of each page; all that binding needs is tried once."""
    from pypdf import PdfWriter

    if kind != "pdf":
        _image, across, down = image_of(data, kind)
        return [(across * POINTS_A_PIXEL, down * POINTS_A_PIXEL)]
    tried = PdfWriter()
    sizes: list[tuple[float, float]] = []
    for page in pages_of(data):
        _matrix, width, height = shown(page)
        as_picture(tried, page)
        sizes.append((width, height))
    return sizes


def place(folio: Any, picture: Any, matrix: Matrix, size: tuple[float, float]) -> None:
    """Set a picture onto a folio, under what stands there: as large as it is, or as fits."""
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject

    sheet = folio.mediabox
    room = float(sheet.width) - 2 * SIDE, float(sheet.height) - TOP - BOTTOM
    scale = min(room[0] / size[0], room[1] / size[1], 1.0)
    x = (float(sheet.width) - size[0] * scale) / 2
    y = float(sheet.height) - TOP - size[1] * scale
    a, b, c, d, e, f = matrix
    set_at = (a * scale, b * scale, c * scale, d * scale, e * scale + x, f * scale + y)
    writer = folio.pdf
    resources = DictionaryObject(folio.get("/Resources", DictionaryObject()).get_object())
    pictures = DictionaryObject(resources.get("/XObject", DictionaryObject()).get_object())
    pictures[NameObject(NAME)] = writer._add_object(picture)
    resources[NameObject("/XObject")] = pictures
    folio[NameObject("/Resources")] = resources
    ours = writer._add_object(packed(f"q {numbers(set_at)} cm {NAME} Do Q\n".encode()))
    drawn = folio.get("/Contents")
    drawn = drawn if drawn is not None else ArrayObject()
    rest = drawn.get_object()
    theirs = list(rest) if isinstance(rest, ArrayObject) else [folio.raw_get("/Contents")]
    folio[NameObject("/Contents")] = ArrayObject([ours, *theirs])


def bind(told: dict[str, Any], source: BinaryIO, out: BinaryIO) -> None:
    """Put each file on its folios and write the whole."""
    from pypdf import PdfReader, PdfWriter

    base = PdfReader(io.BytesIO(exactly(source, told["base"])))
    writer = PdfWriter(clone_from=base)
    # Covers and certificates have one page each; the index, behind the first cover, has the rest.
    index = len(writer.pages) - told["sheets"]
    if index < 1:
        raise Refused("unreadable")
    folios = list(writer.pages)
    for part in told["parts"]:
        data = exactly(source, part["size"])
        numbered = [folios[at + index if at else 0] for at in part["at"]]
        if part["kind"] == "pdf":
            for page, folio in zip(pages_of(data), numbered, strict=True):
                matrix, width, height = shown(page)
                place(folio, as_picture(writer, page), matrix, (width, height))
        else:
            picture, across, down = image_of(data, part["kind"])
            wide, high = across * POINTS_A_PIXEL, down * POINTS_A_PIXEL
            place(numbered[0], picture, (wide, 0, 0, high, 0, 0), (wide, high))
        del data
    for title, at in told["outline"]:
        writer.add_outline_item(title=title, page_number=at + index if at else 0)
    out.write(b'{"bound": true}\n')
    counted: Any = Counted(out)
    writer.write(counted)


class Counted:
    """Standard output, which says how far it is."""

    def __init__(self, out: BinaryIO) -> None:
        self.out, self.size = out, 0
        self.mode, self.name = "wb", "copy"

    def write(self, data: bytes) -> int:
        """Pass bytes on."""
        self.out.write(data)
        self.size += len(data)
        return len(data)

    def tell(self) -> int:
        """Return how many bytes went out."""
        return self.size

    def seek(self, _place: int, _whence: int = 0) -> int:
        """Stay: nothing is written twice."""
        return self.size

    def flush(self) -> None:
        """Pass on what waits."""
        self.out.flush()


def exactly(source: BinaryIO, size: int) -> bytes:
    """Return so many bytes; raises Refused where fewer come."""
    data = source.read(size)
    if len(data) != size:
        raise Refused("unreadable")
    return data


# The process.


def limit(job: str) -> None:
    """Bound what files may cost: memory, time, and no file written."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS[job], CPU_SECONDS[job] + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)


def main() -> int:
    """Do one job."""
    import logging

    logging.disable(logging.CRITICAL)
    job, source, out = sys.argv[1], sys.stdin.buffer, sys.stdout.buffer
    limit(job)
    try:
        if job == "measure":
            told: dict[str, Any] = {"pages": measure(source.read(), sys.argv[2])}
            out.write(json.dumps(told).encode() + b"\n")
        else:
            bind(json.loads(source.readline()), source, out)
    except Refused as refused:
        out.write(json.dumps({"refused": refused.code}).encode() + b"\n")
    except MemoryError:
        out.write(b'{"refused": "large"}\n')
    except Exception:
        out.write(b'{"refused": "unreadable"}\n')
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
