"""Files from outside on the folios of a copy: turned, stamped, damaged, of no end."""

import io
import json
import random
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
)

from portal.copies import binding
from portal.copies.binder import Unbound, measure
from tests.copies.test_court import sheets
from tests.documents.samples import photo

STAMP = b"q 1 0 0 RG 4 w 2 2 96 36 re S Q BT /F1 8 Tf 5 15 Td (FIRMADO) Tj ET"


def drawn(*, turned: int = 0, stamped: bool = False) -> bytes:
    """Return a page of text as a scanner or a signing program leaves it."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(sheets(1))))
    page = writer.pages[0]
    if turned:
        page.rotate(turned)
    if stamped:
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        look = DecodedStreamObject()
        look.set_data(STAMP)
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        for name, value in (
            ("/Type", NameObject("/XObject")),
            ("/Subtype", NameObject("/Form")),
            ("/BBox", ArrayObject([FloatObject(each) for each in (0, 0, 100, 40)])),
            ("/Resources", DictionaryObject({NameObject("/Font"): fonts})),
        ):
            look[NameObject(name)] = value
        place = ArrayObject([FloatObject(each) for each in (300, 600, 500, 680)])
        annotation = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/Rect"): place,
                NameObject("/F"): NumberObject(4),
                NameObject("/AP"): DictionaryObject({NameObject("/N"): writer._add_object(look)}),
            }
        )
        page[NameObject("/Annots")] = ArrayObject([writer._add_object(annotation)])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bound(*files: tuple[str, bytes]) -> list[str]:
    """Put files of one page each on the folios of a base, and return what its pages say."""
    base = PdfWriter()
    for _number in range(len(files) + 3):
        base.add_blank_page(595, 842)
    whole = io.BytesIO()
    base.write(whole)
    told: dict[str, Any] = {
        "base": len(whole.getvalue()),
        "sheets": len(files) + 2,
        "parts": [
            {"kind": kind, "size": len(data), "at": [at]}
            for at, (kind, data) in enumerate(files, start=1)
        ],
        "outline": [["Primera", 1]],
    }
    source = io.BytesIO(whole.getvalue() + b"".join(data for _kind, data in files))
    out = io.BytesIO()
    binding.bind(told, source, out)
    line, _end, content = out.getvalue().partition(b"\n")
    assert json.loads(line) == {"bound": True}
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_page_is_set_as_a_reader_shows_it(turned: int) -> None:
    data = drawn(turned=turned)
    ((width, height),) = binding.measure(data, "pdf")
    assert (width > height) is (turned in (90, 270))
    told = bound(("pdf", data))
    assert "Informe de salud" in told[2]
    assert [bool(text.strip()) for text in told] == [False, False, True, False]


def test_a_stamp_or_signature_stays_on_its_page() -> None:
    told = bound(("pdf", drawn(stamped=True)), ("jpg", photo()), ("png", photo(form="PNG")))
    assert "FIRMADO" in told[2]


def test_no_damaged_file_does_more_than_be_refused() -> None:
    """Whatever a reader of PDF makes of it, binding ends with an answer."""
    dice, whole = random.Random(152), drawn(stamped=True)
    refused = 0
    for _turn in range(20):
        hit = bytearray(whole)
        for _hit in range(dice.randrange(1, 30)):
            hit[dice.randrange(len(hit))] = dice.randrange(256)
        cut = bytes(hit[: dice.randrange(len(hit) // 2, len(hit))])
        try:
            binding.measure(cut, "pdf")
        except Exception:
            refused += 1
    assert refused > 5
    for data in (b"", b"%PDF-1.7\n", whole[: len(whole) // 3]):
        with pytest.raises(Unbound):
            measure("pdf", [data])


def test_a_locked_and_an_endless_pdf_are_named_as_such() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(drawn())))
    writer.encrypt("secreto", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    with pytest.raises(binding.Refused, match="protected"):
        binding.measure(locked.getvalue(), "pdf")
    long = PdfWriter()
    for _number in range(binding.MOST_PAGES + 1):
        long.add_blank_page(10, 10)
    out = io.BytesIO()
    long.write(out)
    with pytest.raises(binding.Refused, match="long"):
        binding.measure(out.getvalue(), "pdf")
