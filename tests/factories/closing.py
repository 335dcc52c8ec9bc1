"""What concludes a case, for tests of what comes before and after."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from portal import clock
from portal.cases.inputs import CloseCase, EndChild
from portal.cases.models import CaseChild, CaseEnding

WHY = "Se cumplió lo que había que hacer"

CHILD = re.compile(r'name="children-(\d+)-person_id" value="([^"]+)"')


def concluded(
    session: Session, case_id: UUID, ending: CaseEnding = CaseEnding.ARCHIVED, **given: Any
) -> CloseCase:
    """Return a conclusion of a case that ends alike for each of its children."""
    is_return = ending is CaseEnding.RETURNED
    children = session.exec(select(CaseChild.person_id).where(CaseChild.case_id == case_id))
    return CloseCase(
        children=[EndChild(person_id=person_id) for person_id in children],
        ending=ending,
        since=clock.today() if is_return else None,
        visit_on=clock.today() + timedelta(days=30) if is_return else None,
        lacking_reason="Sigue a cargo de la DEMUNA",
        **{
            "document": "RD 15-2026-UPE",
            "dated": clock.today(),
            "basis": "Norma de prueba",
            "explanation": WHY,
            **given,
        },
    )


def sent(page: str, ending: CaseEnding = CaseEnding.ARCHIVED, /, **given: Any) -> dict[str, str]:
    """Return what the form of a conclusion sends, for the children whose fields are on its page."""
    fields: dict[str, str] = {
        "document": "RD 15-2026-UPE",
        "dated": clock.today().isoformat(),
        "explanation": WHY,
        "ending": ending.value,
        "since": clock.today().isoformat(),
        "visit_on": (clock.today() + timedelta(days=30)).isoformat(),
        "lacking_reason": "Sigue a cargo de la DEMUNA",
    }
    for place, person_id in CHILD.findall(page):
        fields[f"children-{place}-person_id"] = person_id
    return {**fields, **given}
