"""Looks at a file that somebody sent, in a process of its own: `python -I inspecting.py SUFFIX`.

Reads the file from standard input and answers on standard output with one line of JSON, then the
bytes to keep where the file was an image. A file that breaks a decoder ends this process and no
other, within limits of memory and time; nothing here may import the portal.

Bytes decide what a file is, and its name must agree. Images are turned upright and drawn anew, so
that nothing stays of what a camera wrote beside the picture (a place is a home). PDF and office
files are looked through for what runs, what is hidden and what unpacks without end; they are kept
as they came and never shown by the portal.
"""

import io
import json
import os
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

MOST_PIXELS = 40_000_000
# A decoder of WebP holds the picture three times, and transparency is counted out in a copy.
MOST_LAYERED_PIXELS = 12_000_000
# Beyond this an image is kept at half its sides: a page at 300 dots an inch has 8.7 million.
HALVED_ABOVE = 20_000_000
# A drawing of few colours stays PNG; a photograph of this size would only be larger.
LARGEST_PNG = 4_000_000
MOST_BYTES = 20 * 1024 * 1024
PREVIEW_SIDE = 1280
# How a camera was held, and how the picture is turned upright (Exif 2.32, tag 0x0112).
ORIENTATION = 0x0112
TURNED = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
QUALITY, PREVIEW_QUALITY = 90, 80

MOST_PARTS = 2_000
MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 200
RATIO_FROM = 1024 * 1024
BLOCK = 64 * 1024

ADDRESS_SPACE = 768 * 1024 * 1024
CPU_SECONDS = 40

HEAD, TAIL = 1024, 65_557
ZIP_START, ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
FOREIGN = (b"<html", b"<script", b"<svg", b"<!doctype", b"<?php", b"%pdf-")
# What Word and Excel wrap around a file with a password.
LOCKED = b"\xd0\xcf\x11\xe0"

OFFICE = {
    "docx": (b"word/document.xml", b"wordprocessingml.document.main+xml"),
    "xlsx": (b"xl/workbook.xml", b"spreadsheetml.sheet.main+xml"),
}
ODT = b"application/vnd.oasis.opendocument.text"
PARTS = re.compile(
    r"(\.(xml|rels|png|jpe?g|gif|bmp|tiff?|emf|wmf|wdp|svg|webp|vml|odttf|ttf|rdf|svm|txt)"
    r"|printerSettings\d*\.bin|/|mimetype|layout-cache|ObjectReplacements/[^/]+)$",
    re.IGNORECASE,
)
PROGRAMS = re.compile(
    r"(vbaProject|vbaData|/activeX/|^Basic/|^Scripts/|/macrosheets/|/dialogsheets/)", re.IGNORECASE
)
REMOTE = re.compile(rb'TargetMode\s*=\s*["\']External["\']', re.IGNORECASE)
RELATION = re.compile(rb"<[^>]*Relationship\s[^>]*>", re.IGNORECASE)
LINK = re.compile(rb"relationships/hyperlink[\"']", re.IGNORECASE)
RUNNING = (b"DDEAUTO", b"macroEnabled", b"script:event-listener", b"<!ENTITY")

PDF_RUNS = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|XFA)(?=[\s/<>\[\](])"
)
PDF_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
PDF_ODD_NAME = re.compile(rb"/[A-Za-z0-9]*#[A-Za-z0-9#]+")
PDF_STREAM = re.compile(rb"(?<!end)stream(?=[\r\n ])")
PDF_LIST = re.compile(rb"/(ObjStm|First)\b")
PDF_FILTER = re.compile(rb"/Filter\s*(\[[^\]]*\]|/\w+)")
LONGEST_OBJECT = 64 * 1024
PDF_START = re.compile(rb"%PDF-[12]\.\d")


class Refused(Exception):
    """The file is not taken; `code` says why, in `portal.documents.labels` in words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def inspect(data: bytes, suffix: str) -> tuple[dict[str, Any], list[bytes]]:
    """Return what the file is and what to keep of it (nothing: as it came); raises Refused."""
    if not data:
        raise Refused("empty")
    if len(data) > MOST_BYTES:
        raise Refused("large")
    found = kind_of(data)
    if data.startswith(LOCKED) and suffix in OFFICE:
        raise Refused("protected")
    if found is None:
        raise Refused("kind")
    if {"jpeg": "jpg"}.get(suffix, suffix) != found and not (
        found == "zip" and suffix in (*OFFICE, "odt")
    ):
        raise Refused("differs")
    if found == "zip":
        look_through_office(data, suffix)
        return {"format": suffix}, []
    refuse_two_in_one(data, found)
    if found == "pdf":
        look_through_pdf(data)
        return {"format": "pdf"}, []
    return draw_anew(data, found)


def kind_of(data: bytes) -> str | None:
    """Return what the first bytes say."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if PDF_START.match(data):
        return "pdf"
    return "zip" if data.startswith(ZIP_START) else None


