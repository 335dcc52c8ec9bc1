"""Rendering: one page function, the menu, and the filters that templates use."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import flask_babel
from flask import Flask, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import clock, host
from portal.actor import Actor
from portal.people.rules import age_text
from portal.texts import _, day_text, inline, moment_text
from portal.web.access import ALL, SIGNED_IN
from portal.web.request import actor, portal, session

STATIC = Path(__file__).parents[1] / "static"


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of the core's menu, shown to whoever may open it."""

    label: Any
    endpoint: str
    permission: str = SIGNED_IN
    section: str = "main"
    weight: int = 100
    count: Callable[[Any, Actor], int] | None = None


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry of the menu as the layout draws it."""

    label: Any
    url: str
    count: int | None
    current: bool


_menu: dict[str, MenuEntry] = {}


def add_to_menu(entry: MenuEntry) -> None:
    """Put an entry into the menu; the same endpoint replaces."""
    _menu[entry.endpoint] = entry


def navigation() -> dict[str, list[ShownEntry]]:
    """Return the menu of the actor by section: main, modules, administration."""
    who = actor()
    if who.user_id is None:
        return {"main": [], "modules": [], "admin": []}
    shown: dict[str, list[ShownEntry]] = {"main": [], "modules": [], "admin": []}
    for entry in sorted(_menu.values(), key=lambda each: each.weight):
        if entry.permission not in (ALL, SIGNED_IN) and not who.may(entry.permission):
            continue
        url = url_for(entry.endpoint)
        count = entry.count(session(), who) if entry.count else None
        shown.setdefault(entry.section, []).append(
            ShownEntry(entry.label, url, count, _is_current(url))
        )
    modules = [
        ShownEntry(each.label, each.url, each.count, _is_current(each.url))
        for each in host.navigation(who)
    ]
    if modules:
        shown["modules"] = modules
    return shown


def _is_current(url: str) -> bool:
    return request.path == url or (len(url) > 1 and request.path.startswith(url))


def page(template: str, **context: Any) -> str:
    """Render a template with the frame that every page has."""
    return render_template(
        template,
        actor=actor(),
        navigation=navigation(),
        notices=g.get("notices", 0),
        at_shared_desk=g.get("on_shared_desk", False),
        staff_minutes=_minutes_left(actor().staff_until),
        is_demo=portal().settings.mode == "demo",
        idle_seconds=60 * g.get("idle_minutes", portal().settings.idle_minutes),
        **context,
    )


def _minutes_left(until: datetime | None) -> int:
    return max(0, -(-int((until - clock.now()).total_seconds()) // 60)) if until else 0


def render_part(template: str, variables: Mapping[str, Any]) -> Markup:
    """Render a module's part of a page, with what its own macros may use."""
    return Markup(render_template(template, actor=actor(), **variables))  # noqa: S704 - a template escapes.


def see_other(url: str) -> Response:
    """Answer a form that was accepted: go and look at the result (303)."""
    return redirect(url, 303)


def new_key() -> str:
    """Return a new mark of a form, by which it is known when it is sent twice."""
    return secrets.token_hex(16)


def day(value: date | datetime | None) -> str:
    """Return a day as `lun 23/11/2026`, in Lima; an empty text for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    return day_text(value)


def moment(value: datetime | None) -> str:
    """Return an instant as `lun 23/11/2026 15:00`, in Lima; an empty text for None."""
    return moment_text(clock.local(value)) if value else ""


def hour(value: datetime | None) -> str:
    """Return the hour of an instant in Lima, as `15:00`."""
    return f"{clock.local(value):%H:%M}" if value else ""


def ago(value: datetime | None) -> str:
    """Return how long ago an instant was, in words; it stands beside the date, never instead."""
    if value is None:
        return ""
    return str(flask_babel.format_timedelta(value - clock.now(), add_direction=True))


def days_left(value: date) -> str:
    """Return how far a day is from today, in words."""
    days = (value - clock.today()).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    if days < 0:
        return _("%(count)s days ago", count=-days)
    return _("in %(count)s days", count=days)


def age(person: Any) -> str:
    """Return a person's age today, in words."""
    return age_text(person, clock.today())


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """Return the address of a static file with its fingerprint, so that it may be kept for ever."""
    return f"/static/{name}?v={_fingerprint(name)}"


def install(app: Flask) -> None:
    """Give templates their filters and functions."""
    for function in (day, moment, hour, ago, days_left, age, inline):
        app.add_template_filter(function)
    app.add_template_global(static_url)
    app.add_template_global(new_key)
    app.add_template_global(clock.today, "today")
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
