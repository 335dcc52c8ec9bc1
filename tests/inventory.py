"""Writes the inventory of tables into docs/datos-personales.md, from docs/data.md.

    python -m tests.inventory

A test holds that the page is current.
"""

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "datos-personales.md"
MARK = "<!-- inventario -->"
ROW = re.compile(r"\| `(\w+)` \| (.+) \| (.+) \| (.+) \|")
OF_WHOM = {
    "child": "niña, niño o adolescente",
    "staff": "personal con cuenta",
    "never": "una persona; no se entrega",
    "none": "nadie",
}
AFTERWARDS = {
    "emptied": "se vacía; la fila queda",
    "deleted": "se elimina",
    "unreadable": "se destruye su clave",
    "kept": "se conserva",
}


def inventory() -> str:
    """Return one line for each table: whose data, and what becomes of it after its term."""
    lines = ["| Tabla | Datos de | Vencido el plazo |", "|---|---|---|"]
    for text in (DOCS / "data.md").read_text().splitlines():
        if row := ROW.fullmatch(text):
            table, _holds, export, erasure = row.groups()
            whose, then = OF_WHOM[export.split(":")[0]], AFTERWARDS[erasure.split(":")[0]]
            lines.append(f"| `{table}` | {whose} | {then} |")
    return "\n".join(lines) + "\n"


def current() -> str:
    """Return the page with its inventory as it should be."""
    before = PAGE.read_text().split(MARK)[0]
    return f"{before}{MARK}\n\n{inventory()}"


if __name__ == "__main__":
    PAGE.write_text(current())
