"""A paper photographed in the field: made smaller, through a line that is cut, to the team."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.browser.steps import PHONE, SignIn, press
from tests.browser.test_interviews import case_of_siblings
from tests.documents.samples import PLACE

pytestmark = pytest.mark.browser

TITLE = "Partida de nacimiento, fotografiada"
PIECE = re.compile(r"/uploads/[0-9a-f-]{36}$")


def photograph(path: Path) -> Path:
    """Write a photograph as a phone takes it: large, on its side, saying where it was."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, PLACE.decode()
    image = Image.effect_noise((3600, 2400), 40).convert("RGB")
    image.save(path, quality=85, exif=exif)
    return path


def test_a_photograph_reaches_the_team_and_nobody_else(people: SignIn, tmp_path: Path) -> None:
    demuna = people("demuna")
    code = case_of_siblings(demuna)

    upe = people("upe", PHONE)
    upe.goto(f"/cases/{code}")
    upe.get_by_role("link", name="Incorporar un documento").click()
    upe.wait_for_url("**/documents/new")
    assert upe.evaluate("document.documentElement.scrollWidth") <= PHONE
    cuts: list[int] = []
    answered: list[int] = []

    def cut(route: Route) -> None:
        """Lose the second piece's answer, as a line does: the portal has it, the phone does not."""
        if route.request.method != "POST":
            route.continue_()
            return
        answer = route.fetch()
        answered.append(answer.status)
        if len(answered) == 2:
            cuts.append(1)
            route.fulfill(status=409, body="")
            return
        route.fulfill(response=answer)

    upe.route(PIECE, cut)
    upe.set_input_files("#file", photograph(tmp_path / "IMG_0042.jpg"))
    upe.fill("#title", TITLE)
    press(upe, "Incorporar el documento")
    # A photograph of a dozen pieces goes through a line as slow as the machine is busy.
    expect(upe.get_by_role("heading", name=TITLE)).to_be_visible(timeout=60_000)
    assert (cuts, set(answered)) == ([1], {200})
    assert len(answered) > 2
    expect(upe.get_by_text("1707 × 2560")).to_be_visible()
    assert upe.evaluate("document.documentElement.scrollWidth") <= PHONE
    shown = upe.locator("img.preview")
    # Asked from outside: a page's own policy lets nothing be evaluated in it again and again.
    expect(shown).not_to_have_js_property("naturalWidth", 0)
    expect(shown).to_have_attribute("alt", TITLE)
    document = upe.url

    demuna.goto(f"/cases/{code}")
    demuna.get_by_role("link", name=TITLE).click()
    with demuna.expect_download() as loading:
        demuna.get_by_role("link", name="Descargar").first.click()
    assert loading.value.suggested_filename.startswith(code)
    kept = Path(loading.value.path()).read_bytes()
    assert PLACE not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (1707, 2560)

    others = people("defensoria")
    others.goto(f"/cases/{code}")
    expect(others.get_by_role("heading", name="Actuaciones")).to_be_visible()
    expect(others.get_by_text(TITLE)).to_have_count(0)
    others.goto(document)
    expect(others.get_by_role("heading", name="Aquí no hay nada")).to_be_visible()


def test_without_javascript_the_form_sends_the_file_whole(people: SignIn) -> None:
    upe = people("upe", java_script_enabled=False)
    upe.goto("/cases")
    upe.locator("td a").first.click()
    upe.get_by_role("link", name="Incorporar un documento").click()
    bad = {"name": "oficio.pdf", "mimeType": "application/pdf", "buffer": b"<html>"}
    upe.set_input_files("#file", bad)  # type: ignore[arg-type]
    upe.fill("#title", "Oficio 12-2026")
    press(upe, "Incorporar el documento")
    expect(upe.get_by_text("Este tipo de archivo no se admite").first).to_be_visible()
    expect(upe.locator("#title")).to_have_value("Oficio 12-2026")
    good = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
    upe.set_input_files("#file", {**bad, "buffer": good})  # type: ignore[arg-type]
    press(upe, "Incorporar el documento")
    expect(upe.get_by_role("heading", name="Oficio 12-2026")).to_be_visible()
