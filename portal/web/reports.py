"""What browsers report against the content policy: one line each in the server's log.

A report tells of an injected script, or of an extension in somebody's browser. Whoever reports may
be anybody, so the lines a minute are few, and none says more than the rule of an address: no
query, no identifier, no code of a case (SECURITY 5.5; W3C Reporting API and CSP Level 3, §5).
"""

import logging
import re
import threading
import time
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from flask import current_app
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

log = logging.getLogger(__name__)

MIMETYPE = "application/reports+json"
MOST_BYTES = 32_000
MOST_A_MINUTE = 30
NOT_ORIGIN = re.compile(r"[^a-z0-9.:\[\]-]")


class _Violation(BaseModel):
    """What a browser refused to load or to run."""

    model_config = ConfigDict(populate_by_name=True)

    directive: Annotated[str, Field(alias="effectiveDirective", pattern=r"^[a-z-]{3,40}$")]
    blocked: Annotated[str, Field(alias="blockedURL", max_length=4000)] = ""


class _Report(BaseModel):
    type: Literal["csp-violation"]
    url: Annotated[str, Field(max_length=4000)]
    body: _Violation


_REPORTS = TypeAdapter(Annotated[list[Any], Field(max_length=20)])
_ONE = TypeAdapter(_Report)


class Limit:
    """At most so many in a minute, for one process; what is beyond is let go."""

    def __init__(self, most: int) -> None:
        self.most, self.begun, self.used = most, 0.0, 0
        self.lock = threading.Lock()

    def allows(self, now: float) -> bool:
        """Count one more at a moment (seconds of a steady clock) and tell whether it is let in."""
        with self.lock:
            if now - self.begun >= 60:
                self.begun, self.used = now, 0
            self.used += 1
            return self.used <= self.most


limit = Limit(MOST_A_MINUTE)


def note(content: bytes) -> int:
    """Write what a browser sent into the log; returns how many lines, and passes over the rest."""
    try:
        sent = _REPORTS.validate_json(content)
    except ValidationError:
        return 0
    told = 0
    for each in sent:
        try:
            report = _ONE.validate_python(each)
        except ValidationError:
            continue
        if not limit.allows(time.monotonic()):
            break
        log.warning(
            "content policy: %s kept %s from %s",
            report.body.directive,
            _source(report.body.blocked),
            _rule(report.url),
        )
        told += 1
    return told


def _source(blocked: str) -> str:
    """Return where the refused came from: a word like `inline`, or scheme and host."""
    parts = _split(blocked)
    said = f"{parts[0]}:{parts[1]}" if parts[1] else parts[0] or blocked
    return NOT_ORIGIN.sub("", said.lower())[:100] or "something"


def _rule(url: str) -> str:
    """Return the rule of one of our addresses, which names no record."""
    try:
        path = _split(url)[2] or "no path"
        rule, _values = current_app.url_map.bind("").match(path, return_rule=True)
    except (HTTPException, RequestRedirect):
        return "an unknown page"
    return rule.rule


def _split(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", "", ""
    return parts.scheme, parts.hostname or "", parts.path
