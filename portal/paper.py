"""What the portal sets on paper: tagged PDF from a template of `templates/pdf` and its texts."""

import json
from collections.abc import Mapping
from typing import Any

from portal.db.paths import folder

UNKNOWN_SIGN = "could not be displayed"


def draw(template: str, data: Mapping[str, Any], *, tagged: bool = True) -> bytes:
    """Return a document as PDF/UA; its texts come as data, and nothing is built from them.

    Without `tagged` it makes no such claim: what others made is then set onto its pages.
    """
    # Loading it costs as much as a page, and few pages draw a document.
    import typst

    def compiled(*, claims: bool) -> Any:
        return typst.compile(
            folder("templates") / "pdf" / template,
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=["ua-1"] if claims else [],
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        )

    try:
        drawn = compiled(claims=tagged)
    except typst.TypstError as error:
        if UNKNOWN_SIGN not in str(error):
            raise
        # A sign that no font of ours has, such as a smiley, shows as an empty box: a paper with a
        # box is better than none, and only the claim to be PDF/UA falls.
        drawn = compiled(claims=False)
    if not isinstance(drawn, bytes):
        raise TypeError("a template makes one document")
    return drawn
