"""Goal 21: a bad file breaks nothing, says no place and leaves nothing; a large one takes little.

Photographs, scans and office files are bent in ways drawn with a seed, and each is sent by the form
of a case. Memory is that of this process while four files of 20 MB arrive at once, and that of the
process that looks at a file, for the costliest images that are taken.
"""

import io
import random
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portal.db.files import FileStore
from portal.documents import inspecting
from portal.documents.queries import kept_files
from tests.documents.samples import PLACE, odt, office, packed_list, pdf, photo
from tests.security.ground import Ground, Measure
from tests.webclient import SAME_ORIGIN, Browser

GOAL = "21 uploads"
ACCOUNT = "upe"
CODE = re.compile(r"/cases/([A-Z0-9-]+)")
MB = 1024 * 1024
MOST_MB = 300
AT_ONCE = 4
# The documents that one case takes; then the next case is used.
PER_CASE = 90
# Says how much memory a program took, from a process that takes little itself.
WATCH = (
    "import resource, subprocess, sys;"
    "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def seeds() -> list[tuple[str, bytes]]:
    """Return the sound files that are bent."""
    return [
        ("jpg", photo()),
        ("png", photo(form="PNG")),
        ("webp", photo(form="WEBP")),
        ("pdf", packed_list(b"1 0 << /Type /Page >>")),
        ("docx", office()),
        ("odt", odt()),
    ]


def bent(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield so many bent files with their names, the same ones in every run."""
    draw = random.Random(21)
    ways = (cut, flipped, swollen, doubled, emptied, renamed, joined, led_out)
    sound = seeds()
    for number in range(count):
        suffix, data = sound[(number + number // 24) % len(sound)]
        yield ways[number % len(ways)](draw, suffix, data)


def cut(draw: random.Random, suffix: str, data: bytes) -> tuple[str, bytes]:
    """End a file early."""
    return f"x.{suffix}", data[: draw.randrange(1, len(data))]


def flipped(draw: random.Random, suffix: str, data: bytes) -> tuple[str, bytes]:
    """Bend some of its bytes, behind its first ones."""
    made = bytearray(data)
    for _each in range(draw.randrange(1, 40)):
        made[draw.randrange(8, len(made))] = draw.randrange(256)
    return f"x.{suffix}", bytes(made)


def swollen(draw: random.Random, suffix: str, data: bytes) -> tuple[str, bytes]:
    """Write a huge number over a place where a length or a size may stand."""
    place = draw.randrange(4, min(len(data) - 4, 200))
    return f"x.{suffix}", data[:place] + struct.pack(">I", 0x7FFFFFFF) + data[place + 4 :]


def doubled(draw: random.Random, suffix: str, data: bytes) -> tuple[str, bytes]:
    """Repeat a part of it."""
    start = draw.randrange(len(data))
    return f"x.{suffix}", data[:start] + data[start : start + 500] * draw.randrange(2, 60) + data


def emptied(draw: random.Random, suffix: str, data: bytes) -> tuple[str, bytes]:
    """Put noughts over a part of it."""
    start = draw.randrange(8, len(data))
    length = draw.randrange(1, 200)
    return f"x.{suffix}", data[:start] + b"\0" * length + data[start + length :]


def renamed(draw: random.Random, suffix: str, data: bytes) -> tuple[str, bytes]:
    """Give it the name of another kind."""
    return f"x.{draw.choice([each for each, _data in seeds() if each != suffix])}", data


def joined(draw: random.Random, suffix: str, data: bytes) -> tuple[str, bytes]:
    """Put another file behind it."""
    return f"x.{suffix}", data + draw.choice(seeds())[1]


def led_out(draw: random.Random, suffix: str, data: bytes) -> tuple[str, bytes]:
    """Give it a name that leads elsewhere, or parts that do."""
    if draw.random() < 0.5:
        return f"../../x.{suffix}", data
    return "x.docx", office({"../../etc/x.xml": data})


def codes(browser: Browser) -> list[str]:
    """Return the open cases on which an account may file."""
    found = sorted(set(CODE.findall(browser.get("/cases").text)))
    return [
        code for code in found if browser.get(f"/cases/{code}/documents/new").status_code == 200
    ]


def send(browser: Browser, code: str, name: str, data: bytes) -> tuple[int, str]:
    """File a document; return how it was answered, and where it is."""
    url = f"/cases/{code}/documents/new"
    fields = {
        **browser.marks(url),
        "title": "Medición",
        "circle": "team",
        "file": FileStorage(io.BytesIO(data), filename=name),
    }
    boundary, body = encode_multipart(fields)
    kind = f"multipart/form-data; boundary={boundary}"
    answer = browser.client.post(url, data=body, content_type=kind, headers=SAME_ORIGIN)
    return answer.status_code, answer.location or ""


def tells_a_place(data: bytes) -> bool:
    """Tell whether a file that was kept says where it was taken."""
    if PLACE in data:
        return True
    if not data.startswith((b"\xff\xd8", b"\x89PNG")):
        return False
    with Image.open(io.BytesIO(data)) as image:
        return bool(image.getexif()) or bool({"exif", "xmp", "comment"} & image.info.keys())


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many bent files are sent."""
    browser, faults = ground.sign_in(ACCOUNT), []
    store: FileStore = ground.app.extensions["portal"].files
    cases = codes(browser)
    taken = refused = 0
    for number, (name, data) in enumerate(bent(size)):
        code = cases[number // PER_CASE % len(cases)]
        status, location = send(browser, code, name, data)
        taken, refused = taken + (status == 303), refused + (status == 422)
        if status not in (303, 422):
            faults.append(f"{name} ({len(data)} bytes) was answered {status}")
        if status == 303:
            kept = [browser.get(f"{location}/1").data, browser.get(f"{location}/1/preview").data]
            if any(tells_a_place(each) for each in kept):
                faults.append(f"{name} tells a place")
    peak, grown = (0, 0) if ground.is_small else (watched(), while_they_arrive(browser, cases[0]))
    with ground.db.read() as session:
        loose = {name for name, _at in store.names()} - kept_files(session)
    if loose:
        faults.append(f"{len(loose)} files left over")
    faults += [f"{each} MB of memory" for each in (peak, grown) if each >= MOST_MB]
    if not taken or not refused:
        faults.append(f"{taken} taken, {refused} refused: nothing was tried")
    memory = f"; {peak} MB looking, {grown} MB more while {AT_ONCE} arrive" if peak else ""
    return Measure(
        GOAL,
        f"0 failures, 0 places told, 0 files left, < {MOST_MB} MB",
        f"{size} bent files: {refused} refused, {taken} taken, {len(faults)} faults{memory}",
        not faults,
        tuple(dict.fromkeys(faults)),
    )


def costly() -> Iterator[tuple[str, bytes]]:
    """Yield the images that cost most among those that are taken."""
    for suffix, mode, side, form in (
        ("jpg", "RGB", 6324, "JPEG"),
        ("jpg", "RGB", 4470, "JPEG"),
        ("png", "RGB", 6324, "PNG"),
        ("png", "P", 6324, "PNG"),
        ("png", "RGBA", 3464, "PNG"),
        ("webp", "RGB", 3464, "WEBP"),
    ):
        image = (
            Image.effect_noise((side, side), 30) if form != "PNG" else Image.new("L", (side, side))
        )
        out = io.BytesIO()
        image.convert(mode).save(out, form, quality=60)
        yield suffix, out.getvalue()
    yield "pdf", large()


def large() -> bytes:
    """Return a PDF of 20 MB to the byte."""
    end = b"startxref\n9\n%%EOF\n"
    return pdf() + b"\n" * (20 * MB - len(pdf()) - len(end)) + end


def watched() -> int:
    """Return the most memory, in MB, of the process that looks at a file."""
    program = str(Path(inspecting.__file__))
    found = []
    for suffix, data in costly():
        command = [sys.executable, "-I", "-c", WATCH, sys.executable, "-I", "-B", program, suffix]
        ran = subprocess.run(command, input=data, capture_output=True, check=True)
        found.append(int(ran.stdout) // 1024)
    return max(found)


class Slow(io.RawIOBase):
    """The body of a form with a large file, made while it is read and held nowhere."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self.parts, self.left = [head], size
        self.tail, self.length = tail, len(head) + size + len(tail)

    def readable(self) -> bool:
        """Tell the reader of forms that it may read here."""
        return True

    def readinto(self, room: Any) -> int:
        """Give the next bytes, never many."""
        if not self.parts and self.left:
            piece = min(self.left, 64 * 1024)
            self.left -= piece
            self.parts.append(b"\n" * piece)
        elif not self.parts and self.tail:
            self.parts, self.tail = [self.tail], b""
        if not self.parts:
            return 0
        part = self.parts.pop(0)
        given, rest = part[: len(room)], part[len(room) :]
        room[: len(given)] = given
        if rest:
            self.parts.insert(0, rest)
        return len(given)


def while_they_arrive(browser: Browser, code: str) -> int:
    """Return how much memory, in MB, this process takes more while large files arrive at once."""
    url = f"/cases/{code}/documents/new"
    marks = browser.marks(url)
    before = status_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")

    def one(_number: int) -> int:
        edge = uuid4().hex
        fields = {**marks, "_key": uuid4().hex, "title": "Medición", "circle": "team"}
        head = "".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += (
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        )
        start, end = pdf(), b"startxref\n9\n%%EOF\n"
        body = Slow(
            head.encode() + start,
            20 * MB - len(start) - len(end),
            end + f"\r\n--{edge}--\r\n".encode(),
        )
        answer = browser.client.post(
            url,
            headers=SAME_ORIGIN,
            environ_overrides={
                "wsgi.input": body,
                "CONTENT_LENGTH": str(body.length),
                "CONTENT_TYPE": f"multipart/form-data; boundary={edge}",
            },
        )
        return answer.status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answered = list(pool.map(one, range(AT_ONCE)))
    if answered != [303] * AT_ONCE:
        return MOST_MB + 1
    return max(0, status_mb("VmHWM") - before)


def status_mb(name: str) -> int:
    """Return what the system says of this process's memory."""
    text = Path("/proc/self/status").read_text()
    return int(re.findall(rf"^{name}:\s+(\d+)", text, re.MULTILINE)[0]) // 1024
