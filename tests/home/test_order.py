"""The order of a day: what is late first, then what would happen if nothing were done."""

from datetime import date, timedelta

from portal.home.queries import Pending, _order
from portal.host.slots import HomeGroup, HomeItem, Tone

MONDAY = date(2026, 11, 9)


def test_what_happens_if_nothing_is_done_orders_a_day() -> None:
    def line(tone: Tone, group: HomeGroup, days: int) -> HomeItem:
        when = MONDAY + timedelta(days=days)
        return HomeItem(when=when, tone=tone, title=f"{group}{days}", url="/", group=group)

    lines = [
        line(Tone.IN_TIME, HomeGroup.TERMS, 0),
        line(Tone.OVERDUE, HomeGroup.COUNCIL, -9),
        line(Tone.DUE_SOON, HomeGroup.ALERTS, 1),
        line(Tone.OVERDUE, HomeGroup.TERMS, -1),
        line(Tone.DUE_SOON, HomeGroup.TERMS, 1),
        line(Tone.OVERDUE, HomeGroup.TERMS, -2),
    ]
    found = Pending([], sorted(lines, key=_order), [])
    assert [line.title for line in found.rest] == [
        "terms-2",
        "terms-1",
        "council-9",
        "terms1",
        "alerts1",
        "terms0",
    ]
    assert [(tone, len(some)) for tone, some in found.sections] == [
        (Tone.OVERDUE, 3),
        (Tone.DUE_SOON, 2),
        (Tone.IN_TIME, 1),
    ]
