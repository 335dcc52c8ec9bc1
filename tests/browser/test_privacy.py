"""Privacy in Spanish: a curious colleague, an order from a judge, a mother who asks, a theft."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.steps import A_MINUTE_S, SignIn, follow, hasten, look_until, press
from tests.serving import DEMO, Operator, Site

pytestmark = pytest.mark.browser

FEW = 5
REASON = "Preparaba la sesión del consejo de mañana"


@pytest.fixture(scope="module")
def site(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a site on which few files an hour are usual."""
    folder = tmp_path_factory.mktemp("site") / "data"
    shutil.copytree(prepared, folder)
    with Operator(folder, {**DEMO, "PORTAL_FILES_AN_HOUR": str(FEW)}, is_forking=True).serving(
        "demo"
    ) as served:
        yield served


def codes(page: Page) -> list[str]:
    """Return the codes of the cases on the list."""
    page.goto("/cases")
    links: list[str] = page.eval_on_selector_all(
        "main a[href^='/cases/UPE-SM-2']", "all => all.map(each => each.getAttribute('href'))"
    )
    return sorted({link.split("/")[2] for link in links})


def test_a_curious_colleague_is_told_the_same_night_and_so_is_the_officer(
    people: SignIn, site: Site
) -> None:
    colleague = people("upe")
    for code in codes(colleague)[: FEW + 2]:
        colleague.goto(f"/cases/{code}")
    hasten(site, "privacy.watch")
    notice = look_until(
        colleague,
        "/notices",
        lambda page: page.locator("main a[href^='/privacy/readings/']"),
        within_s=A_MINUTE_S,
    )
    expect(colleague.locator("main")).to_contain_text("Si su trabajo lo requería")
    notice.click()
    colleague.fill("#words", REASON)
    press(colleague, "Enviar")

    officer = people("datosupe", 360)
    officer.goto("/")
    expect(officer.locator("main")).to_contain_text("Lectura inusual")
    officer.goto("/privacy")
    officer.locator("main li", has_text="Elena Caoba").get_by_role("link").first.click()
    expect(officer.locator("main")).to_contain_text(REASON)
    expect(officer.locator("main")).not_to_contain_text("Uvilla")
    officer.check("#outcome-explained")
    officer.fill("#words", "La sesión está en la agenda")
    press(officer, "Guardar lo hallado")
    expect(officer.locator("main")).to_contain_text("Explicado")


def fetched(page: Page) -> str:
    """Make the copy from the page that shows what was granted: what its pages say."""
    follow(page, "Hacer la copia")
    press(page, "Hacer la copia")
    page.wait_for_url("**/privacy/copies/*")
    copy = page.url
    ready = "Descargar el archivo"
    look_until(page, copy, lambda each: each.get_by_role("button", name=ready), within_s=A_MINUTE_S)
    with page.expect_download() as download:
        press(page, "Descargar el archivo")
    text = " ".join(
        each.extract_text()
        for each in PdfReader(io.BytesIO(download.value.path().read_bytes())).pages
    )
    page.goto(copy)
    expect(page.locator("main")).to_contain_text("Aquí no queda copia")
    return " ".join(text.split())


def test_an_order_from_a_judge_gives_its_scope_after_two_people_agree(people: SignIn) -> None:
    maker = people("upe")
    code = codes(maker)[0]
    maker.goto("/privacy/asked")
    follow(maker, "Registrar un mandato")
    maker.fill("#code", code)
    press(maker, "Buscar el caso")
    maker.check("#kind-order")
    maker.fill("#authority", "Juzgado de Familia de San Martín")
    maker.fill("#order_number", "Oficio 77-2026")
    maker.fill("#dated", "2026-11-20")
    maker.fill("#asked", "Remita identidad y estado de los derechos")
    maker.locator("input[name=person_ids]").first.check()
    for piece in ("identity", "rights"):
        maker.check(f"input[name=pieces][value={piece}]")
    press(maker, "Registrar")
    maker.wait_for_url("**/privacy/orders/*")
    expect(maker.locator("main")).to_contain_text("Decide otra persona")
    order = maker.url

    second = people("direccion")
    second.goto("/")
    expect(second.locator("main")).to_contain_text("decide una segunda persona")
    second.goto(order)
    follow(second, "Aprobar o denegar")
    second.check("#outcome-agree")
    second.fill("#reason", "El oficio lo ordena y está firmado")
    press(second, "Decidir")
    expect(second.locator("main")).to_contain_text("Concedido")

    maker.goto(order)
    text = fetched(maker)
    assert "Oficio 77-2026" in text
    assert "Elena Caoba" in text
    assert "Actuaciones" not in text
    officer = people("datosupe")
    officer.goto("/privacy")
    expect(officer.locator("main")).to_contain_text("Copias entregadas")


def test_a_mother_asks_for_data_and_is_answered_within_the_days(people: SignIn) -> None:
    lead = people("upe", 360)
    lead.goto("/")
    lead.locator("main a", has_text=re.compile("Solicitud S-")).first.click()
    expect(lead.locator("main")).to_contain_text("DS 016-2024-JUS")
    lead.locator("details.why summary").first.click()
    expect(lead.locator("details.why p").first).to_contain_text("día hábil")
    follow(lead, "Decidir")
    lead.check("#authority-suspended")
    lead.check("#decision-granted")
    lead.fill("#reason", "Presentó la partida de nacimiento")
    press(lead, "Decidir")
    expect(lead.locator("main")).to_contain_text("patria potestad está suspendida")
    expect(lead.locator("#reason")).to_have_value("Presentó la partida de nacimiento")
    lead.check("#authority-holds")
    press(lead, "Decidir")
    expect(lead.locator("main")).to_contain_text("Concedido")
    text = fetched(lead)
    assert "Datos que se tienen de una persona" in text
    assert "Quién lo consultó" in text
    follow(lead, "Volver a lo que responde")
    follow(lead, "Imprimir la respuesta")
    expect(lead.locator("main")).to_contain_text("Presentó la partida de nacimiento")


def test_a_stolen_account_is_out_at_once_and_whom_to_tell_is_known(people: SignIn) -> None:
    stolen = people("psicologia")
    for code in codes(stolen)[:2]:
        stolen.goto(f"/cases/{code}")
    officer = people("datosupe")
    officer.goto("/privacy")
    follow(officer, "Robaron una cuenta")
    officer.select_option("#user_id", label="Marco Lupuna")
    officer.select_option("#nature", "stolen_account")
    officer.fill("#since", "2026-11-01T08:00")
    officer.fill("#happened", "Le robaron el teléfono en el terminal")
    press(officer, "Cerrar sus sesiones y listar lo que vio")
    officer.wait_for_url(re.compile(r"/privacy/incidents/[0-9a-f-]{36}"))
    expect(officer.locator("main")).to_contain_text("48 horas de reloj")
    expect(officer.locator("main table")).to_contain_text("UPE-SM-")
    stolen.goto("/cases")
    assert "/login" in stolen.url
    lead = people("direccion")
    lead.goto("/")
    lead.locator("main a", has_text=re.compile("Incidente I-")).first.click()
    follow(lead, "A quiénes comunicamos")
    expect(lead.locator("main table")).to_be_visible()
    press(lead, "Anotar que se comunicó a todas")
    expect(lead.locator("main")).to_contain_text("comunicado en plazo")
