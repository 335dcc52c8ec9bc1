"""An entry of the timeline offers what its reader may do with it, and no more."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.actor import Actor, AgencyKind
from portal.cases.models import Case, CaseStatus, Circle, EntryKind, Level
from portal.cases.queries import EntryRow
from portal.cases.rules import Access, Basis
from portal.cases.telling import tell
from portal.db.types import new_id

AUTHOR, OTHER = Actor(user_id=new_id()), Actor(user_id=new_id())
LEAD = Access(Level.LEAD, is_open=True, kind=AgencyKind.UPE)
TEAM = replace(LEAD, level=Level.TEAM)
LOOKING = replace(LEAD, basis=Basis.EMERGENCY)
ALL = ["circle", "correct", "strike"]


def entry(**more: Any) -> EntryRow:
    """Return an entry that a person wrote, with what a test says of it."""
    plain = EntryRow(
        id=new_id(),
        kind=EntryKind.NOTE,
        circle=Circle.TEAM,
        title="",
        facts={},
        text="Se habló con la abuela.",
        author="Ana",
        author_id=AUTHOR.user_id,
        agency="UPE",
        agency_id=new_id(),
        happened_at=clock.now(),
        recorded_at=clock.now(),
        struck_at=None,
        strike_reason="",
        corrects_id=None,
        may_open=False,
    )
    return replace(plain, **more)


def case(status: CaseStatus = CaseStatus.OPEN) -> Case:
    """Return a case of which the timeline needs its code and whether it is open."""
    given: dict[str, Any] = {"code": "AG1-2026-AAAA", "status": status}
    return Case(**given)


def ways(row: EntryRow, who: Actor, access: Access, status: CaseStatus = CaseStatus.OPEN) -> object:
    """Return the last parts of the addresses that an entry offers."""
    (told,) = tell([row], who, case(status), access, access, {})
    return [url.rsplit("/", 1)[1] for url, _label in told.ways]


def test_an_entry_of_one_of_several_children_says_of_whom() -> None:
    one, other = new_id(), new_id()
    found = [entry(person_id=one), entry(person_id=other), entry()]
    told = tell(found, AUTHOR, case(), LEAD, LEAD, {}, {one: "Tangara A.", other: "Paucar A."})
    assert [each.line.partition(" · ")[0] for each in told[:2]] == ["Tangara A.", "Paucar A."]
    alone = tell([entry(person_id=one)], AUTHOR, case(), LEAD, LEAD, {})
    assert told[2].line == alone[0].line
    assert "A." not in alone[0].line


@pytest.mark.parametrize(
    ("row", "who", "access", "offered"),
    [
        (entry(), AUTHOR, TEAM, ALL),
        (entry(), OTHER, TEAM, []),
        (entry(), OTHER, LEAD, ["circle"]),
        (entry(), AUTHOR, LOOKING, []),
        (entry(circle=Circle.AGENCY), OTHER, LEAD, []),
        (entry(circle=Circle.SEALED), AUTHOR, TEAM, ["circle", "strike"]),
        (entry(kind=EntryKind.INTERVIEW), AUTHOR, TEAM, ["circle", "strike"]),
        (entry(kind=EntryKind.DOCUMENT), AUTHOR, TEAM, ["circle", "strike"]),
        (entry(kind=EntryKind.REFERRAL), AUTHOR, TEAM, ["circle"]),
        (entry(title="The case was closed"), AUTHOR, LEAD, []),
        (entry(author_id=None), AUTHOR, LEAD, []),
        (entry(struck_at=clock.now()), AUTHOR, LEAD, []),
    ],
)
def test_an_entry_offers_what_its_reader_may_do(
    row: EntryRow, who: Actor, access: Access, offered: list[str]
) -> None:
    assert ways(row, who, access) == offered
    assert ways(row, who, access, CaseStatus.CLOSED) == []


def test_a_sealed_piece_is_opened_by_an_address_of_its_own_and_tells_no_text() -> None:
    row = entry(circle=Circle.SEALED, text="", may_open=True)
    (told,) = tell([row], OTHER, case(), TEAM, TEAM, {})
    assert [url for url, _label in told.ways] == [f"/cases/AG1-2026-AAAA/entries/{row.id}"]
    assert (told.look, told.sealed, told.text) == ("seal", "Restricted access", "")


def test_what_was_written_later_tells_both_moments_and_a_strike_its_reason() -> None:
    now = clock.now()
    late = entry(happened_at=now - timedelta(hours=2), recorded_at=now)
    struck = entry(struck_at=now, strike_reason="Otro caso")
    first, second = tell([late, struck], OTHER, case(), TEAM, TEAM, {})
    assert "recorded" in first.line
    assert "recorded" not in second.line
    assert (second.is_struck, second.strike) == (True, "struck: Otro caso")
