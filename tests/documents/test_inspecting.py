"""What a file is, is decided by its bytes; what is hidden in it is found, and nothing stays."""

import io

import pytest
from PIL import Image

from portal.db.files import FileStore
from portal.documents.inspecting import Refused, inspect
from portal.documents.labels import REFUSED
from portal.documents.receiving import check, suffix_of
from tests.documents.samples import PLACE, odt, office, packed_list, pdf, photo

BIG = b"\0" * (30 * 1024 * 1024)


@pytest.mark.parametrize(
    ("data", "suffix", "form"),
    [
        (photo(), "jpg", "jpg"),
        (photo(), "jpeg", "jpg"),
        (photo(form="PNG"), "png", "png"),
        (photo(form="WEBP"), "webp", "jpg"),
        (pdf(), "pdf", "pdf"),
        (packed_list(b"1 0 << /Type /Page >>"), "pdf", "pdf"),
        (office(), "docx", "docx"),
        (odt(), "odt", "odt"),
    ],
)
def test_what_is_taken(data: bytes, suffix: str, form: str) -> None:
    told, _kept = inspect(data, suffix)
    assert told["format"] == form


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_an_image_is_drawn_upright_and_nothing_stays_beside_it(form: str) -> None:
    sent = photo(form=form)
    assert PLACE in sent
    told, kept = inspect(sent, form.lower())
    assert (told["width"], told["height"]) == (200, 320)
    for each in kept:
        assert PLACE not in each
        with Image.open(io.BytesIO(each)) as image:
            assert not image.getexif()
            assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
            turned = image.convert("RGB").getpixel((image.width - 9, 9))
            assert isinstance(turned, tuple)
            assert min(turned) > 240


REFUSALS = {
    "nothing": (b"", "jpg", "empty"),
    "a program": (b"MZ\x90\0" * 9, "pdf", "kind"),
    "a page": (b"<html><script>", "jpg", "kind"),
    "a drawing that runs": (b"<svg xmlns='x'/>", "png", "kind"),
    "a photograph by another name": (photo(), "pdf", "differs"),
    "a sheet that is a text": (office(), "xlsx", "differs"),
    "a zip by the name of a text": (office({"word/document.xml": b""}), "odt", "differs"),
    "a photograph cut off": (photo()[:-300], "jpg", "unreadable"),
    "more than 40 megapixels": (photo(8001, 5000), "jpg", "pixels"),
    "a photograph with a zip behind": (photo() + office(), "jpg", "two"),
    "a PDF with a photograph behind": (pdf() + photo(form="WEBP"), "pdf", "two"),
    "a PDF with a zip behind": (pdf() + office(), "pdf", "two"),
    "a photograph with a PDF in its head": (
        photo()[:2] + b"\xff\xfe\0\x0c%PDF-1.7\n " + photo()[2:], "jpg", "two",
    ),
    "a zip with a PDF behind": (office() + pdf(), "docx", "two"),
    "a PDF that begins as a page": (b"<html>" + pdf(), "pdf", "kind"),
    "a PDF with a page in its head": (pdf(b"% <script>alert()</script>"), "pdf", "two"),
    "a PDF that is cut": (pdf()[:-9], "pdf", "unreadable"),
    "a PDF that runs": (pdf(b"<< /OpenAction << /S /JavaScript /JS (x) >> >>"), "pdf", "active"),
    "a PDF that spells it oddly": (pdf(b"<< /S /J#61vaScr#69pt >>"), "pdf", "active"),
    "a PDF that hides it in a list": (packed_list(b"1 0 << /S /Launch /F (x) >>"), "pdf", "active"),
    "a PDF that packs it oddly": (packed_list(b"", b"[/LZWDecode]"), "pdf", "active"),
    "a PDF that pretends": (pdf(b"% stream \n<< /S /Java#53cript /JS (x) >>"), "pdf", "active"),
    "a PDF that carries a file": (pdf(b"<< /EmbeddedFiles 2 0 R >>"), "pdf", "active"),
    "a PDF with a password": (pdf(b"<< /Encrypt 5 0 R >>"), "pdf", "protected"),
    "a PDF that unpacks without end": (packed_list(BIG), "pdf", "bomb"),
    "a text with a password": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "docx", "protected"),
    "a text with macros": (office({"word/vbaProject.bin": b"x"}), "docx", "active"),
    "a text with a program": (office({"word/media/a.exe": b"x"}), "docx", "active"),
    "a text from elsewhere": (
        office({"word/_rels/settings.xml.rels": b'<Relationship Type="x/attachedTemplate" '
                b'Target="http://ejemplo.invalid/t" TargetMode="External"/>'}), "docx", "active",
    ),
    "a text that asks programs": (office({"word/a.xml": b"DDEAUTO cmd"}), "docx", "active"),
    "a text that multiplies": (office({"word/a.xml": b"<!ENTITY a 'b'>"}), "docx", "active"),
    "a text that leads out": (office({"../../etc/a.xml": b"x"}), "docx", "paths"),
    "a text that leads to the root": (office({"/etc/a.xml": b"x"}), "docx", "paths"),
    "a text that leads out backwards": (office({"word\\..\\a.xml": b"x"}), "docx", "paths"),
    "a text that unpacks without end": (office({"word/a.xml": BIG}), "docx", "bomb"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "suffix", "code"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_refused_and_why(data: bytes, suffix: str, code: str) -> None:
    with pytest.raises(Exception) as caught:
        inspect(data, suffix)
    found = caught.value.code if isinstance(caught.value, Refused) else "unreadable"
    assert found == code
    assert REFUSED[found]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../../etc/passwd.jpg", "name"),
        ("C:\\foto.jpg", "name"),
        ("foto\0.jpg", "name"),
        ("..", "name"),
        ("foto", "kind"),
        (".jpg", "kind"),
        ("foto.jpg\u202e", "kind"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        suffix_of(name)
    assert caught.value.code == code


def test_a_file_is_looked_at_in_a_process_of_its_own(tmp_path) -> None:  # type: ignore[no-untyped-def]
    store = FileStore(tmp_path / "files")
    sent = store.write([photo()])
    content = check(store, sent, "jpg")
    assert content.sent_sha256 == sent.sha256 != content.file.sha256
    assert content.preview is not None
    kept = b"".join(store.read(content.file.name, content.file.key))
    assert kept.startswith(b"\xff\xd8\xff")
    assert len(kept) == content.file.size
    assert {name for name, _at in store.names()} == {
        sent.name, content.file.name, content.preview.name,
    }  # fmt: skip
    for path in (tmp_path / "files").glob("*/*"):
        assert b"JFIF" not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(Refused, match="unreadable"):
        check(store, store.write([photo()[:-300]]), "jpg")
    with pytest.raises(Refused, match="large"):
        check(store, store.write([b"\xff" * (20 * 1024 * 1024 + 1)]), "jpg")