def refuse_two_in_one(data: bytes, found: str) -> None:
    """Refuse what another program would read as something else (a polyglot)."""
    head = data[1:HEAD].lower()
    if ZIP_END in data[-TAIL:] or any(mark in head for mark in FOREIGN):
        raise Refused("two")
    if found != "pdf" and b"%PDF-" in data[:HEAD]:
        raise Refused("two")


# Images.


def draw_anew(data: bytes, found: str) -> tuple[dict[str, Any], list[bytes]]:
    """Return an image drawn anew, upright and without what stood beside it, and its preview."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    if found == "webp" and webp_pixels(data) > MOST_LAYERED_PIXELS:
        raise Refused("pixels")
    plain, turned = decoded(data, found)
    if turned is not None:
        plain = plain.transpose(Image.Transpose[turned])
    plain.info = {}
    is_drawing = found == "png" and plain.width * plain.height <= LARGEST_PNG
    form = "PNG" if is_drawing or plain.mode == "RGBA" else "JPEG"
    kept, size = saved(plain, form, QUALITY), plain.size
    plain.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    if plain.mode == "RGBA":
        ground = Image.new("RGB", plain.size, "white")
        ground.paste(plain, mask=plain.getchannel("A"))
        plain = ground
    told = {"format": "png" if form == "PNG" else "jpg", "width": size[0], "height": size[1]}
    return told, [kept, saved(plain, "JPEG", PREVIEW_QUALITY)]


def decoded(data: bytes, found: str) -> tuple[Any, str | None]:
    """Return an image in plain colours, halved where it is very large, and how to turn it."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=[{"jpg": "JPEG"}.get(found, found.upper())]) as image:
        whole = image.size
        pixels = whole[0] * whole[1]
        if pixels > (MOST_LAYERED_PIXELS if is_layered(image) else MOST_PIXELS):
            raise Refused("pixels")
        if found != "jpg" and getattr(image, "n_frames", 1) > 1:
            raise Refused("moving")
        turned = TURNED.get(image.getexif().get(ORIENTATION, 1))
        if pixels > HALVED_ABOVE and found == "jpg":
            image.draft("RGB", (-(-whole[0] // 2), -(-whole[1] // 2)))
        plain = in_plain_mode(image)
    is_whole = plain.size == whole
    return (plain.reduce(2) if pixels > HALVED_ABOVE and is_whole else plain), turned


def is_layered(image: Any) -> bool:
    """Tell whether an image has transparency."""
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def webp_pixels(data: bytes) -> int:
    """Return the pixels that the header of a WebP promises, before a decoder makes room for them.

    Formats of the three kinds of chunk: RFC 9649 section 2.
    """
    chunk, body = data[12:16], data[20:]
    if chunk == b"VP8X" and len(body) >= 10:
        width = 1 + int.from_bytes(body[4:7], "little")
        height = 1 + int.from_bytes(body[7:10], "little")
    elif chunk == b"VP8 " and len(body) >= 10:
        width = int.from_bytes(body[6:8], "little") & 0x3FFF
        height = int.from_bytes(body[8:10], "little") & 0x3FFF
    elif chunk == b"VP8L" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    else:
        raise Refused("unreadable")
    return width * height


def in_plain_mode(image: Any) -> Any:
    """Decode an image into grey, colour, or colour with transparency."""
    image.load()
    mode = image.mode
    if mode.startswith("I") or mode == "F":
        return image.point(lambda value: value / 256).convert("L")
    if is_layered(image):
        return image if mode == "RGBA" else image.convert("RGBA")
    if mode in ("L", "RGB"):
        return image
    return image.convert("L" if mode == "1" else "RGB")


def saved(image: Any, form: str, quality: int) -> bytes:
    """Return the bytes of an image, without anything beside the picture."""
    out = io.BytesIO()
    if form == "PNG":
        image.save(out, "PNG", compress_level=6)
    else:
        image.save(out, "JPEG", quality=quality, optimize=False)
    return out.getvalue()


# Office files.


def look_through_office(data: bytes, suffix: str) -> None:
    """Refuse an office file that runs something, leads out of itself or unpacks without end."""
    end = data.rfind(ZIP_END)
    if end != len(data) - 22 or any(mark in data[:HEAD].lower() for mark in FOREIGN):
        raise Refused("two")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        refuse_parts(parts)
        told = read_parts(archive, parts, suffix)
    if not told:
        raise Refused("differs")


def refuse_parts(parts: list[zipfile.ZipInfo]) -> None:
    """Refuse by what the list of parts says."""
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refused("bomb")
    names = [part.filename for part in parts]
    if len(set(names)) != len(names):
        raise Refused("two")
    for part in parts:
        name = part.filename
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
            raise Refused("paths")
        if part.flag_bits & 0x1:
            raise Refused("protected")
        if part.file_size > max(RATIO_FROM, MOST_RATIO * part.compress_size):
            raise Refused("bomb")
        if PROGRAMS.search(name) or not PARTS.search(name):
            raise Refused("active")


def read_parts(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], suffix: str) -> bool:
    """Unpack every part for once, block by block; tell whether it is what its name says."""
    names, total = {part.filename.encode() for part in parts}, 0
    types = b""
    for part in parts:
        last = b""
        with archive.open(part) as opened:
            for block in blocks(opened):
                total += len(block)
                if total > MOST_UNPACKED:
                    raise Refused("bomb")
                refuse_running(part.filename, last + block)
                if part.filename in ("[Content_Types].xml", "mimetype"):
                    types += block
                last = block[-2048:]
    if suffix == "odt":
        return types.strip() == ODT and b"content.xml" in names
    main, mime = OFFICE[suffix]
    return main in names and mime in types


def refuse_running(name: str, block: bytes) -> None:
    """Refuse what fetches or runs something when the file is opened."""
    if not name.lower().endswith((".xml", ".rels")):
        return
    if any(mark in block for mark in RUNNING):
        raise Refused("active")
    if name.endswith(".rels"):
        for relation in RELATION.findall(block):
            if REMOTE.search(relation) and not LINK.search(relation):
                raise Refused("active")


def blocks(opened: Any) -> Iterator[bytes]:
    """Yield what an open file holds, block by block."""
    while block := opened.read(BLOCK):
        yield block


# PDF.


def look_through_pdf(data: bytes) -> None:
    """Refuse a PDF that runs something, carries other files, is protected or does not end.

    What stands in compressed lists of objects is unpacked; a list packed in a way that is not
    understood here is refused. Pictures and pages stay packed: nothing is run from there.
    """
    if b"%%EOF" not in data[-HEAD:] or b"startxref" not in data[-2 * HEAD :]:
        raise Refused("unreadable")
    if not data.rstrip(b"\0\t\n\r\x1a ").endswith(b"%%EOF"):
        raise Refused("two")
    written = spelt(outside_streams(data))
    if b"/Encrypt" in written:
        raise Refused("protected")
    # Also where something only pretends to be a stream.
    odd = b" ".join(spelt(name) for name in PDF_ODD_NAME.findall(data)) + b" "
    if any(PDF_RUNS.search(text) for text in (written, data, odd)):
        raise Refused("active")
    total = 0
    for start, described in streams(data):
        if not PDF_LIST.search(described):
            continue
        filters = PDF_FILTER.search(described)
        how = re.findall(rb"/(\w+)", filters[1]) if filters else []
        if how not in ([], [b"FlateDecode"]) or b"/Predictor" in described:
            raise Refused("active")
        text = unpacked(data, start) if how else b""
        total += len(text)
        if total > MOST_UNPACKED:
            raise Refused("bomb")
        if PDF_RUNS.search(spelt(text)):
            raise Refused("active")


def streams(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield where each stream begins, and what is said of it before."""
    for match in PDF_STREAM.finditer(data):
        before = match.start()
        start = max(data.rfind(b"endobj", 0, before), data.rfind(b"endstream", 0, before), 0)
        if before - start > LONGEST_OBJECT:
            raise Refused("unreadable")
        place = match.end()
        while data[place : place + 1] in (b"\r", b"\n", b" "):
            place += 1
        yield place, spelt(data[start:before])


def outside_streams(data: bytes) -> bytes:
    """Return a PDF without what its streams hold."""
    kept, place = [], 0
    for match in PDF_STREAM.finditer(data):
        if match.start() < place:
            continue
        kept.append(data[place : match.start()])
        end = data.find(b"endstream", match.end())
        place = len(data) if end < 0 else end
    kept.append(data[place:])
    return b"".join(kept)


def spelt(text: bytes) -> bytes:
    """Return a text with the signs of its names written out: `/J#61va` is `/Java`."""
    return PDF_NAME.sub(lambda match: bytes([int(match[1], 16)]), text)


def unpacked(data: bytes, start: int) -> bytes:
    """Return what a packed stream holds; raises Refused for one that goes on and on."""
    packer = zlib.decompressobj()
    text = packer.decompress(memoryview(data)[start:], MOST_UNPACKED // 4)
    if packer.unconsumed_tail:
        raise Refused("bomb")
    return text


# The process.


def limit() -> None:
    """Bound what a file may cost: memory, time, and no file written."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)


def answer(data: bytes, suffix: str, out: BinaryIO) -> None:
    """Write what was found; whatever a decoder makes of a bad file, it is refused."""
    kept: list[bytes] = []
    try:
        told, kept = inspect(data, suffix)
        told["sizes"] = [len(each) for each in kept]
    except Refused as refused:
        told = {"refused": refused.code}
    except MemoryError:
        told = {"refused": "pixels"}
    except Exception:
        told = {"refused": "unreadable"}
    out.write(json.dumps(told).encode() + b"\n")
    for each in kept:
        out.write(each)
    out.flush()


def main() -> int:
    """Look at one file."""
    limit()
    answer(sys.stdin.buffer.read(MOST_BYTES + 1), sys.argv[1], sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
