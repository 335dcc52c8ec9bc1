"""The reference of the hooks in the guide for authors, made from the docstrings.

`python -m portal.host.guide docs/plugins.md` brings the page up to date; a test compares the two.
"""

import inspect
import re
import sys
from pathlib import Path
from typing import Any

from portal.host import hooks
from portal.host.loading import HOOKS

BEGIN = "<!-- hooks: made from the docstrings -->"
END = "<!-- end of hooks -->"


def page(text: str) -> str:
    """Return the guide's text with the part between the two marks made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def reference() -> str:
    """Return every hook in the order of its definition: signature, then its docstring."""
    return "\n".join(section(getattr(hooks, name)) for name in in_order())


def in_order() -> list[str]:
    """Return the names of the hooks as they are defined."""
    return [name for name in vars(hooks) if name in HOOKS]


def section(hook: Any) -> str:
    """Return one hook's part of the page."""
    title, _, body = inspect.cleandoc(hook.__doc__).partition("\n\n")
    paragraphs = re.split(r"\n(?=(?:Runs|Return|None|When it fails):)", body)
    lines = [" ".join(paragraph.split()) for paragraph in paragraphs]
    points = "\n".join(re.sub(r"^([^:]+):", r"- **\1:**", line, count=1) for line in lines)
    return f"### `{hook.__name__}`\n\n```text\n{signature(hook)}\n```\n\n{title}\n\n{points}\n"


def signature(hook: Any) -> str:
    """Return a hook as a method of the manifest is written."""
    found = inspect.signature(hook)
    given = ", ".join(
        ["self", *(f"{p.name}: {name_of(p.annotation)}" for p in found.parameters.values())]
    )
    return f"@hookimpl\ndef {hook.__name__}({given}) -> {name_of(found.return_annotation)}: ..."


def name_of(annotation: Any) -> str:
    """Return a type as an author writes it, without the modules it comes from."""
    text = inspect.formatannotation(annotation)
    return re.sub(r"(?:[a-z_]+\.)+(?=[A-Z])", "", text)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(page(target.read_text()))
