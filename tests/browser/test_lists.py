"""In Spanish: a list of 200 children of prisoners handed in, looked at, sent and assessed."""

import re
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import expect

from tests.browser.steps import SignIn

pytestmark = pytest.mark.browser

SENDING_MS = 120_000
COUNT = 200
FAMILIES = 60
FIRST = ["Bijao", "Cedro", "Copal", "Huito", "Moena", "Ojé", "Palta", "Topa", "Uvos", "Caoba"]
SECOND = ["Renaco", "Sacha", "Shimbillo", "Tahuari", "Topa", "Yarina"]
GIVEN = ["Abeja", "Garza", "Loro", "Mono", "Paucar", "Puma", "Tangara", "Tucán", "Tuqui", "Zorzal"]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a prison's sheet: a title, headings in two rows, 200 rows, three of them wrong."""
    made = Workbook()
    sheet = made.active
    sheet.append(["RELACIÓN DE HIJAS E HIJOS DE INTERNOS (DEMOSTRACIÓN)"])
    sheet.append(["Nombres", "Apellidos", "", "Fecha de nacimiento", "Distrito", "Grupo familiar"])
    sheet.append(["", "Paterno", "Materno", "", "", ""])
    for number in range(COUNT):
        family = number % FAMILIES
        born = f"{number % 28 + 1}/{number % 12 + 1}/{2010 + number % 10}"
        given = f"{GIVEN[number % 10]} {GIVEN[number // 20]}"
        first, second = FIRST[family % 10], SECOND[family // 10]
        sheet.append([given, first, second, born, "Lamas", f"F{family}"])
    sheet["D10"], sheet["E11"], sheet["A12"] = "31/02/2015", "Atlántida", "=1+1"
    path = tmp_path / "relacion.xlsx"
    made.save(path)
    return path


def test_two_hundred_children_of_prisoners(people: SignIn, book: Path) -> None:
    prison = people("inpe", 360)
    prison.goto("/alerts")
    prison.get_by_role("link", name="Listas").click()
    prison.get_by_role("link", name="Entregar una lista").first.click()
    prison.select_option("#kind", "prisoners")
    prison.set_input_files("#file", book)
    prison.fill("#telephone", "042 000 015")
    prison.get_by_role("button", name="Revisar la lista").click()

    expect(prison.get_by_role("heading", name="Nada se envió todavía")).to_be_visible(
        timeout=SENDING_MS
    )
    main = prison.locator("main")
    expect(main).to_contain_text("«31/02/2015» no es una fecha")
    prison.get_by_role("link", name=re.compile(r"Con error \(3\)")).click()
    expect(main).to_contain_text("¿Qué distrito es «Atlántida»?")
    expect(main).to_contain_text("fórmula")
    prison.get_by_role("button", name="Enviar 197 filas como alertas").click()
    expect(main.locator("#list .tag").first).to_have_text("Enviada", timeout=SENDING_MS)

    upe = people("upe")
    upe.goto("/")
    line = upe.locator(".work li", has_text=f"{FAMILIES} alertas de la lista")
    line.get_by_role("link", name="Evaluar").click()
    upe.locator(".work li .what a").first.click()
    expect(upe.locator("main")).to_contain_text("De una lista de hijas e hijos de personas")
    upe.get_by_role("link", name="Aceptar").first.click()
    upe.locator("main").get_by_role("button", name=re.compile("Aceptar|Abrir")).first.click()
    expect(upe).to_have_url(re.compile("/cases/UPE-SM-"))
    expect(upe.locator("h1")).to_contain_text(re.compile(r"\d hermanos|\d y \d|\d"))
    upe.goto("/")
    expect(upe.locator("main")).to_contain_text(f"{FAMILIES - 1} alertas de la lista")
