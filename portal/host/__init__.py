"""The plugin host: manifest, hooks, loading, switching, calling and health of the modules.

A module is always loaded and off twice by default: the instance admits it, an agency turns it on.
It is switched by a row, without restart; off means that none of its addresses exists.
"""

from portal.host.calling import (
    case_actions,
    case_objections,
    case_panels,
    council_brief,
    home_items,
    navigation,
)
from portal.host.gate import enter, granted
from portal.host.loading import Host, current, install, load, using
from portal.host.queries import change_number, modules_on, settings_of

__all__ = [
    "Host",
    "case_actions",
    "case_objections",
    "case_panels",
    "change_number",
    "council_brief",
    "current",
    "enter",
    "granted",
    "home_items",
    "install",
    "load",
    "modules_on",
    "navigation",
    "settings_of",
    "using",
]
