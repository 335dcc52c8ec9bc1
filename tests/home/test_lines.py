"""How days become a calendar that programs read (RFC 5545)."""

from datetime import UTC, date, datetime

from flask import Flask

from portal.db import new_id
from portal.home.calendar import as_calendar


def test_lines_are_no_longer_than_programs_read(app: Flask) -> None:
    days = [date(2026, 12, 1), date(2026, 11, 30)]
    with app.test_request_context():
        text = as_calendar(new_id(), days, datetime(2026, 11, 28, 5, tzinfo=UTC))
    lines = text.split("\r\n")
    assert text.count("BEGIN:VEVENT") == 2
    assert "DTSTAMP:20261128T050000Z" in lines
    assert max(len(line.encode()) for line in lines) <= 75
