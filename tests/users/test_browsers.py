"""Browsers say of themselves what nobody reads; people read browser and system."""

import pytest
from flask import Flask

from portal.users.browsers import browser_words

KHTML = "(KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            (
                f"Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 {KHTML} Chrome/131.0.0.0 "
                "Mobile Safari/537.36"
            ),
            "Chrome en Android",
        ),
        (
            (
                f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {KHTML} "
                "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"
            ),
            "Edge en Windows",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
                f"{KHTML} Version/17.5 Mobile/15E148 Safari/604.1"
            ),
            "Safari en iPhone",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 13; SM-A137M) AppleWebKit/537.36 "
                f"{KHTML} SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36"
            ),
            "Samsung Internet en Android",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
            "Firefox en Linux",
        ),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_a_browser_is_said_in_words(app: Flask, agent: str, said: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "es"}):
        # The row keeps so much of it.
        assert browser_words(agent[:120]) == said
